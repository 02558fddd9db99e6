#include "nmt/tensor/quantized_matrix.hpp"

#include "nmt/tensor/elementwise.hpp"
#include "nmt/tensor/parallel.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace nmt {
namespace {

constexpr float kLargest = 127;

NMT_MULTIVERSION float largest_magnitude(const float* a, std::int64_t n) {
    float largest = 0;
#pragma omp simd reduction(max : largest)
    for (std::int64_t i = 0; i < n; ++i) {
        const float magnitude = a[i] < 0 ? -a[i] : a[i];
        largest = magnitude > largest ? magnitude : largest;
    }
    return largest;
}

// The sums of a product stand where its floats will be.
using Sum = std::int32_t __attribute__((may_alias));

// Adding and taking away 1.5 * 2^23 rounds to the nearest whole number.
NMT_INLINE std::int32_t round_to_code(float x) { return static_cast<std::int32_t>((x + 12582912.0F) - 12582912.0F); }

NMT_MULTIVERSION void signed_codes_kernel(const float* a, float inverse, std::int8_t* codes, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) codes[i] = static_cast<std::int8_t>(round_to_code(a[i] * inverse));
}

NMT_MULTIVERSION void unsigned_codes_kernel(const float* a, float inverse, std::uint8_t* codes, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) codes[i] = static_cast<std::uint8_t>(round_to_code(a[i] * inverse) + kActivationZero);
}

NMT_MULTIVERSION void scale_codes_kernel(const std::int8_t* codes, float scale, float* c, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) c[i] = scale * static_cast<float>(codes[i]);
}

// R rows of n columns at once, which read the columns' scales and offsets once. least: 0 for relu, else nothing is below it.
template <int R>
NMT_INLINE void finish_rows(float* c, const float* row_scales, const ProductScales& scales, const float* bias, float least,
                            std::int64_t n) {
    float row_scale[R];
    for (int r = 0; r < R; ++r) row_scale[r] = row_scales[r];
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i)
        for (int r = 0; r < R; ++r) {
            const Sum sum = *reinterpret_cast<const Sum*>(c + r * n + i);
            // fma, so that the last bit does not depend on which loop the compiler has it in
            const float value = std::fma(static_cast<float>(sum - scales.offsets[i]), row_scale[r] * scales.columns[i], bias[i]);
            c[r * n + i] = value > least ? value : least;
        }
}

NMT_MULTIVERSION void finish_kernel(float* c, std::int64_t rows, const float* row_scales, const ProductScales& scales, const float* bias,
                                    float least, std::int64_t n) {
    std::int64_t i = 0;
    for (; i + 4 <= rows; i += 4) finish_rows<4>(c + i * n, row_scales + i, scales, bias, least, n);
    for (; i < rows; ++i) finish_rows<1>(c + i * n, row_scales + i, scales, bias, least, n);
}

float inverse_or_zero(float scale) { return scale > 0 ? 1 / scale : 0; }

} // namespace

QuantizedMatrix quantize_rows(const Tensor& a) {
    check(all_finite(a), "a matrix {} holds values that are no finite numbers; it cannot be quantized", a.shape().to_string());
    const std::int64_t rows = a.rows(), columns = a.columns();
    QuantizedMatrix quantized{Tensor(a.context(), {rows, columns}, DataType::s8), Tensor(a.context(), {rows})};
    for (std::int64_t i = 0; i < rows; ++i) {
        const float scale = largest_magnitude(a.row(i), columns) / kLargest;
        quantized.scales.data()[i] = scale;
        signed_codes_kernel(a.row(i), inverse_or_zero(scale), quantized.values.as<std::int8_t>() + i * columns, columns);
    }
    return quantized;
}

Tensor dequantize(const QuantizedMatrix& a) {
    const std::int64_t columns = a.values.columns();
    Tensor c(a.values.context(), a.values.shape());
    for (std::int64_t i = 0; i < c.rows(); ++i)
        scale_codes_kernel(a.values.as<std::int8_t>() + i * columns, a.scales.data()[i], c.row(i), columns);
    return c;
}

void gather_rows(const QuantizedMatrix& a, std::span<const std::int32_t> index, float factor, Tensor& c) {
    const std::int64_t columns = a.values.columns();
    check(c.rows() == std::ssize(index) && c.columns() == columns, "{} rows of {} into {}", index.size(), a.values.shape().to_string(),
          c.shape().to_string());
    for (std::int64_t i = 0; i < c.rows(); ++i) {
        const std::int64_t row = index[static_cast<std::size_t>(i)];
        if (row < 0) std::fill_n(c.row(i), columns, 0.0F);
        else scale_codes_kernel(a.values.as<std::int8_t>() + row * columns, factor * a.scales.data()[row], c.row(i), columns);
    }
}

void quantize_activations(const Tensor& a, std::uint8_t* codes, float* scales) {
    const std::int64_t columns = a.columns();
    parallel_for(a.context(), a.rows(), row_grain(columns), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            scales[i] = largest_magnitude(a.row(i), columns) / kLargest;
            unsigned_codes_kernel(a.row(i), inverse_or_zero(scales[i]), codes + i * columns, columns);
        }
    });
}

void finish_integer_product(Tensor& c, const ProductScales& scales, bool relu) {
    const std::int64_t columns = c.columns();
    const float least = relu ? 0.0F : -std::numeric_limits<float>::infinity();
    const std::vector<float> no_bias(scales.bias == nullptr ? static_cast<std::size_t>(columns) : 0);
    const float* const bias = scales.bias == nullptr ? no_bias.data() : scales.bias;
    parallel_for(c.context(), c.rows(), row_grain(columns), [&](std::int64_t begin, std::int64_t end) {
        finish_kernel(c.row(begin), end - begin, scales.rows + begin, scales, bias, least, columns);
    });
}

} // namespace nmt
