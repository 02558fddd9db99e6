// What makes a comparison fair beside the data: as many parameters for every model, as many minutes of training. Used by recipes.
#pragma once

#include "nmt/models/model.hpp"
#include "nmt/models/model_options.hpp"

#include <cstdint>
#include <string>

namespace nmt {

// Section [budget] of a recipe.
struct Budget {
    std::int64_t parameters = 0; // of each model that has widths; 0: as its own sizes say
    double minutes = 0;          // of updates, of each training; 0: as [training] says

    void describe(OptionTable& table);
};

// How far a model's parameters may be from the budget's.
inline constexpr double kParameterTolerance = 0.02;

// Whether there is something to scale: the dictionary has its table alone.
bool has_widths(const ModelOptions& options);

// The trainable parameters of a model, tied ones once, as ParameterStore::count() gives them. Draws none.
std::int64_t count_parameters(const ModelOptions& options, const Vocabulary& vocabulary);

struct SizedModel {
    ModelOptions options;
    std::int64_t parameters = 0;
    std::string widths; // "embedding-size 112, hidden-size 144"
};

// The model with its widths (embedding-size, hidden-size, attention-size, width and feed-forward, those that it has) multiplied by one
// factor, so that it has `parameters` of them within kParameterTolerance. Widths are rounded, to multiples of 16 or as
// much finer as it takes, and `width` to a multiple of the heads; those that are equal stay equal. Where that is too coarse, the last of
// feed-forward, attention-size and hidden-size that the model has is changed by itself, at most by a factor of two.
// Throws Error, naming the target and the nearest count, where no widths are near enough, and for options without a model.
SizedModel scale_widths(const ModelOptions& options, const Vocabulary& vocabulary, std::int64_t parameters);

} // namespace nmt
