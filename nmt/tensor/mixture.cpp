#include "nmt/tensor/mixture.hpp"

#include "nmt/tensor/vector_math.hpp"

#include <bit>
#include <limits>

namespace nmt {
namespace {

// ln x for normal x in (0, 1], by plain arithmetic, so that loops over it become vector code; 0 at 1. Relative error below 1e-6.
NMT_INLINE float fast_log(float x) {
    // x = 2^n m with m in [sqrt(1/2), sqrt(2)), and ln m = 2 artanh((m - 1) / (m + 1)).
    const std::int32_t bits = std::bit_cast<std::int32_t>(x);
    const std::int32_t n = (bits - 0x3f3504f3) >> 23;
    const float m = std::bit_cast<float>(bits - n * (1 << 23));
    const float s = (m - 1.0F) / (m + 1.0F), z = s * s;
    const float series = 2.0F * s * (1.0F + z * (1.0F / 3 + z * (1.0F / 5 + z * (1.0F / 7 + z * (1.0F / 9)))));
    return static_cast<float>(n) * 0.693147181F + series;
}

NMT_MULTIVERSION void mix_kernel(float* a, const float* b, float share, std::int64_t n) {
    constexpr float kImpossible = -std::numeric_limits<float>::infinity();
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) {
        // From the greater of the two, so that the sum is at least its share and equal ones give exactly themselves.
        const float high = a[i] < b[i] ? b[i] : a[i], low = a[i] < b[i] ? a[i] : b[i];
        const float share_of_low = a[i] < b[i] ? 1.0F - share : share;
        const float sum = 1.0F + share_of_low * (fast_exp(low - high) - 1.0F);
        const float mixed = sum > 0.0F ? high + fast_log(sum) : sum; // else NaN, which stays
        a[i] = high == kImpossible ? high : mixed;
    }
}

} // namespace

void mix_log_probabilities(Tensor& log_probabilities, const Tensor& other, float share) {
    check(log_probabilities.shape() == other.shape(), "log-probabilities {} and {} in one ensemble", log_probabilities.shape().to_string(),
          other.shape().to_string());
    const std::int64_t columns = log_probabilities.columns();
    parallel_for(log_probabilities.context(), log_probabilities.rows(), row_grain(columns), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t row = begin; row < end; ++row) mix_kernel(log_probabilities.row(row), other.row(row), share, columns);
    });
}

} // namespace nmt
