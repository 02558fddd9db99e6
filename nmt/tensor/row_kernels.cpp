#include "nmt/tensor/row_kernels.hpp"

#include "nmt/tensor/vector_math.hpp"

namespace nmt {

NMT_MULTIVERSION float dot_row(const float* a, const float* b, std::int64_t n) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < n; ++i) sum += a[i] * b[i];
    return sum;
}

NMT_MULTIVERSION void add_scaled_row(const float* a, float scale, float* c, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) c[i] += scale * a[i];
}

NMT_MULTIVERSION void softmax_row(float* a, std::int64_t n) {
    float maximum = a[0];
#pragma omp simd reduction(max : maximum)
    for (std::int64_t i = 0; i < n; ++i) maximum = a[i] > maximum ? a[i] : maximum;
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < n; ++i) {
        a[i] = fast_exp(a[i] - maximum);
        sum += a[i];
    }
    const float scale = 1.0F / sum;
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) a[i] *= scale;
}

NMT_MULTIVERSION void round_row(const float* a, std::uint16_t* c, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) c[i] = to_bf16_bits(a[i]);
}

NMT_MULTIVERSION void widen_row(const std::uint16_t* a, float* c, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) c[i] = from_bf16_bits(a[i]);
}

} // namespace nmt
