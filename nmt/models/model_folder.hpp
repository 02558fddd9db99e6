// A model as a folder on disk: config.ini, model.safetensors, and the tokenizer of each side. What training writes and what
// translation, scoring and inspection read.
#pragma once

#include "nmt/base/safetensors.hpp"
#include "nmt/models/registry.hpp"
#include "tokenizer/tokenizer.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nmt {

// What the file of a model's weights says of them: texts by key, the __metadata__ of safetensors. Some entries are of these very weights
// (architecture, updates, mean_of, quantized). Others last through every copy that is made of a model:
//   source_tokenizer_sha256, target_tokenizer_sha256   of the tokenizers that the weights were trained with
//   source_sentences_99_percent   the most sentences that 99 % of the source lines hold that the weights were trained on
using Metadata = std::map<std::string, std::string>;

// The tokenizers of a model's two sides: tokenizer.model for both, or source.model and target.model.
class TokenizerPair {
  public:
    // Throws Error naming what is missing.
    explicit TokenizerPair(const std::filesystem::path& folder);

    const Tokenizer& source() const { return first_; }
    const Tokenizer& target() const { return second_ ? *second_ : first_; }
    bool shared() const { return second_ == nullptr; }
    Vocabulary vocabulary() const { return {source().vocabulary_size(), target().vocabulary_size(), shared()}; }
    // The entries of metadata that tell these tokenizers from others. Whoever writes weights puts them in.
    const Metadata& record() const { return record_; }

    // The names of its files within a folder.
    static std::filesystem::path joint_file(const std::filesystem::path& folder) { return folder / "tokenizer.model"; }
    static std::filesystem::path source_file(const std::filesystem::path& folder) { return folder / "source.model"; }
    static std::filesystem::path target_file(const std::filesystem::path& folder) { return folder / "target.model"; }
    // The files that a folder's tokenizers are read from: the joint one where it is there, else the source's and the target's.
    static std::vector<std::filesystem::path> files(const std::filesystem::path& folder);

  private:
    Tokenizer first_;
    std::unique_ptr<Tokenizer> second_;
    Metadata record_;
};

// The tokenizers of a folder, checked to be those that its weights were trained with, where it has weights. Throws Error as load_model.
std::unique_ptr<TokenizerPair> tokenizers_of_model(const std::filesystem::path& folder);

// What metadata tell of how many sentences a line holds: 0 if nothing, as those of earlier versions. Several models, that become one or
// translate together, are used to the most that one of them is; 0 if one does not tell. Throws Error for an entry that is no number.
void set_usual_sentences(Metadata& metadata, int sentences);
int usual_sentences(const Metadata& metadata);
int usual_sentences(const std::vector<Metadata>& models);

// Throws Error unless two model folders have the same tokenizers, byte for byte: "'a/target.model' and 'b/target.model' are different
// target tokenizers; " and `advice`.
void check_same_tokenizers(const std::filesystem::path& first, const std::filesystem::path& second, std::string_view advice);

// A model that is ready to translate.
struct LoadedModel {
    ModelOptions options;
    std::unique_ptr<TokenizerPair> tokenizers;
    std::unique_ptr<Model> model;
    Metadata metadata; // of the weights
};

// Throws Error, naming the file, for a folder that is missing, incomplete, truncated or not a model, and where a tokenizer is not the one
// that the weights were trained with; weights that do not tell of theirs, as those of earlier versions, are taken.
// The weights are mapped into memory from their file, and read when they are used.
LoadedModel load_model(Context& context, const std::filesystem::path& folder);

// The same model for computing in another context, which may belong to another thread: one copy of the weights serves both.
std::unique_ptr<Model> share_model(const LoadedModel& loaded, Context& context);

// Writes a model that was made from that of `original`, with its configuration and tokenizers. Its metadata are `own`, and those of
// `loaded` that last and are not in `own`. The weights come last: a folder that holds them is whole. Throws Error if `output` holds a model
// or a part of one, or cannot be written.
void save_model(const LoadedModel& loaded, const std::filesystem::path& original, const std::filesystem::path& output, const Metadata& own);
// Throws Error if there is a model, or a part of one, in the folder.
void check_no_model(const std::filesystem::path& folder);

// The weights alone, under the parameters' names. A quantized weight is an I8 tensor [out,in], with NAME.scale [out] beside it.
void save_weights(Model& model, const std::filesystem::path& file, const Metadata& metadata = {});
// The parameters' values become those of the file, mapped; what is written to them later does not reach the file. Quantized weights
// stay so.
// Throws Error unless the file holds each parameter in its shape and in a type that its layer can read, finite numbers alone, and nothing
// else. Returns the file's metadata.
Metadata load_weights(Model& model, const std::filesystem::path& file);

// The entry under which a tensor is kept in a file, and back: `read_tensor` copies it, and throws Error unless the file holds it in
// its shape.
SafetensorsEntry tensor_entry(const std::string& name, const Tensor& tensor);
void read_tensor(const SafetensorsFile& file, const std::filesystem::path& path, const std::string& name, Tensor& tensor);

} // namespace nmt
