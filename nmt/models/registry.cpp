#include "nmt/models/registry.hpp"

#include "nmt/models/dictionary.hpp"
#include "nmt/models/rnn.hpp"
#include "nmt/models/transformer.hpp"
#include "nmt/models/word_by_word.hpp"

namespace nmt {

void describe_tied_embeddings(ModelOptions& options, OptionTable& table) {
    table.add("tied-embeddings", options.tied_embeddings,
              "what is one matrix: nothing; target embedding and output layer; both and the source embedding", {"none", "decoder", "all"});
}

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
        {"dictionary",
         "each token to its most probable translation (IBM model 1); no network",
         kSourceTokens,
         kDictionaryDecoder,
         {},
         nullptr,
         estimate_dictionary,
         check_dictionary},
        {"word-by-word", "one recurrent stack that writes a target token as soon as it has read a source token", kSourceEmbeddings,
         kWordByWordDecoder},
        {"rnn", "recurrent encoder-decoder; one vector carries the sentence", kRecurrentEncoder, kRecurrentDecoder},
        {"rnn-attention", "recurrent encoder-decoder with attention", kRecurrentEncoder, kAttentionRecurrentDecoder},
        {"transformer", "self-attention in encoder and decoder, no recurrence", kTransformerEncoder, kTransformerDecoder,
         kTransformerPresets, set_transformer_defaults},
        {"transformer-rnn",
         "transformer encoder, recurrent decoder with attention",
         kTransformerEncoder,
         kAttentionRecurrentDecoder,
         {},
         [](ModelOptions& options) { options.encoder_layers = 3; }},
        {"rnn-transformer",
         "recurrent encoder, transformer decoder",
         kRecurrentEncoder,
         kTransformerDecoder,
         {},
         [](ModelOptions& options) { options.decoder_layers = 3; }},
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

namespace {

// Applies a preset. Throws Error if the configuration sets all that it would set.
void apply_preset(const Preset& preset, ModelOptions& options, const Configuration& configuration, const std::string& section) {
    const auto values = [&] {
        std::vector<std::string> all;
        ModelOptions copy = options;
        const OptionTable table = describe_model_options(copy);
        for (const OptionTable::Option& option : table.options()) all.push_back(option_value(option));
        return all;
    };
    const std::vector<std::string> before = values();
    preset.apply(options);
    const std::vector<std::string> after = values();
    const OptionTable table = describe_model_options(options);
    bool changes = false, has_effect = false;
    for (std::size_t i = 0; i < before.size(); ++i) {
        changes = changes || before[i] != after[i];
        has_effect = has_effect || (before[i] != after[i] && !configuration.has(section + "." + table.options()[i].name));
    }
    check(has_effect || !changes, "'{}': {}.preset = {} has no effect beside keys for all that it sets; leave out the one or the others",
          configuration.name(), section, preset.name);
}

} // namespace

ModelOptions default_model_options(const std::string& architecture) {
    ModelOptions options;
    options.architecture = architecture;
    if (const auto set_defaults = find_architecture(architecture).set_defaults) set_defaults(options);
    return options;
}

namespace {

// What a section says, over what `options` say already.
ModelOptions read_over(ModelOptions options, Configuration& configuration, const std::string& section) {
    for (const Preset& preset : find_architecture(options.architecture).presets)
        if (preset.name == configuration.get(section + ".preset", options.preset)) apply_preset(preset, options, configuration, section);
    configuration.read(section, describe_model_options(options));
    return options;
}

} // namespace

ModelOptions read_model_options(Configuration& configuration, const std::string& section) {
    return read_over(default_model_options(configuration.get(section + ".architecture", ModelOptions().architecture)), configuration,
                     section);
}

ModelOptions read_model_options(Configuration& configuration, const std::string& section, const ModelOptions& start,
                                const std::string& name) {
    const std::string architecture = configuration.get(section + ".architecture", start.architecture);
    ModelOptions options = start;
    if (architecture == start.architecture) options = read_over(start, configuration, section);
    else options.architecture = architecture; // whose keys are others
    check_fits(options, start, name);
    return options;
}

std::vector<OptionChange> model_option_changes(ModelOptions before, ModelOptions after) {
    before.preset = after.preset = "none";
    return option_changes("model", describe_model_options(before), describe_model_options(after));
}

std::vector<OptionChange> weight_option_changes(ModelOptions before, const ModelOptions& after) {
    before.dropout = after.dropout;
    before.attention_dropout = after.attention_dropout;
    before.activation_dropout = after.activation_dropout;
    return model_option_changes(std::move(before), after);
}

void check_fits(const ModelOptions& options, const ModelOptions& start, const std::string& name) {
    check(options.architecture == start.architecture,
          "model.architecture = {} does not fit '{}', with whose weights the model begins and which is of architecture {}",
          options.architecture, name, start.architecture);
    for (const OptionChange& change : weight_option_changes(start, options))
        fail("{} = {} does not fit '{}', with whose weights the model begins and which has {}; leave the key out", change.key, change.after,
             name, change.before);
}

std::string format_model_options(const ModelOptions& options, const std::string& section) {
    ModelOptions copy = options;
    copy.preset = "none"; // its sizes stand there one by one
    return format_section(section, describe_model_options(copy));
}

std::unique_ptr<Model> make_model(Context& context, const ModelOptions& options, const Vocabulary& vocabulary,
                                  std::optional<std::uint64_t> seed) {
    const Architecture& architecture = find_architecture(options.architecture);
    auto model = std::make_unique<Model>(architecture.name, vocabulary, std::make_unique<ParameterStore>(context, seed));
    ModelBuilder builder{model->parameters(), options, vocabulary};
    model->set_encoder(architecture.encoder.make(builder));
    model->set_decoder(architecture.decoder.make(builder, model->encoder()));
    return model;
}

} // namespace nmt
