// nmt run.
#include "nmt/base/error.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/signals.hpp"
#include "nmt/base/terminal.hpp"
#include "nmt/experiments/recipe_finder.hpp"
#include "nmt/experiments/run.hpp"
#include "tools/nmt/command.hpp"
#include "tools/nmt/commands.hpp"

#include <filesystem>

namespace nmt {
namespace fs = std::filesystem;
namespace {

std::vector<fs::path> folders_of_recipes() {
    std::error_code error; // of a program without a name on disk there are none
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    return error ? std::vector<fs::path>() : recipe_folders(program.parent_path());
}

std::string recipe_list() {
    std::string text;
    for (const NamedRecipe& recipe : list_recipes(folders_of_recipes()))
        text += fmt::format("{}\n  {}\n  {}\n", recipe.name, one_line(recipe.title),
                            recipe.file.empty() ? "built into the program" : one_line(recipe.file.string()));
    return text + "'nmt run NAME' runs one; copy its file to change it.";
}

// A terminal of few columns shows the first table alone.
void print_results(const std::string& text) {
    const std::size_t table = text.find("\n|");
    print_report(has_few_columns() && table != std::string::npos ? text.substr(0, text.find("\n\n", table)) : text);
}

} // namespace

int run_command(const std::vector<std::string>& arguments) {
    std::string recipe = "quickstart", data, work;
    int threads = 0;
    bool keys = false, list = false;
    CommandOptions options(
        {"nmt run", "[[--recipe] RECIPE] [--data DIR] [--work DIR]",
         "Runs a recipe: prepares its data and tokenizer, trains each of its models, translates its test sets, and prints one table, "
         "which is also in DIR/results.md and DIR/results.json, and says how sure the differences are. DIR/report.html is a page that "
         "compares the models in charts and their translations side by side. A section [budget] of the recipe makes its models equally "
         "large (parameters = N) or trains them equally long (minutes = M). What is done already is not done again: interrupt it "
         "anywhere, and call it again to go on. RECIPE is an INI file, a folder that holds recipe.ini, or a name that --list "
         "prints; 'quickstart' is built in.",
         "  nmt run\n"
         "  nmt run multi30k\n"
         "  nmt run recipes/multi30k --data multi30k --work runs/multi30k"});
    options.add("recipe", "RECIPE", recipe, "recipe to run").positional();
    options.add("data", "DIR", data, "folder with the recipe's text; without it the recipe downloads or makes its text");
    options.add("work", "DIR", work, "folder to work in; if not given, runs/ and the recipe's name");
    options.add("threads,t", "N", threads, "threads; 0: all cores", 0, 4096);
    options.add("list", "", list, "print the recipes that are there by name, and stop");
    options.add("keys", "", keys, "print all keys of a recipe with their defaults, and stop");
    options.add_line_limit();
    if (!options.parse(arguments)) return 0;
    if (keys || list) {
        for (const std::string other : {"recipe", "data", "work", "threads"})
            if (options.given(other))
                options.fail_usage(fmt::format("--{} has no effect with --{}; leave it out", other, keys ? "keys" : "list"));
        if (keys && list) options.fail_usage("--keys and --list print different things; give one");
        if (keys) print_keys(explain_recipe_keys());
        else print(fit_text(recipe_list(), text_columns()));
        return 0;
    }
    const Recipe loaded = find_recipe(recipe, folders_of_recipes());
    catch_stop_signals();
    try {
        const fs::path folder = work.empty() ? fs::path("runs") / loaded.name : fs::path(work);
        const RecipeResults results = run_recipe(loaded, {data, folder, threads});
        print_results(results.text);
        log_info(
            "these tables: {}; charts and translations side by side: {}; translate with the best model: 'nmt translate --model {} FILE'",
            (folder / "results.md").string(), (folder / "report.html").string(), results.best_model.string());
    } catch (const Interrupted& stop) {
        throw Interrupted(stop.signal(), fmt::format("{}; the same command goes on from there", stop.what()));
    }
    return 0;
}

} // namespace nmt
