// Quantizing a model for inference: weights that products and embeddings read become 8-bit integers with a scale for each row.
// Used by `nmt quantize`.
#pragma once

#include "nmt/models/model.hpp"

namespace nmt {

// Quantizes all weight matrices, embeddings with them; biases, normalizations and vectors stay as they are.
// Throws Error if the model is quantized already, has no weight matrix, or one whose values are not finite.
void quantize_weights(Model& model);

bool is_quantized(const Model& model);

// Whether products and embeddings alone read a parameter, which know 8-bit integers: layers call these matrices NAME.weight.
bool can_be_quantized(const Parameter& parameter);

} // namespace nmt
