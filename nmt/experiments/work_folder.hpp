// Where a recipe's runs lie in its work folder (run.hpp). Used by what reads a finished run.
#pragma once

#include "nmt/experiments/recipe.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace nmt {

// The model folder of one training: with several seeds, one a seed.
inline std::filesystem::path run_folder(const Recipe& recipe, const std::filesystem::path& work, const std::string& model,
                                        std::uint64_t seed) {
    return recipe.seeds.size() == 1 ? work / model : work / model / fmt::format("seed-{}", seed);
}

inline std::filesystem::path hypotheses_file(const std::filesystem::path& run, const std::string& test) {
    return run / (test + ".hypotheses");
}

} // namespace nmt
