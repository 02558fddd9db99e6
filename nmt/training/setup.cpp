#include "nmt/training/setup.hpp"

#include "nmt/data/subword_sampling.hpp"
#include "nmt/evaluation/bleu_tokenizer.hpp"
#include "nmt/models/registry.hpp"
#include "nmt/tensor/context.hpp"
#include "nmt/training/start.hpp"

#include <algorithm>
#include <sstream>

namespace nmt {
namespace {

// The first line of `text` that differs from the line of the same number of `other`.
std::string first_difference(const std::string& text, const std::string& other) {
    std::istringstream lines(text), others(other);
    for (std::string line, another; std::getline(lines, line);)
        if (!std::getline(others, another) || line != another) return line;
    return "";
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
    check(!data.train_source.empty() && !data.train_target.empty(), "no training data: set data.train-source and data.train-target");
    check(data.valid_source.empty() == data.valid_target.empty(), "data.valid-source and data.valid-target go together; give both or none");
    const TrainingOptions& training = setup.training;
    products_from_name(training.precision); // what the processor cannot compute is said now
    training.optimizer.validate();
    const TrainingOptions defaults;
    check(!data.valid_source.empty() || (training.best_by == defaults.best_by && training.valid_beam == defaults.valid_beam &&
                                         training.valid_tokenize == defaults.valid_tokenize),
          "training.best-by, valid-beam and valid-tokenize have no effect without a validation set: set data.valid-source and "
          "data.valid-target, or leave them out");
    BleuTokenizer(training.valid_tokenize); // an unknown one is an error now
    const bool has_limit = ends_by_counts(training) || training.max_minutes > 0;
    const bool ends = has_limit || (training.patience > 0 && !data.valid_source.empty());
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
    check(training.average_of == "last" || !data.valid_source.empty(),
          "training.average-of = {} needs a validation set: set data.valid-source and data.valid-target, or average the last",
          training.average_of);
    check(ends, "the training would never end: set training.max-epochs, max-updates or max-minutes, or a validation set and patience");
}

void freeze_parts(Model& model, const TrainingSetup& setup) {
    if (find_architecture(setup.model.architecture).estimate == nullptr) model.parameters().freeze(setup.training.freeze);
}

void check_same_setup(const TrainingSetup& setup, const std::filesystem::path& folder) {
    Configuration saved_configuration = Configuration::load(folder / "config.ini");
    TrainingSetup saved = TrainingSetup::read(saved_configuration);
    TrainingOptions& training = saved.training;
    const bool fixed_end = needs_end(training.optimizer), fixed_minutes = fixed_end && !ends_by_counts(training);
    if (!fixed_end) {
        training.max_epochs = setup.training.max_epochs;
        training.max_updates = setup.training.max_updates;
    }
    if (!fixed_minutes) training.max_minutes = setup.training.max_minutes;
    training.patience = setup.training.patience;
    training.keep_checkpoints = setup.training.keep_checkpoints;
    training.log_every = setup.training.log_every;
    if (!training.from.empty() && !setup.training.from.empty()) training.from = setup.training.from; // wherever it lies by now
    check(saved.format() == setup.format(),
          "'{}' was trained with another configuration: '{}' became '{}'; use its own config.ini, or "
          "another folder (a resumed training may change {}patience, keep-checkpoints and log-every)",
          folder.string(), first_difference(saved.format(), setup.format()), first_difference(setup.format(), saved.format()),
          fixed_minutes ? ""
          : fixed_end   ? "max-minutes, "
                        : "max-*, ");
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
