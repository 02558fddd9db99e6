#include "nmt/training/setup.hpp"

#include "nmt/data/subword_sampling.hpp"
#include "nmt/evaluation/bleu_tokenizer.hpp"
#include "nmt/models/registry.hpp"
#include "nmt/tensor/context.hpp"
#include "nmt/training/start.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace nmt {
namespace {

// Why an option keeps its value while a model is trained; empty: it may change.
std::string_view why_fixed(const OptionChange& change) {
    struct Fixed {
        std::string_view keys; // all that begin so
        std::string_view why;
    };
    constexpr std::array<std::string_view, 3> kFree{"model.dropout", "model.attention-dropout", "model.activation-dropout"};
    constexpr std::array<Fixed, 8> kFixed{{
        {"model.", "the weights were made for it"},
        {"tokenizer.", "the tokenizer is learned once, before the first update"},
        {"training.new-tokenizer", "the tokenizer is learned once, before the first update"},
        {"training.freeze", "of what is frozen there are no moments and no average"},
        {"training.seed", "the first weights and the order of the batches come from it"},
        {"training.max-length", "which pairs an epoch holds, and so the place in it, depend on it"},
        {"training.subword-sampling", "what an epoch's batches hold, and so the place in it, depends on it"},
        {"training.average-", "what is averaged has been kept by it from the start"},
    }};
    if (std::find(kFree.begin(), kFree.end(), change.key) != kFree.end()) return "";
    if (change.key == "training.optimizer" && (change.before == "sgd" || change.after == "sgd"))
        return "adam and adamw keep moments of the gradients, sgd keeps none";
    if (change.key == "training.from") // a folder may have moved
        return change.before.empty() || change.after.empty() ? "the training has begun, with these weights or without" : "";
    for (const Fixed& fixed : kFixed)
        if (change.key.starts_with(fixed.keys)) return fixed.why;
    return "";
}

void check_sides(const std::string& what, const std::string& source, const std::string& target, const std::string& tsv) {
    check(source.empty() == target.empty(), "data.{0}-source and data.{0}-target go together; give both or none", what);
    check(tsv.empty() || source.empty(),
          "data.{0}-tsv holds both sides, so that data.{0}-source and data.{0}-target have no effect; leave one or the others out", what);
}

} // namespace

TrainingSetup TrainingSetup::read(Configuration& configuration) {
    TrainingSetup setup;
    check_setup_keys(configuration);
    setup.model = read_model_options(configuration);
    configuration.read("tokenizer", setup.tokenizer);
    configuration.read("training", setup.training);
    configuration.read("data", setup.data);
    return setup;
}

std::string TrainingSetup::format() const {
    return fmt::format("{}\n{}\n{}\n{}", format_model_options(model), format_section("tokenizer", tokenizer),
                       format_section("training", training), format_section("data", data));
}

void check_setup(const TrainingSetup& setup) {
    const DataOptions& data = setup.data;
    check_sides("train", data.train_source, data.train_target, data.train_tsv);
    check_sides("valid", data.valid_source, data.valid_target, data.valid_tsv);
    check(!data.training_text().empty(), "no training data: set data.train-source and data.train-target, or data.train-tsv");
    const bool validates = !data.validation_texts().empty();
    const TrainingOptions& training = setup.training;
    products_from_name(training.precision); // what the processor cannot compute is said now
    training.optimizer.validate();
    const TrainingOptions defaults;
    check(validates || (training.best_by == defaults.best_by && training.valid_beam == defaults.valid_beam &&
                        training.valid_tokenize == defaults.valid_tokenize),
          "training.best-by, valid-beam and valid-tokenize have no effect without a validation set: set data.valid-source and "
          "data.valid-target, or leave them out");
    BleuTokenizer(training.valid_tokenize); // an unknown one is an error now
    const bool has_limit = ends_by_counts(training) || training.max_minutes > 0;
    const bool ends = has_limit || (training.patience > 0 && validates);
    check(!needs_end(training.optimizer) || has_limit,
          "training.schedule = {} falls to 0 at the training's end, which nothing tells: set training.max-updates, max-epochs or "
          "max-minutes",
          training.optimizer.schedule);
    check(training.subword_sampling > 0 || training.subword_sampling_sides == defaults.subword_sampling_sides,
          "training.subword-sampling-sides = {} has no effect while training.subword-sampling is 0", training.subword_sampling_sides);
    check(!training.new_tokenizer || (!training.from.empty() && data.source_tokenizer.empty()), "training.new-tokenizer has no effect {}",
          training.from.empty() ? "without training.from" : "beside data.source-tokenizer");
    if (learns_tokenizers(setup)) { // the trained ones are looked at when they are there
        if (training.samples_source()) check_can_sample(setup.tokenizer.type, "source");
        if (training.samples_target()) check_can_sample(setup.tokenizer.type, "target");
    }
    check(setup.model.positions == "learned" || setup.model.max_positions == ModelOptions().max_positions,
          "model.max-positions has no effect with {} positions; leave it out, or set model.positions = learned", setup.model.positions);
    check(training.average_checkpoints == 0 || training.optimizer.average_decay == 0,
          "training.average-checkpoints and training.average-decay both average the weights; set one of them to 0");
    check(training.average_checkpoints > 0 || training.average_of == defaults.average_of,
          "training.average-of = {} has no effect while training.average-checkpoints is 0", training.average_of);
    check(training.average_of == "last" || validates,
          "training.average-of = {} needs a validation set: set data.valid-source and data.valid-target, or average the last",
          training.average_of);
    check(ends, "the training would never end: set training.max-epochs, max-updates or max-minutes, or a validation set and patience");
}

void freeze_parts(Model& model, const TrainingSetup& setup) {
    if (find_architecture(setup.model.architecture).estimate == nullptr) model.parameters().freeze(setup.training.freeze);
}

std::vector<OptionChange> setup_changes(const TrainingSetup& before, const TrainingSetup& after) {
    std::vector<OptionChange> changes = model_option_changes(before.model, after.model);
    const auto add = [&](const std::vector<OptionChange>& more) { changes.insert(changes.end(), more.begin(), more.end()); };
    add(option_changes("tokenizer", before.tokenizer, after.tokenizer));
    add(option_changes("training", before.training, after.training));
    add(option_changes("data", before.data, after.data));
    return changes;
}

void check_changes(const std::vector<OptionChange>& changes, const std::filesystem::path& folder) {
    for (const OptionChange& change : changes) {
        const std::string_view why = why_fixed(change);
        check(why.empty(), "a resumed training cannot change {}: {}; leave it as the config.ini of '{}' has it, or train in another folder",
              describe(change), why, folder.string());
    }
}

KnownSection known_model_section(const std::string& name) {
    KnownSection known{name, {}};
    for (const Architecture& architecture : architectures()) {
        ModelOptions options;
        options.architecture = architecture.name;
        for (const std::string& key : known_section(name, describe_model_options(options)).keys)
            if (std::find(known.keys.begin(), known.keys.end(), key) == known.keys.end()) known.keys.push_back(key);
    }
    return known;
}

void check_setup_keys(const Configuration& configuration) {
    check(!configuration.has_section("recipe"), "'{}' is a recipe, which 'nmt run' takes; expected the configuration of one model",
          configuration.name());
    TrainingSetup setup;
    std::vector<KnownSection> known{known_model_section("model"), known_section("tokenizer", table_of(setup.tokenizer)),
                                    known_section("training", table_of(setup.training)), known_section("data", table_of(setup.data))};
    for (const char* const word : {"source", "target", "train", "valid", "tests"})
        known.back().advice.emplace_back(word,
                                         "give train-source, train-target, valid-source and valid-target of [data], each with its files");
    check_known(configuration, known);
}

} // namespace nmt
