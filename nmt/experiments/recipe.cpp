#include "nmt/experiments/recipe.hpp"

#include "nmt/base/input_file.hpp"
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

Recipe Recipe::parse(const std::string& text, const std::string& name, const std::filesystem::path& folder) {
    check_text(text, name);
    Configuration configuration = Configuration::parse(text, name);
    Recipe recipe;
    recipe.folder = folder;
    recipe.text = text;
    std::vector<std::string> seeds{"1"};
    OptionTable general, evaluation;
    general.add("name", recipe.name, "short name");
    general.add("title", recipe.title, "what the comparison is about");
    general.add("seeds", seeds, "seeds that each model is trained with");
    configuration.read("recipe", general);
    configuration.read("data", recipe.data);
    configuration.read("tokenizer", recipe.tokenizer);
    configuration.read("search", recipe.translation);
    evaluation.add("tokenize", recipe.tokenize, "words of BLEU, in tests and validation; none: what stands between spaces",
                   bleu_tokenizer_names());
    configuration.read("evaluation", evaluation);
    configuration.read("budget", recipe.budget);
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
        model.model = read_model_options(configuration, section);
        model.training.valid_tokenize = recipe.tokenize;
        configuration.read("training", model.training);
        configuration.read(kTrainingPrefix + model.name, model.training);
        for (const std::string& place : {std::string("training"), kTrainingPrefix + model.name})
            check(!configuration.has(place + ".seed"), "'{}': {}.seed has no effect; give recipe.seeds", name, place);
        if (recipe.budget.minutes > 0) apply_minutes(recipe.budget.minutes, model, configuration);
        recipe.models.push_back(std::move(model));
    }
    check(!recipe.models.empty(), "'{}' has no [model.NAME] section", name);
    check_names(recipe, name);
    configuration.check_sections({"recipe", "data", "tokenizer", "search", "evaluation", "budget", "examples", "training"},
                                 {kModelPrefix, kTrainingPrefix});
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

} // namespace nmt
