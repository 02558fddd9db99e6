// The table of architectures. To add one: write its file, and a line in registry.cpp.
#pragma once

#include "nmt/base/option_changes.hpp"
#include "nmt/data/corpus.hpp"
#include "nmt/layers/dense.hpp"
#include "nmt/models/model.hpp"
#include "nmt/models/model_options.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nmt {

// What an encoder or a decoder is made from.
struct ModelBuilder {
    ParameterStore& parameters;
    const ModelOptions& options;
    const Vocabulary& vocabulary;
    Embedding* source_embedding = nullptr; // set by encoders that have one, for decoders that share it
};

// The decoder's embedding and output layer, tied as options.tied_embeddings says: the embedding may be the source's, the output's
// weight may be the embedding. Parameters decoder.embedding.weight, decoder.output.{weight,bias}.
void describe_tied_embeddings(ModelOptions& options, OptionTable& table);
Embedding make_target_embedding(ModelBuilder& builder, std::int64_t width);
OutputLayer make_output_layer(ModelBuilder& builder, Embedding& embedding);

struct EncoderKind {
    void (*describe)(ModelOptions&, OptionTable&); // lists the options it reads
    std::unique_ptr<Encoder> (*make)(ModelBuilder&);
};

struct DecoderKind {
    void (*describe)(ModelOptions&, OptionTable&);
    std::unique_ptr<Decoder> (*make)(ModelBuilder&, const Encoder&);
};

// Sizes by one name; single options override them.
struct Preset {
    std::string_view name;
    void (*apply)(ModelOptions&);
};

struct Architecture {
    std::string name;
    std::string summary;
    EncoderKind encoder;
    DecoderKind decoder;
    std::span<const Preset> presets = {};
    void (*set_defaults)(ModelOptions&) = nullptr; // where they differ from those of ModelOptions
    // Sets the parameters from a corpus in one go; null for architectures that are trained by gradient.
    void (*estimate)(Model&, const ParallelCorpus&) = nullptr;
    // Throws Error for parameters, read from a file, with values that the model cannot compute with; null where all numbers will do.
    void (*check_parameters)(Model&) = nullptr;
};

const std::vector<Architecture>& architectures();

// Throws Error naming the nearest known name.
const Architecture& find_architecture(const std::string& name);

// What holds where a configuration says nothing. Throws Error as find_architecture does.
ModelOptions default_model_options(const std::string& architecture);

// Reads section [model] of a configuration: its key `architecture` decides which other keys are known, `preset` their defaults.
ModelOptions read_model_options(Configuration& configuration, const std::string& section = "model");
// The same of a model that begins as another: what the section does not say is as in `start`. Throws Error, naming both values, for what
// cannot differ, which is all but the probabilities of dropout; `name` stands for the start in messages.
ModelOptions read_model_options(Configuration& configuration, const std::string& section, const ModelOptions& start,
                                const std::string& name);
// How the options of two models differ, but for the preset: its sizes stand there one by one.
std::vector<OptionChange> model_option_changes(ModelOptions before, ModelOptions after);
// Of those the ones that weights depend on: all but the probabilities of dropout, which are of training alone.
std::vector<OptionChange> weight_option_changes(ModelOptions before, const ModelOptions& after);
// Throws Error, as above, unless weights of a model with the options `start` can be those of one with `options`.
void check_fits(const ModelOptions& options, const ModelOptions& start, const std::string& name);
// The section as read_model_options reads it, every option in full.
std::string format_model_options(const ModelOptions& options, const std::string& section = "model");
// The options that an architecture knows, for --help and for formatting.
OptionTable describe_model_options(ModelOptions& options);

// A model with freshly drawn parameters; without a seed they are not set, and all must be loaded or shared.
std::unique_ptr<Model> make_model(Context& context, const ModelOptions& options, const Vocabulary& vocabulary,
                                  std::optional<std::uint64_t> seed);

} // namespace nmt
