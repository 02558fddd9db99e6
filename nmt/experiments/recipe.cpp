#include "nmt/experiments/recipe.hpp"

#include "nmt/base/input_file.hpp"
#include "nmt/base/known_keys.hpp"
#include "nmt/evaluation/bleu.hpp"
#include "nmt/experiments/recipe_checks.hpp"
#include "nmt/models/registry.hpp"

#include <algorithm>
#include <charconv>

namespace nmt {
namespace {

const std::string kModelPrefix = "model.", kTrainingPrefix = "training.";

std::vector<std::uint64_t> parse_seeds(const std::vector<std::string>& words, const std::string& where) {
    std::vector<std::uint64_t> seeds;
    for (const std::string& word : words) {
        std::uint64_t seed = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), seed);
        check(error == std::errc() && end == word.data() + word.size(), "{}: seeds: expected whole numbers, found '{}'", where, word);
        check(std::find(seeds.begin(), seeds.end(), seed) == seeds.end(), "{}: seeds: {} is given twice", where, seed);
        seeds.push_back(seed);
    }
    check(!seeds.empty(), "{}: seeds: expected at least one", where);
    return seeds;
}

void check_search(const SearchOptions& search, const std::string& name) {
    check(search.n_best == 1, "'{}': search.n-best = {}: a recipe compares single translations", name, search.n_best);
    try {
        search.validate();
    } catch (const Error& error) {
        fail("'{}': [search]: {}", name, error.what());
    }
}

// The options of the model that another one begins with: of one of the recipe, or of a folder.
ModelOptions start_options(const Recipe& recipe, const std::string& from, const std::string& section, Configuration& configuration) {
    if (const RecipeModel* const other = recipe.find_model(from)) {
        check(find_architecture(other->model.architecture).estimate == nullptr,
              "'{}': [{}] begins with '{}', but a {} is estimated in one go and has no weights to begin with", configuration.name(),
              section, from, other->model.architecture);
        return other->model;
    }
    check(!configuration.has_section(kModelPrefix + from),
          "'{}': [{}] begins with '{}', which must stand before it: models are trained in order", configuration.name(), section, from);
    const std::filesystem::path file = recipe.folder / from / "config.ini";
    check(std::filesystem::exists(file),
          "'{}': [{}] begins with '{}', which is neither a model of the recipe nor a model's folder: there is no '{}'",
          configuration.name(), section, from, file.string());
    check(recipe.budget.parameters == 0, "'{}': [{}] begins with the weights in '{}', which budget.parameters cannot scale; take one out",
          configuration.name(), section, from);
    Configuration saved = Configuration::load(file);
    return read_model_options(saved);
}

ModelOptions read_model(const Recipe& recipe, const std::string& from, const std::string& section, Configuration& configuration) {
    if (from.empty()) return read_model_options(configuration, section);
    const ModelOptions start = start_options(recipe, from, section, configuration);
    try {
        return read_model_options(configuration, section, start, from);
    } catch (const Error& error) {
        fail("'{}': [{}]: {}", configuration.name(), section, error.what());
    }
}

// Training ends with the budget's minutes and by nothing else.
void apply_minutes(double minutes, RecipeModel& model, Configuration& configuration) {
    for (const std::string& place : {std::string("training"), kTrainingPrefix + model.name})
        for (const char* const end : {"max-epochs", "max-updates", "max-minutes", "patience"})
            if (const std::string key = fmt::format("{}.{}", place, end); configuration.get(key, "0") != "0")
                fail("'{}': {} has no effect beside budget.minutes, which alone ends each training; take one of them out",
                     configuration.name(), key);
    model.training.max_minutes = minutes;
    model.training.patience = 0;
}

// The sections that do not belong to one model, each with its options where they are read to.
struct Section {
    std::string name;
    OptionTable table;
};

std::vector<Section> common_sections(Recipe& recipe, std::vector<std::string>& seeds) {
    OptionTable general, evaluation;
    general.add("name", recipe.name, "short name, also that of the folder under runs/ to work in");
    general.add("title", recipe.title, "what the comparison is about");
    general.add("seeds", seeds, "seeds that each model is trained with");
    evaluation.add("tokenize", recipe.tokenize, "words of BLEU, in tests and validation; none: what stands between spaces");
    return {{"recipe", general},
            {"data", table_of(recipe.data)},
            {"tokenizer", table_of(recipe.tokenizer)},
            {"search", table_of(recipe.translation)},
            {"evaluation", evaluation},
            {"budget", table_of(recipe.budget)}};
}

std::vector<KnownSection> known_sections(const std::vector<Section>& common) {
    std::vector<KnownSection> known;
    for (const Section& section : common) known.push_back(known_section(section.name, section.table));
    TrainingOptions training;
    for (const std::string name : {"training", "training.NAME"}) known.push_back(known_section(name, table_of(training)));
    known.push_back(known_model_section("model.NAME"));
    known.push_back({"examples", {}});
    const auto advise = [&](std::initializer_list<const char*> words, const std::string& advice) {
        for (const char* const word : words) known.front().advice.emplace_back(word, advice);
    };
    advise(
        {"train-source", "train-target", "valid-source", "valid-target"},
        "a recipe says train and valid in [data], names without the language, and source and target, the languages: train.en and train.de");
    advise({"test", "test-source", "test-target"}, "give tests of [data]: names without the language");
    advise({"languages", "language", "source-language", "target-language"}, "give source and target of [data], such as en and de");
    advise({"source-tokenizer", "target-tokenizer"}, "a recipe trains its own tokenizers, as [tokenizer] says");
    return known;
}

// What [training.NAME] says must be for a model.
void check_training_sections(const Recipe& recipe, const Configuration& configuration) {
    std::vector<std::string> known;
    for (const RecipeModel& model : recipe.models) known.push_back(kTrainingPrefix + model.name);
    for (const std::string& section : configuration.sections()) {
        if (!section.starts_with(kTrainingPrefix) || std::find(known.begin(), known.end(), section) != known.end()) continue;
        fail("'{}': [{}] belongs to no model{}; the recipe has no [{}{}]", configuration.name(), section, did_you_mean(section, known),
             kModelPrefix, section.substr(kTrainingPrefix.size()));
    }
}

// An unknown one, or one whose dictionary or model is missing, is an error before the work.
void check_tokenizer(const std::string& tokenizer, const std::string& name) {
    try {
        const BleuTokenizer loaded(tokenizer);
    } catch (const Error& error) {
        fail("'{}': evaluation.tokenize: {}", name, error.what());
    }
}

} // namespace

void RecipeData::describe(OptionTable& table) {
    table.add("generator", generator, "text made by the program itself instead of files", {"", "phrasebook"});
    table.add("source", source, "source language");
    table.add("target", target, "target language");
    table.add("train", train, "name of the training files, without the language");
    table.add("valid", valid, "name of the validation files");
    table.add("tests", tests, "names of the test sets");
    table.add("suffix", suffix, "what follows the language in a file's name: .gz, .zst, .xz, .bz2 or nothing");
    table.add("url", url, "folder to download from, https://...");
    table.add("checksums", checksums, "file of SHA-256 sums beside the recipe");
    table.add("lines", lines, "training pairs to generate; 0: the generator's default", 0, 200'000);
}

const RecipeModel* Recipe::find_model(const std::string& name_of_model) const {
    const auto found = std::find_if(models.begin(), models.end(), [&](const RecipeModel& model) { return model.name == name_of_model; });
    return found == models.end() ? nullptr : &*found;
}

Recipe Recipe::parse(const std::string& text, const std::string& name, const std::filesystem::path& folder) {
    check_text(text, name);
    Configuration configuration = Configuration::parse(text, name);
    Recipe recipe;
    recipe.folder = folder;
    recipe.text = text;
    std::vector<std::string> seeds{"1"};
    const std::vector<Section> sections = common_sections(recipe, seeds);
    check(configuration.has_section("recipe") || !configuration.has_section("model"),
          "'{}' is the configuration of one model, no recipe; 'nmt train --config {}' trains it", name, name);
    check_known(configuration, known_sections(sections));
    for (const Section& section : sections) configuration.read(section.name, section.table);
    check_tokenizer(recipe.tokenize, name);
    for (const std::string& key : configuration.has_section("examples") ? configuration.keys("examples") : std::vector<std::string>())
        recipe.examples.push_back(configuration.get("examples." + key));
    recipe.seeds = parse_seeds(seeds, name);
    check(!recipe.name.empty(), "'{}' has no recipe.name", name);
    check_data(recipe.data, name);
    check_search(recipe.translation.search, name);

    for (const std::string& section : configuration.sections()) {
        if (!section.starts_with(kModelPrefix)) continue;
        RecipeModel model;
        model.name = section.substr(kModelPrefix.size());
        model.training.valid_tokenize = recipe.tokenize;
        configuration.read("training", model.training);
        configuration.read(kTrainingPrefix + model.name, model.training);
        model.model = read_model(recipe, model.training.from, section, configuration);
        for (const std::string& place : {std::string("training"), kTrainingPrefix + model.name})
            check(!configuration.has(place + ".seed"), "'{}': {}.seed has no effect; give recipe.seeds", name, place);
        if (recipe.budget.minutes > 0) apply_minutes(recipe.budget.minutes, model, configuration);
        recipe.models.push_back(std::move(model));
    }
    check(!recipe.models.empty(), "'{}' has no [model.NAME] section", name);
    check_names(recipe, name);
    check_training_sections(recipe, configuration);
    check(recipe.budget.parameters == 0 ||
              std::any_of(recipe.models.begin(), recipe.models.end(), [](const RecipeModel& m) { return has_widths(m.model); }),
          "'{}': budget.parameters has no effect: none of the models has widths to scale", name);
    configuration.check_all_used();
    return recipe;
}

Recipe Recipe::load(const std::filesystem::path& file) {
    return parse(read_file(file), file.string(), file.has_parent_path() ? file.parent_path() : std::filesystem::path("."));
}

Recipe Recipe::quickstart() {
    static const unsigned char bytes[] = {
#include "quickstart_recipe.inc"
    };
    return parse(reinterpret_cast<const char*>(bytes), "quickstart", ".");
}

std::string explain_recipe_keys() {
    Recipe recipe;
    std::vector<std::string> seeds{"1"};
    ModelOptions model = default_model_options(ModelOptions().architecture);
    TrainingOptions training;
    std::string text =
        fmt::format("# Keys of a recipe, with their defaults. [model.NAME] and [training.NAME] stand once for each model; the latter\n"
                    "# holds over [training]. Here [model.NAME] lists the keys of {}; those of another one:\n"
                    "# nmt train --keys --set model.architecture=ARCHITECTURE\n",
                    model.architecture);
    for (const Section& section : common_sections(recipe, seeds)) text += explain_section(section.name, section.table);
    text += explain_section("training", table_of(training));
    text += explain_section("model.NAME", describe_model_options(model));
    text += "\n[training.NAME]\n# as [training], for one model\n";
    return text + "\n[examples]\n# Sentences that the report shows with each model's translation; any keys.\n1 = A sentence.\n";
}

} // namespace nmt
