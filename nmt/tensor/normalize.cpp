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

struct MaximumAndSum {
    float maximum, sum;
};

NMT_MULTIVERSION MaximumAndSum row_maximum_and_sum(const float* a, std::int64_t n) {
    float maximum = -std::numeric_limits<float>::infinity(), sum = 0;
#pragma omp simd reduction(max : maximum) reduction(+ : sum)
    for (std::int64_t i = 0; i < n; ++i) {
        maximum = a[i] > maximum ? a[i] : maximum;
        sum += a[i];
    }
    return {maximum, sum};
}

// a becomes e^(a - maximum); their sum.
NMT_MULTIVERSION float exponentiate_row(float* a, float maximum, std::int64_t n) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < n; ++i) {
        a[i] = fast_exp(a[i] - maximum);
        sum += a[i];
    }
    return sum;
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

// c = scale a - shift.
template <typename Element>
NMT_INLINE void scale_and_shift(const float* a, float scale, float shift, Element* c, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) store_float(c + i, scale * a[i] - shift);
}

NMT_MULTIVERSION void scale_and_shift_kernel(const float* a, float scale, float shift, float* c, std::int64_t n) {
    scale_and_shift(a, scale, shift, c, n);
}

NMT_MULTIVERSION void scale_and_shift_kernel(const float* a, float scale, float shift, std::uint16_t* c, std::int64_t n) {
    scale_and_shift(a, scale, shift, c, n);
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

template <typename Element>
NMT_INLINE void normalize(const float* a, const float* gain, const float* bias, Moments moments, Element* c, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) store_float(c + i, (a[i] - moments.mean) * moments.inverse_deviation * gain[i] + bias[i]);
}

NMT_MULTIVERSION void normalize_kernel(const float* a, const float* gain, const float* bias, Moments moments, float* c, std::int64_t n) {
    normalize(a, gain, bias, moments, c, n);
}

NMT_MULTIVERSION void normalize_kernel(const float* a, const float* gain, const float* bias, Moments moments, std::uint16_t* c,
                                       std::int64_t n) {
    normalize(a, gain, bias, moments, c, n);
}

template <typename Element>
NMT_INLINE void normalize_backward(const float* a, const float* gain, Moments moments, const Element* d_c, float* d_a, std::int64_t n) {
    float sum = 0, projection = 0;
#pragma omp simd reduction(+ : sum, projection)
    for (std::int64_t i = 0; i < n; ++i) {
        const float g = load_float(d_c + i) * gain[i];
        sum += g;
        projection += g * (a[i] - moments.mean);
    }
    const float mean = sum / static_cast<float>(n);
    const float slope = projection * moments.inverse_deviation * moments.inverse_deviation / static_cast<float>(n);
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i)
        d_a[i] += moments.inverse_deviation * (load_float(d_c + i) * gain[i] - mean - (a[i] - moments.mean) * slope);
}

NMT_MULTIVERSION void normalize_backward_kernel(const float* a, const float* gain, Moments moments, const float* d_c, float* d_a,
                                                std::int64_t n) {
    normalize_backward(a, gain, moments, d_c, d_a, n);
}

NMT_MULTIVERSION void normalize_backward_kernel(const float* a, const float* gain, Moments moments, const std::uint16_t* d_c, float* d_a,
                                                std::int64_t n) {
    normalize_backward(a, gain, moments, d_c, d_a, n);
}

template <typename Element>
NMT_INLINE void add_parameter_gradients(const float* a, Moments moments, const Element* d_c, float* d_gain, float* d_bias, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) {
        const float d = load_float(d_c + i);
        d_gain[i] += d * (a[i] - moments.mean) * moments.inverse_deviation;
        d_bias[i] += d;
    }
}

NMT_MULTIVERSION void parameter_gradient_kernel(const float* a, Moments moments, const float* d_c, float* d_gain, float* d_bias,
                                                std::int64_t n) {
    add_parameter_gradients(a, moments, d_c, d_gain, d_bias, n);
}

NMT_MULTIVERSION void parameter_gradient_kernel(const float* a, Moments moments, const std::uint16_t* d_c, float* d_gain, float* d_bias,
                                                std::int64_t n) {
    add_parameter_gradients(a, moments, d_c, d_gain, d_bias, n);
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

// d_logits of a row, if it is wanted, from the row of logits, which are lost.
template <typename Element>
CrossEntropy row_cross_entropy(float* row, std::int64_t size, std::int32_t target, float smoothing, Element* d_row, float scale) {
    const MaximumAndSum logits = row_maximum_and_sum(row, size);
    const float logit = row[target], uniform = smoothing / static_cast<float>(size);
    const float powers = d_row != nullptr ? exponentiate_row(row, logits.maximum, size) : row_exp_sum(row, logits.maximum, size);
    const float normalizer = logits.maximum + std::log(powers);
    CrossEntropy result;
    result.log_likelihood = logit - normalizer;
    // sum over V of q(v) (normalizer - logit(v)), q = (1 - smoothing) at the target + smoothing / V everywhere
    result.loss = -(1 - smoothing) * result.log_likelihood;
    if (smoothing > 0) result.loss += smoothing * normalizer - uniform * logits.sum;
    if (d_row == nullptr) return result;
    const float probability = row[target] / powers;
    scale_and_shift_kernel(row, scale / powers, scale * uniform, d_row, size);
    store_float(d_row + target, scale * (probability - uniform - (1 - smoothing)));
    return result;
}

template <typename Element>
CrossEntropy cross_entropy_of(Tensor& logits, std::span<const std::int32_t> targets, float smoothing, Element* d_logits, float scale) {
    const std::int64_t rows = logits.rows(), size = logits.columns();
    std::vector<CrossEntropy> of_row(targets.size());
    parallel_for(logits.context(), rows, row_grain(size), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            Element* const d_row = d_logits == nullptr ? nullptr : d_logits + i * size;
            const std::int32_t target = targets[static_cast<std::size_t>(i)];
            if (target >= 0) of_row[static_cast<std::size_t>(i)] = row_cross_entropy(logits.row(i), size, target, smoothing, d_row, scale);
            else if (d_row != nullptr) std::fill_n(d_row, size, Element{});
        }
    });
    CrossEntropy total;
    for (const CrossEntropy& row : of_row) {
        total.loss += row.loss;
        total.log_likelihood += row.log_likelihood;
    }
    return total;
}

CrossEntropy cross_entropy(Tensor& logits, std::span<const std::int32_t> targets, float smoothing, Tensor* d_logits, float scale) {
    check(static_cast<std::int64_t>(targets.size()) == logits.rows(), "{} targets for logits {}", targets.size(),
          logits.shape().to_string());
    check(d_logits == nullptr || d_logits->shape() == logits.shape(), "a gradient {} of logits {}",
          d_logits == nullptr ? "" : d_logits->shape().to_string(), logits.shape().to_string());
    if (d_logits != nullptr && d_logits->type() == DataType::bf16)
        return cross_entropy_of(logits, targets, smoothing, d_logits->as<std::uint16_t>(), scale);
    return cross_entropy_of(logits, targets, smoothing, d_logits == nullptr ? nullptr : d_logits->data(), scale);
}

void layer_norm_forward(const Tensor& a, const Tensor& gain, const Tensor& bias, Tensor& c, Tensor& statistics) {
    const std::int64_t columns = a.columns();
    check(gain.size() == columns && bias.size() == columns && c.shape() == a.shape() && statistics.rows() == a.rows(),
          "layer normalization of {} with gain {}", a.shape().to_string(), gain.shape().to_string());
    parallel_for(a.context(), a.rows(), row_grain(columns), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const Moments moments = row_moments(a.row(i), columns);
            if (c.type() == DataType::bf16)
                normalize_kernel(a.row(i), gain.data(), bias.data(), moments, c.as<std::uint16_t>() + i * columns, columns);
            else normalize_kernel(a.row(i), gain.data(), bias.data(), moments, c.row(i), columns);
            statistics.row(i)[0] = moments.mean;
            statistics.row(i)[1] = moments.inverse_deviation;
        }
    });
}

template <typename Element>
void layer_norm_backward_of(const Tensor& a, const Tensor& gain, const Tensor& statistics, const Element* d_c,
                            const LayerNormGradients& d) {
    const std::int64_t columns = a.columns();
    const auto moments = [&](std::int64_t i) { return Moments{statistics.row(i)[0], statistics.row(i)[1]}; };
    if (d.a != nullptr)
        parallel_for(a.context(), a.rows(), row_grain(columns), [&](std::int64_t begin, std::int64_t end) {
            for (std::int64_t i = begin; i < end; ++i)
                normalize_backward_kernel(a.row(i), gain.data(), moments(i), d_c + i * columns, d.a->row(i), columns);
        });
    // Each thread has columns of its own, so the order of summation is that of the rows.
    parallel_for(a.context(), columns, 64, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = 0; i < a.rows(); ++i)
            parameter_gradient_kernel(a.row(i) + begin, moments(i), d_c + i * columns + begin, d.gain.data() + begin, d.bias.data() + begin,
                                      end - begin);
    });
}

void layer_norm_backward(const Tensor& a, const Tensor& gain, const Tensor& statistics, const Tensor& d_c, const LayerNormGradients& d) {
    if (d_c.type() == DataType::bf16) layer_norm_backward_of(a, gain, statistics, d_c.as<std::uint16_t>(), d);
    else layer_norm_backward_of(a, gain, statistics, d_c.data(), d);
}

} // namespace nmt
