// What a recipe can be wrong about, said before anything is done. Used by recipe.cpp.
#pragma once

#include "nmt/experiments/recipe.hpp"

#include <string>

namespace nmt {

// Throws Error, naming the line, for bytes that are not UTF-8 and for control characters: the report and the terminal show a recipe's
// words.
void check_text(const std::string& text, const std::string& file);

// Throws Error if [data] is neither a generator nor names of files that fit together.
void check_data(const RecipeData& data, const std::string& file);

// Throws Error for names that would leave the folders of the work, or meet another file there: each
// is to be one word of a path.
void check_names(const Recipe& recipe, const std::string& file);

} // namespace nmt
