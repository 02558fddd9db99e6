// 8-bit integers in place of floats: weights with a scale for each row, activations with one for each row of a product. Used by
// PackedMatrix, by embeddings and by `nmt quantize`.
#pragma once

#include "nmt/tensor/tensor.hpp"

#include <cstdint>
#include <span>

namespace nmt {

// A matrix [N,C] as values [N,C] of s8 and scales [N]: an element is value * scale. Values are within [-127, 127].
struct QuantizedMatrix {
    Tensor values, scales;
};

// Symmetric rounding to nearest; a row's scale is its largest magnitude / 127 (0 for a row of zeros). Throws Error unless all
// elements are finite.
QuantizedMatrix quantize_rows(const Tensor& a);
Tensor dequantize(const QuantizedMatrix& a);

// c [N,C]: row i is factor * a[index[i]], or zeros where index[i] < 0.
void gather_rows(const QuantizedMatrix& a, std::span<const std::int32_t> index, float factor, Tensor& c);

// The left side of an integer product. Row i of a [N,C] is (codes[i] - kActivationZero) * scales[i]; codes are within [1, 255].
constexpr std::int32_t kActivationZero = 128;
void quantize_activations(const Tensor& a, std::uint8_t* codes, float* scales);

// Turns the sums of an integer product into its result, in place: c holds int32 sums [N,C] and then floats,
// (sum - offset[j]) * row_scale[i] * column_scale[j] + bias[j], with `relu` not below 0. bias: null for none.
struct ProductScales {
    const float* rows;           // [N]
    const float* columns;        // [C]
    const std::int32_t* offsets; // [C]
    const float* bias;           // [C]
};
void finish_integer_product(Tensor& c, const ProductScales& scales, bool relu = false);

} // namespace nmt
