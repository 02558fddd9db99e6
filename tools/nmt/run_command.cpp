// nmt run.
#include "nmt/base/signals.hpp"
#include "nmt/experiments/run.hpp"
#include "tools/nmt/command.hpp"
#include "tools/nmt/commands.hpp"

#include <filesystem>

namespace nmt {
namespace fs = std::filesystem;

int run_command(const std::vector<std::string>& arguments) {
    std::string recipe = "quickstart", data, work;
    int threads = 0;
    CommandOptions options(
        {"nmt run", "[RECIPE] [--data DIR] [--work DIR]",
         "Runs a recipe: prepares its data and tokenizer, trains each of its models, translates its test sets, and prints one table,\n"
         "which is also in DIR/results.md and DIR/results.json, and says how sure the differences are. DIR/report.html is a page that\n"
         "compares the models in charts and their translations side by side. A section [budget] of the recipe makes its models equally\n"
         "large (parameters = N) or trains them equally long (minutes = M). What is done already is not done again: interrupt it\n"
         "anywhere, and call it again to go on. RECIPE is an INI file or a folder that holds recipe.ini; 'quickstart' is built in.",
         "  nmt run\n"
         "  nmt run recipes/multi30k --data multi30k --work runs/multi30k"});
    options.add("recipe", "RECIPE", recipe, "recipe to run").positional();
    options.add("data", "DIR", data, "folder with the recipe's text; without it the recipe downloads or makes its text");
    options.add("work", "DIR", work, "folder to work in; if not given, runs/ and the recipe's name");
    options.add("threads,t", "N", threads, "threads; 0: all cores", 0, 4096);
    if (!options.parse(arguments)) return 0;
    const auto load = [&] {
        const fs::path file = fs::is_directory(recipe) ? fs::path(recipe) / "recipe.ini" : fs::path(recipe);
        return recipe == "quickstart" && !fs::is_regular_file(file) ? Recipe::quickstart() : Recipe::load(file);
    };
    const Recipe loaded = load();
    catch_stop_signals();
    try {
        print(run_recipe(loaded, {data, work.empty() ? fs::path("runs") / loaded.name : fs::path(work), threads}));
    } catch (const Interrupted& stop) {
        throw Interrupted(stop.signal(), fmt::format("{}; the same command goes on from there", stop.what()));
    }
    return 0;
}

} // namespace nmt
