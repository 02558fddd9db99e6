#include "nmt/models/registry.hpp"

#include "nmt/models/dictionary.hpp"
#include "nmt/models/rnn.hpp"
#include "nmt/models/transformer.hpp"
#include "nmt/models/word_by_word.hpp"

namespace nmt {

Embedding make_target_embedding(ModelBuilder& builder, std::int64_t width) {
    if (builder.options.tied_embeddings != "all") return {builder.parameters, "decoder.embedding", builder.vocabulary.target, width};
    check(builder.vocabulary.shared && builder.source_embedding != nullptr,
          "tied-embeddings = all needs one vocabulary for both sides; set tokenizer.joint = true, or tied-embeddings = decoder");
    check(builder.source_embedding->width() == width,
          "tied-embeddings = all needs embeddings of one width, found {} for the source and {} for the target; make them equal, or set "
          "tied-embeddings = decoder",
          builder.source_embedding->width(), width);
    return Embedding(builder.source_embedding->table());
}

OutputLayer make_output_layer(ModelBuilder& builder, Embedding& embedding) {
    if (builder.options.tied_embeddings == "none")
        return {builder.parameters, "decoder.output", builder.vocabulary.target, embedding.width()};
    return {builder.parameters, "decoder.output", embedding.table()};
}

const std::vector<Architecture>& architectures() {
    static const std::vector<Architecture> table = {
        {"dictionary", "each token to its most probable translation (IBM model 1); no network", kSourceTokens, kDictionaryDecoder, {},
         estimate_dictionary},
        {"word-by-word", "one recurrent stack that writes a target token as soon as it has read a source token", kSourceEmbeddings,
         kWordByWordDecoder},
        {"rnn", "recurrent encoder-decoder; one vector carries the sentence", kRecurrentEncoder, kRecurrentDecoder},
        {"rnn-attention", "recurrent encoder-decoder with attention", kRecurrentEncoder, kAttentionRecurrentDecoder},
        {"transformer", "self-attention in encoder and decoder, no recurrence", kTransformerEncoder, kTransformerDecoder,
         kTransformerPresets},
        {"transformer-rnn", "transformer encoder, recurrent decoder with attention", kTransformerEncoder, kAttentionRecurrentDecoder},
        {"rnn-transformer", "recurrent encoder, transformer decoder", kRecurrentEncoder, kTransformerDecoder},
    };
    return table;
}

const Architecture& find_architecture(const std::string& name) {
    std::vector<std::string> known;
    for (const Architecture& architecture : architectures()) {
        if (architecture.name == name) return architecture;
        known.push_back(architecture.name);
    }
    fail("unknown architecture '{}'; expected one of {}{}", name, fmt::join(known, ", "), did_you_mean(name, known));
}

OptionTable describe_model_options(ModelOptions& options) {
    OptionTable table;
    table.add("architecture", options.architecture, "what to build");
    const Architecture& architecture = find_architecture(options.architecture);
    std::vector<std::string> presets{"none"};
    for (const Preset& preset : architecture.presets) presets.emplace_back(preset.name);
    if (presets.size() > 1) table.add("preset", options.preset, "sizes by name; options of their own override them", presets);
    architecture.encoder.describe(options, table);
    architecture.decoder.describe(options, table);
    return table;
}

ModelOptions read_model_options(Configuration& configuration, const std::string& section) {
    ModelOptions options;
    options.architecture = configuration.get(section + ".architecture", options.architecture);
    for (const Preset& preset : find_architecture(options.architecture).presets)
        if (preset.name == configuration.get(section + ".preset", options.preset)) preset.apply(options);
    configuration.read(section, describe_model_options(options));
    return options;
}

std::string format_model_options(const ModelOptions& options, const std::string& section) {
    ModelOptions copy = options;
    return format_section(section, describe_model_options(copy));
}

std::unique_ptr<Model> make_model(Context& context, const ModelOptions& options, const Vocabulary& vocabulary, std::uint64_t seed) {
    const Architecture& architecture = find_architecture(options.architecture);
    auto model = std::make_unique<Model>(architecture.name, vocabulary, std::make_unique<ParameterStore>(context, seed));
    ModelBuilder builder{model->parameters(), options, vocabulary};
    model->set_encoder(architecture.encoder.make(builder));
    model->set_decoder(architecture.decoder.make(builder, model->encoder()));
    return model;
}

} // namespace nmt
