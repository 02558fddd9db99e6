#include "nmt/tensor/normalize.hpp"

#include "nmt/tensor/parallel.hpp"
#include "nmt/tensor/vector_math.hpp"

#include <cmath>
#include <limits>
#include <vector>

namespace nmt {
namespace {

constexpr float kLayerNormEpsilon = 1e-5F;

NMT_MULTIVERSION float row_maximum(const float* a, std::int64_t n) {
    float maximum = a[0];
#pragma omp simd reduction(max : maximum)
    for (std::int64_t i = 1; i < n; ++i) maximum = a[i] > maximum ? a[i] : maximum;
    return maximum;
}

// The largest values of every kMaximaBlock; the largest of all.
NMT_MULTIVERSION float block_maxima(const float* a, std::int64_t n, float* maxima) {
    float largest = -std::numeric_limits<float>::infinity();
    for (std::int64_t begin = 0; begin < n; begin += kMaximaBlock) {
        const std::int64_t end = begin + kMaximaBlock < n ? begin + kMaximaBlock : n;
        float maximum = -std::numeric_limits<float>::infinity();
#pragma omp simd reduction(max : maximum)
        for (std::int64_t i = begin; i < end; ++i) maximum = a[i] > maximum ? a[i] : maximum;
        *maxima++ = maximum;
        largest = maximum > largest ? maximum : largest;
    }
    return largest;
}

// The sum of e^(a - maximum).
NMT_MULTIVERSION float row_exp_sum(const float* a, float maximum, std::int64_t n) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < n; ++i) sum += fast_exp(a[i] - maximum);
    return sum;
}

NMT_MULTIVERSION void subtract_kernel(float* a, float value, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) a[i] -= value;
}

NMT_MULTIVERSION float sum_kernel(const float* a, std::int64_t n) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < n; ++i) sum += a[i];
    return sum;
}

// c = scale * (softmax(a) - uniform), given the log of the normalizer.
NMT_MULTIVERSION void softmax_gradient_kernel(const float* a, float log_normalizer, float uniform, float scale, float* c, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) c[i] = scale * (fast_exp(a[i] - log_normalizer) - uniform);
}

NMT_MULTIVERSION void bf16_softmax_gradient_kernel(const float* a, float log_normalizer, float uniform, float scale, std::uint16_t* c,
                                                   std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) c[i] = to_bf16_bits(scale * (fast_exp(a[i] - log_normalizer) - uniform));
}

struct Moments {
    float mean, inverse_deviation;
};

NMT_MULTIVERSION Moments row_moments(const float* a, std::int64_t n) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < n; ++i) sum += a[i];
    const float mean = sum / static_cast<float>(n);
    float squares = 0;
#pragma omp simd reduction(+ : squares)
    for (std::int64_t i = 0; i < n; ++i) squares += (a[i] - mean) * (a[i] - mean);
    return {mean, 1.0F / std::sqrt(squares / static_cast<float>(n) + kLayerNormEpsilon)};
}

NMT_MULTIVERSION void normalize_kernel(const float* a, const float* gain, const float* bias, Moments moments, float* c, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) c[i] = (a[i] - moments.mean) * moments.inverse_deviation * gain[i] + bias[i];
}

NMT_MULTIVERSION void bf16_normalize_kernel(const float* a, const float* gain, const float* bias, Moments moments, std::uint16_t* c,
                                            std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) c[i] = to_bf16_bits((a[i] - moments.mean) * moments.inverse_deviation * gain[i] + bias[i]);
}

NMT_MULTIVERSION void layer_norm_backward_kernel(const float* a, const float* gain, Moments moments, const float* d_c, float* d_a,
                                                 std::int64_t n) {
    float sum = 0, projection = 0;
#pragma omp simd reduction(+ : sum, projection)
    for (std::int64_t i = 0; i < n; ++i) {
        const float g = d_c[i] * gain[i];
        sum += g;
        projection += g * (a[i] - moments.mean);
    }
    const float mean = sum / static_cast<float>(n);
    const float slope = projection * moments.inverse_deviation * moments.inverse_deviation / static_cast<float>(n);
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) d_a[i] += moments.inverse_deviation * (d_c[i] * gain[i] - mean - (a[i] - moments.mean) * slope);
}

NMT_MULTIVERSION void gain_gradient_kernel(const float* a, Moments moments, const float* d_c, float* d_gain, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) d_gain[i] += d_c[i] * (a[i] - moments.mean) * moments.inverse_deviation;
}

NMT_MULTIVERSION void bias_gradient_kernel(const float* d_c, float* d_bias, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) d_bias[i] += d_c[i];
}

// `maximum`: of the row.
float log_normalizer(const float* row, float maximum, std::int64_t n) { return maximum + std::log(row_exp_sum(row, maximum, n)); }

float log_normalizer(const float* row, std::int64_t n) { return log_normalizer(row, row_maximum(row, n), n); }

} // namespace

void log_softmax_in_place(Tensor& a) {
    parallel_for(a.context(), a.rows(), row_grain(a.columns()), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) subtract_kernel(a.row(i), log_normalizer(a.row(i), a.columns()), a.columns());
    });
}

void log_normalizers(const Tensor& a, Tensor& normalizers, Tensor& maxima) {
    const std::int64_t columns = a.columns();
    check(normalizers.size() == a.rows() && maxima.shape() == Shape{a.rows(), (columns + kMaximaBlock - 1) / kMaximaBlock},
          "normalizers {} and maxima {} of {}", normalizers.shape().to_string(), maxima.shape().to_string(), a.shape().to_string());
    parallel_for(a.context(), a.rows(), row_grain(columns), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i)
            normalizers.data()[i] = log_normalizer(a.row(i), block_maxima(a.row(i), columns, maxima.row(i)), columns);
    });
}

CrossEntropy cross_entropy(const Tensor& logits, std::span<const std::int32_t> targets, float smoothing, Tensor* d_logits, float scale) {
    const std::int64_t rows = logits.rows(), size = logits.columns();
    check(static_cast<std::int64_t>(targets.size()) == rows, "{} targets for logits {}", targets.size(), logits.shape().to_string());
    check(d_logits == nullptr || d_logits->shape() == logits.shape(), "a gradient {} of logits {}",
          d_logits == nullptr ? "" : d_logits->shape().to_string(), logits.shape().to_string());
    const bool rounded = d_logits != nullptr && d_logits->type() == DataType::bf16;
    const float uniform = smoothing / static_cast<float>(size);
    std::vector<CrossEntropy> of_row(targets.size());
    parallel_for(logits.context(), rows, row_grain(size), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const float* const row = logits.row(i);
            const std::int32_t target = targets[static_cast<std::size_t>(i)];
            if (target < 0) {
                if (rounded) std::fill_n(d_logits->as<std::uint16_t>() + i * size, size, std::uint16_t{0});
                else if (d_logits != nullptr) std::fill_n(d_logits->row(i), size, 0.0F);
                continue;
            }
            const float normalizer = log_normalizer(row, size);
            CrossEntropy& result = of_row[static_cast<std::size_t>(i)];
            result.log_likelihood = row[target] - normalizer;
            // sum over V of q(v) (normalizer - logit(v)), q = (1 - smoothing) at the target + smoothing / V everywhere
            result.loss = -(1 - smoothing) * result.log_likelihood;
            if (smoothing > 0) result.loss += smoothing * normalizer - uniform * sum_kernel(row, size);
            if (rounded) {
                std::uint16_t* const d_row = d_logits->as<std::uint16_t>() + i * size;
                bf16_softmax_gradient_kernel(row, normalizer, uniform, scale, d_row, size);
                d_row[target] = to_bf16_bits(scale * (fast_exp(row[target] - normalizer) - uniform - (1 - smoothing)));
            } else if (d_logits != nullptr) {
                softmax_gradient_kernel(row, normalizer, uniform, scale, d_logits->row(i), size);
                d_logits->row(i)[target] -= scale * (1 - smoothing);
            }
        }
    });
    CrossEntropy total;
    for (const CrossEntropy& row : of_row) {
        total.loss += row.loss;
        total.log_likelihood += row.log_likelihood;
    }
    return total;
}

void layer_norm_forward(const Tensor& a, const Tensor& gain, const Tensor& bias, Tensor& c, Tensor& statistics) {
    const std::int64_t columns = a.columns();
    check(gain.size() == columns && bias.size() == columns && c.shape() == a.shape() && statistics.rows() == a.rows(),
          "layer normalization of {} with gain {}", a.shape().to_string(), gain.shape().to_string());
    parallel_for(a.context(), a.rows(), row_grain(columns), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const Moments moments = row_moments(a.row(i), columns);
            if (c.type() == DataType::bf16)
                bf16_normalize_kernel(a.row(i), gain.data(), bias.data(), moments, c.as<std::uint16_t>() + i * columns, columns);
            else normalize_kernel(a.row(i), gain.data(), bias.data(), moments, c.row(i), columns);
            statistics.row(i)[0] = moments.mean;
            statistics.row(i)[1] = moments.inverse_deviation;
        }
    });
}

void layer_norm_backward(const Tensor& a, const Tensor& gain, const Tensor& statistics, const Tensor& d_c, Tensor* d_a, Tensor* d_gain,
                         Tensor* d_bias) {
    const std::int64_t columns = a.columns();
    const auto moments = [&](std::int64_t i) { return Moments{statistics.row(i)[0], statistics.row(i)[1]}; };
    if (d_a != nullptr)
        parallel_for(a.context(), a.rows(), row_grain(columns), [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i)
                layer_norm_backward_kernel(a.row(i), gain.data(), moments(i), d_c.row(i), d_a->row(i), columns);
        });
    // Each thread has columns of its own, so the order of summation is that of the rows.
    parallel_for(a.context(), columns, 64, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = 0; i < a.rows(); ++i) {
            if (d_gain != nullptr)
                gain_gradient_kernel(a.row(i) + begin, moments(i), d_c.row(i) + begin, d_gain->data() + begin, end - begin);
            if (d_bias != nullptr) bias_gradient_kernel(d_c.row(i) + begin, d_bias->data() + begin, end - begin);
        }
    });
}

} // namespace nmt
