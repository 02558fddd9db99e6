// Recipes by name: those that are installed, or in the source tree that the program was built in. Used by `nmt run`.
#pragma once

#include "nmt/experiments/recipe.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace nmt {

struct NamedRecipe {
    std::string name;           // "multi30k" for multi30k/recipe.ini, "multi30k/comparison" for multi30k/comparison.ini
    std::filesystem::path file; // empty: built into the program
    std::string title;          // of one that cannot be read: why
};

// Folders with recipes for a program in `program`'s folder: share/nmt/recipes beside its own, and recipes/ above it; those that are there.
std::vector<std::filesystem::path> recipe_folders(const std::filesystem::path& program);

// quickstart, and all recipes in the folders, by name; of several with one name the first folder's.
std::vector<NamedRecipe> list_recipes(const std::vector<std::filesystem::path>& folders);

// The recipe that `name` stands for: an INI file, a folder that holds recipe.ini, or one of list_recipes(). Logs which file it is where
// that is not what was said. Throws Error, naming the nearest, if there is none.
Recipe find_recipe(const std::string& name, const std::vector<std::filesystem::path>& folders);

} // namespace nmt
