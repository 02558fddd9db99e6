#include "nmt/experiments/recipe_finder.hpp"

#include "nmt/base/log.hpp"

#include <algorithm>

namespace nmt {
namespace fs = std::filesystem;
namespace {

constexpr const char* kMainFile = "recipe.ini";
constexpr const char* kBuiltIn = "quickstart";

// In the order of their names, whatever the file system's is.
std::vector<fs::path> entries_of(const fs::path& folder) {
    std::error_code error; // a folder that cannot be read holds nothing
    std::vector<fs::path> entries;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) entries.push_back(entry->path());
    std::sort(entries.begin(), entries.end());
    return entries;
}

bool is_recipe(const fs::path& file) {
    try {
        return Configuration::load(file).has_section("recipe");
    } catch (const Error&) {
        return file.filename() == kMainFile; // which is broken
    }
}

std::string title_of(const fs::path& file) {
    try {
        return Recipe::load(file).title;
    } catch (const Error& error) {
        return error.what();
    }
}

// Those of one folder: its subfolders' INI files.
std::vector<NamedRecipe> recipes_in(const fs::path& folder) {
    std::vector<NamedRecipe> recipes;
    for (const fs::path& subfolder : entries_of(folder))
        for (const fs::path& file : entries_of(subfolder)) {
            if (file.extension() != ".ini" || !is_recipe(file)) continue;
            const std::string name = subfolder.filename().string();
            recipes.push_back({file.filename() == kMainFile ? name : name + "/" + file.stem().string(), file, ""});
        }
    return recipes;
}

// Titles are not read yet.
std::vector<NamedRecipe> named_recipes(const std::vector<fs::path>& folders) {
    std::vector<NamedRecipe> recipes{{kBuiltIn, {}, ""}};
    for (const fs::path& folder : folders)
        for (NamedRecipe& recipe : recipes_in(folder)) {
            const auto same = [&](const NamedRecipe& other) { return other.name == recipe.name; };
            if (std::none_of(recipes.begin(), recipes.end(), same)) recipes.push_back(std::move(recipe));
        }
    std::sort(recipes.begin() + 1, recipes.end(), [](const NamedRecipe& a, const NamedRecipe& b) { return a.name < b.name; });
    return recipes;
}

} // namespace

std::vector<fs::path> recipe_folders(const fs::path& program) {
    constexpr int kLevels = 3; // build/release/nmt
    std::vector<fs::path> folders{program / ".." / "share" / "nmt" / "recipes"};
    fs::path above = program;
    for (int level = 0; level < kLevels; ++level, above = above.parent_path())
        if (fs::exists(above / "recipes" / kBuiltIn / kMainFile)) folders.push_back(above / "recipes");
    std::erase_if(folders, [](const fs::path& folder) { return !fs::is_directory(folder); });
    for (fs::path& folder : folders) folder = folder.lexically_normal();
    return folders;
}

std::vector<NamedRecipe> list_recipes(const std::vector<fs::path>& folders) {
    std::vector<NamedRecipe> recipes = named_recipes(folders);
    for (NamedRecipe& recipe : recipes) recipe.title = recipe.file.empty() ? Recipe::quickstart().title : title_of(recipe.file);
    return recipes;
}

Recipe find_recipe(const std::string& name, const std::vector<fs::path>& folders) {
    const fs::path inside = fs::path(name) / kMainFile;
    if (fs::exists(inside)) return Recipe::load(inside);
    if (fs::exists(name) && !fs::is_directory(name)) return Recipe::load(name);
    if (name == kBuiltIn) return Recipe::quickstart();
    std::vector<std::string> known;
    for (const NamedRecipe& recipe : named_recipes(folders)) {
        known.push_back(recipe.name);
        if (recipe.name != name) continue;
        log_info("recipe: {}", recipe.file.string());
        return Recipe::load(recipe.file);
    }
    fail("there is no recipe '{}': no INI file, no folder with recipe.ini, and none of those that 'nmt run --list' names{}", name,
         did_you_mean(name, known));
}

} // namespace nmt
