// The models of a recipe, sized to its budget of parameters.
#pragma once

#include "nmt/experiments/recipe.hpp"

#include <filesystem>
#include <functional>
#include <vector>

namespace nmt {

// The recipe's models with their widths scaled (scale_widths); such as have none stay as they are. Logs what each has become.
// The work is done in a process of its own, where `vocabulary` is called; `scratch` is a file that is written, read and removed.
// Throws Error, naming the model, where no widths are near enough.
std::vector<RecipeModel> sized_models(const Recipe& recipe, const std::function<Vocabulary()>& vocabulary,
                                      const std::filesystem::path& scratch);

} // namespace nmt
