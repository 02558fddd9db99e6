#include "nmt/tensor/elementwise.hpp"

#include "nmt/base/random.hpp"
#include "nmt/tensor/parallel.hpp"
#include "nmt/tensor/row_kernels.hpp"
#include "nmt/tensor/vector_math.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <vector>

namespace nmt {
namespace {

void check_same_size(const Tensor& a, const Tensor& b) {
    check(a.size() == b.size(), "tensors {} and {} differ in size", a.shape().to_string(), b.shape().to_string());
}

void check_same(const Tensor& a, const Tensor& b) {
    check_same_size(a, b);
    check(a.type() == b.type(), "tensors of {} and {}: expected the same type", name_of(a.type()), name_of(b.type()));
}

NMT_MULTIVERSION void sum_kernel(const float* a, const float* b, float* c, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) c[i] = a[i] + b[i];
}

NMT_MULTIVERSION void scale_kernel(float* a, float scale, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) a[i] *= scale;
}

NMT_MULTIVERSION void tanh_kernel(const float* a, float* c, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) c[i] = fast_tanh(a[i]);
}

NMT_MULTIVERSION void tanh_backward_kernel(const float* c, const float* d_c, float* d_a, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) d_a[i] += d_c[i] * (1.0F - c[i] * c[i]);
}

NMT_MULTIVERSION void relu_backward_kernel(const float* c, const float* d_c, float* d_a, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) d_a[i] = c[i] > 0 ? d_c[i] : 0.0F;
}

constexpr float kGeluSlope = 0.7978845608F, kGeluCubic = 0.044715F; // sqrt(2/pi)

// In two kernels around tanh_kernel: with the sum 1 + tanh behind fast_tanh's choice of formulas, the compiler rounds it once in a
// loop's scalar rest and twice in its vector part, and a value would depend on its place.
NMT_MULTIVERSION void gelu_argument_kernel(const float* a, float* c, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) c[i] = kGeluSlope * (a[i] + kGeluCubic * a[i] * a[i] * a[i]);
}

NMT_MULTIVERSION void gelu_value_kernel(const float* a, const float* t, float* c, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) c[i] = 0.5F * a[i] * (1.0F + t[i]);
}

NMT_MULTIVERSION void gelu_backward_kernel(const float* a, const float* d_c, float* d_a, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) {
        const float t = fast_tanh(kGeluSlope * (a[i] + kGeluCubic * a[i] * a[i] * a[i]));
        const float inner = kGeluSlope * (1.0F + 3.0F * kGeluCubic * a[i] * a[i]);
        d_a[i] += d_c[i] * 0.5F * (1.0F + t + a[i] * (1.0F - t * t) * inner);
    }
}

// A hash of the position, in 32-bit steps so that it runs in vector registers.
NMT_INLINE std::uint32_t hash_position(std::uint32_t i, std::uint32_t key_low, std::uint32_t key_high) {
    std::uint32_t x = i ^ key_low;
    x = (x ^ (x >> 16)) * 0x7feb352dU;
    x = (x ^ (x >> 15)) + key_high;
    x = (x ^ (x >> 16)) * 0x846ca68bU;
    x = (x ^ (x >> 15)) * 0x7feb352dU;
    return x ^ (x >> 16);
}

struct DropoutMask {
    std::uint32_t key_low, key_high, threshold;
    float scale;

    DropoutMask(float p, std::uint64_t key) {
        const std::uint64_t mixed = mix_bits(key);
        key_low = static_cast<std::uint32_t>(mixed);
        key_high = static_cast<std::uint32_t>(mixed >> 32);
        threshold = static_cast<std::uint32_t>(static_cast<double>(p) * 4294967295.0);
        scale = 1.0F / (1.0F - p);
    }
};

template <typename Element>
NMT_INLINE void drop(const float* a, Element* c, std::int64_t begin, std::int64_t end, const DropoutMask& mask) {
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i) {
        const bool keep = hash_position(static_cast<std::uint32_t>(i), mask.key_low, mask.key_high) >= mask.threshold;
        store_float(c + i, keep ? a[i] * mask.scale : 0.0F);
    }
}

NMT_MULTIVERSION void dropout_kernel(const float* a, float* c, std::int64_t begin, std::int64_t end, DropoutMask mask) {
    drop(a, c, begin, end, mask);
}

NMT_MULTIVERSION void dropout_kernel(const float* a, std::uint16_t* c, std::int64_t begin, std::int64_t end, DropoutMask mask) {
    drop(a, c, begin, end, mask);
}

NMT_MULTIVERSION void dropout_backward_add_kernel(const float* d_c, float* d_a, std::int64_t begin, std::int64_t end, DropoutMask mask) {
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i) {
        const bool keep = hash_position(static_cast<std::uint32_t>(i), mask.key_low, mask.key_high) >= mask.threshold;
        d_a[i] += keep ? d_c[i] * mask.scale : 0.0F;
    }
}

template <typename Element>
NMT_INLINE void add_dropped_part(const float* a, const Element* b, float* c, std::int64_t begin, std::int64_t end,
                                 const DropoutMask& mask) {
#pragma omp simd
    for (std::int64_t i = begin; i < end; ++i) {
        const bool keep = hash_position(static_cast<std::uint32_t>(i), mask.key_low, mask.key_high) >= mask.threshold;
        c[i] = a[i] + (keep ? load_float(b + i) * mask.scale : 0.0F);
    }
}

NMT_MULTIVERSION void add_dropped_kernel(const float* a, const float* b, float* c, std::int64_t begin, std::int64_t end, DropoutMask mask) {
    add_dropped_part(a, b, c, begin, end, mask);
}

NMT_MULTIVERSION void add_dropped_kernel(const float* a, const std::uint16_t* b, float* c, std::int64_t begin, std::int64_t end,
                                         DropoutMask mask) {
    add_dropped_part(a, b, c, begin, end, mask);
}

template <typename Element>
NMT_INLINE void add_rows(const Element* a, std::int64_t rows, std::int64_t stride, float* sums, std::int64_t columns) {
    for (std::int64_t r = 0; r < rows; ++r)
#pragma omp simd
        for (std::int64_t j = 0; j < columns; ++j) sums[j] += load_float(a + r * stride + j);
}

NMT_MULTIVERSION void column_sum_kernel(const float* a, std::int64_t rows, std::int64_t stride, float* sums, std::int64_t columns) {
    add_rows(a, rows, stride, sums, columns);
}

NMT_MULTIVERSION void column_sum_kernel(const std::uint16_t* a, std::int64_t rows, std::int64_t stride, float* sums, std::int64_t columns) {
    add_rows(a, rows, stride, sums, columns);
}

NMT_MULTIVERSION void adam_kernel(float* value, const float* gradient, float* first, float* second, std::int64_t n, AdamStep step) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) {
        const float g = gradient[i] * step.gradient_scale;
        first[i] = step.beta1 * first[i] + (1 - step.beta1) * g;
        second[i] = step.beta2 * second[i] + (1 - step.beta2) * g * g;
        value[i] -= step.decay * value[i] + step.rate * first[i] / (std::sqrt(second[i]) + step.epsilon);
    }
}

NMT_MULTIVERSION void move_kernel(float* a, const float* b, float weight, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) a[i] += weight * (b[i] - a[i]);
}

NMT_MULTIVERSION double square_kernel(const float* a, std::int64_t n) {
    double sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < n; ++i) sum += static_cast<double>(a[i]) * static_cast<double>(a[i]);
    return sum;
}

} // namespace

void add(const Tensor& a, const Tensor& b, Tensor& c) {
    check_same(a, b);
    check_same(a, c);
    parallel_for(a.context(), a.size(), kGrain, [&](std::int64_t begin, std::int64_t end) {
        sum_kernel(a.data() + begin, b.data() + begin, c.data() + begin, end - begin);
    });
}

void add_in_place(Tensor& a, const Tensor& b) { add_scaled_in_place(a, 1.0F, b); }

void add_scaled_in_place(Tensor& a, float scale, const Tensor& b) {
    check_same(a, b);
    parallel_for(a.context(), a.size(), kGrain,
                 [&](std::int64_t begin, std::int64_t end) { add_scaled_row(b.data() + begin, scale, a.data() + begin, end - begin); });
}

void scale_in_place(Tensor& a, float scale) {
    parallel_for(a.context(), a.size(), kGrain,
                 [&](std::int64_t begin, std::int64_t end) { scale_kernel(a.data() + begin, scale, end - begin); });
}

void tanh_forward(const Tensor& a, Tensor& c) {
    check_same(a, c);
    parallel_for(a.context(), a.size(), kGrain / 4,
                 [&](std::int64_t begin, std::int64_t end) { tanh_kernel(a.data() + begin, c.data() + begin, end - begin); });
}

void tanh_backward(const Tensor& c, const Tensor& d_c, Tensor& d_a) {
    check_same(c, d_c);
    check_same(c, d_a);
    parallel_for(c.context(), c.size(), kGrain, [&](std::int64_t begin, std::int64_t end) {
        tanh_backward_kernel(c.data() + begin, d_c.data() + begin, d_a.data() + begin, end - begin);
    });
}

void relu_backward(const Tensor& c, const Tensor& d_c, Tensor& d_a) {
    check_same(c, d_c);
    check_same(c, d_a);
    parallel_for(c.context(), c.size(), kGrain, [&](std::int64_t begin, std::int64_t end) {
        relu_backward_kernel(c.data() + begin, d_c.data() + begin, d_a.data() + begin, end - begin);
    });
}

void gelu_forward(const Tensor& a, Tensor& c) {
    check_same(a, c);
    parallel_for(a.context(), a.size(), kGrain / 4, [&](std::int64_t begin, std::int64_t end) {
        std::array<float, 512> t;
        for (; begin < end; begin += std::ssize(t)) {
            const std::int64_t n = std::min<std::int64_t>(end - begin, std::ssize(t));
            gelu_argument_kernel(a.data() + begin, t.data(), n);
            tanh_kernel(t.data(), t.data(), n);
            gelu_value_kernel(a.data() + begin, t.data(), c.data() + begin, n);
        }
    });
}

void gelu_backward(const Tensor& a, const Tensor& d_c, Tensor& d_a) {
    check_same(a, d_c);
    check_same(a, d_a);
    parallel_for(a.context(), a.size(), kGrain / 4, [&](std::int64_t begin, std::int64_t end) {
        gelu_backward_kernel(a.data() + begin, d_c.data() + begin, d_a.data() + begin, end - begin);
    });
}

void dropout_forward(const Tensor& a, float p, std::uint64_t key, Tensor& c) {
    check_same_size(a, c);
    check(a.type() == DataType::f32, "dropout of {}: expected f32", name_of(a.type()));
    const DropoutMask mask(p, key);
    parallel_for(a.context(), a.size(), kGrain, [&](std::int64_t begin, std::int64_t end) {
        if (c.type() == DataType::bf16) dropout_kernel(a.data(), c.as<std::uint16_t>(), begin, end, mask);
        else dropout_kernel(a.data(), c.data(), begin, end, mask);
    });
}

void dropout_backward(const Tensor& d_c, float p, std::uint64_t key, Tensor& d_a, bool accumulate) {
    if (!accumulate) return dropout_forward(d_c, p, key, d_a);
    check_same(d_c, d_a);
    const DropoutMask mask(p, key);
    parallel_for(d_c.context(), d_c.size(), kGrain,
                 [&](std::int64_t begin, std::int64_t end) { dropout_backward_add_kernel(d_c.data(), d_a.data(), begin, end, mask); });
}

void add_dropped_forward(const Tensor& a, const Tensor& b, float p, std::uint64_t key, Tensor& c) {
    check_same_size(a, b);
    check_same(a, c);
    const DropoutMask mask(p, key);
    parallel_for(a.context(), a.size(), kGrain, [&](std::int64_t begin, std::int64_t end) {
        if (b.type() == DataType::bf16) add_dropped_kernel(a.data(), b.as<std::uint16_t>(), c.data(), begin, end, mask);
        else add_dropped_kernel(a.data(), b.data(), c.data(), begin, end, mask);
    });
}

void add_column_sums(const Tensor& a, Tensor& sums) {
    check(a.columns() == sums.size(), "column sums of {} into {}", a.shape().to_string(), sums.shape().to_string());
    // Each thread has columns of its own, so the order of summation is that of the rows.
    parallel_for(a.context(), a.columns(), 64, [&](std::int64_t begin, std::int64_t end) {
        if (a.type() == DataType::bf16)
            column_sum_kernel(a.as<std::uint16_t>() + begin, a.rows(), a.columns(), sums.data() + begin, end - begin);
        else column_sum_kernel(a.data() + begin, a.rows(), a.columns(), sums.data() + begin, end - begin);
    });
}

void gather_rows(const Tensor& a, std::span<const std::int32_t> index, float scale, Tensor& c) {
    const std::int64_t columns = a.columns();
    check(c.columns() == columns && c.rows() == static_cast<std::int64_t>(index.size()), "gathering {} rows of {} into {}", index.size(),
          a.shape().to_string(), c.shape().to_string());
    parallel_for(a.context(), c.rows(), row_grain(columns), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const std::int32_t from = index[static_cast<std::size_t>(i)];
            if (from < 0) {
                std::fill_n(c.row(i), columns, 0.0F);
                continue;
            }
            std::memcpy(c.row(i), a.row(from), static_cast<std::size_t>(columns) * sizeof(float));
            if (scale != 1.0F) scale_kernel(c.row(i), scale, columns);
        }
    });
}

void scatter_add_rows(const Tensor& d_c, std::span<const std::int32_t> index, float scale, Tensor& d_a) {
    const std::int64_t columns = d_c.columns();
    check(d_a.columns() == columns && d_c.rows() == static_cast<std::int64_t>(index.size()), "scattering {} rows of {} into {}",
          index.size(), d_c.shape().to_string(), d_a.shape().to_string());
    // Several rows may meet in one: each thread has columns of its own, so the order of summation is that of the rows.
    const std::int64_t grain = static_cast<std::int64_t>(index.size()) * columns < kGrain ? columns : 64;
    parallel_for(d_c.context(), columns, grain, [&](std::int64_t begin, std::int64_t end) {
        for (std::size_t i = 0; i < index.size(); ++i)
            if (index[i] >= 0) add_scaled_row(d_c.row(static_cast<std::int64_t>(i)) + begin, scale, d_a.row(index[i]) + begin, end - begin);
    });
}

void copy_columns(const Tensor& a, std::int64_t from, Tensor& c, std::int64_t to, std::int64_t count) {
    check(a.rows() == c.rows() && from + count <= a.columns() && to + count <= c.columns(), "copying {} columns of {} into {}", count,
          a.shape().to_string(), c.shape().to_string());
    parallel_for(a.context(), a.rows(), row_grain(count), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i)
            std::memcpy(c.row(i) + to, a.row(i) + from, static_cast<std::size_t>(count) * sizeof(float));
    });
}

void add_columns(const Tensor& a, std::int64_t from, Tensor& c, std::int64_t to, std::int64_t count) {
    check(a.rows() == c.rows() && from + count <= a.columns() && to + count <= c.columns(), "adding {} columns of {} into {}", count,
          a.shape().to_string(), c.shape().to_string());
    parallel_for(a.context(), a.rows(), row_grain(count), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) add_scaled_row(a.row(i) + from, 1.0F, c.row(i) + to, count);
    });
}

void adam_update(Tensor& value, const Tensor& gradient, Tensor& first_moment, Tensor& second_moment, const AdamStep& step) {
    check_same(value, gradient);
    check_same(value, first_moment);
    check_same(value, second_moment);
    parallel_for(value.context(), value.size(), kGrain, [&](std::int64_t begin, std::int64_t end) {
        adam_kernel(value.data() + begin, gradient.data() + begin, first_moment.data() + begin, second_moment.data() + begin, end - begin,
                    step);
    });
}

void move_towards(Tensor& a, const Tensor& b, float weight) {
    check_same(a, b);
    parallel_for(a.context(), a.size(), kGrain,
                 [&](std::int64_t begin, std::int64_t end) { move_kernel(a.data() + begin, b.data() + begin, weight, end - begin); });
}

double sum_of_squares(const Tensor& a) {
    const std::int64_t parts = (a.size() + kGrain - 1) / kGrain;
    std::vector<double> sums(static_cast<std::size_t>(parts));
    parallel_for(a.context(), parts, 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t part = begin; part < end; ++part)
            sums[static_cast<std::size_t>(part)] = square_kernel(a.data() + part * kGrain, std::min(kGrain, a.size() - part * kGrain));
    });
    double total = 0;
    for (const double sum : sums) total += sum;
    return total;
}

namespace {

// As bits, the magnitudes of infinities and NaN are above all others.
NMT_MULTIVERSION std::uint32_t largest_magnitude_bits(const std::byte* floats, std::int64_t n) {
    std::uint32_t largest = 0;
#pragma omp simd reduction(max : largest)
    for (std::int64_t i = 0; i < n; ++i) {
        std::uint32_t bits = 0;
        std::memcpy(&bits, floats + i * static_cast<std::int64_t>(sizeof(bits)), sizeof(bits));
        bits &= 0x7fffffffU;
        largest = bits > largest ? bits : largest;
    }
    return largest;
}

} // namespace

bool all_finite(std::span<const std::byte> floats) {
    constexpr std::uint32_t kInfinity = 0x7f800000U;
    return largest_magnitude_bits(floats.data(), std::ssize(floats) / static_cast<std::ptrdiff_t>(sizeof(float))) < kInfinity;
}

bool all_finite(const Tensor& a) { return all_finite(std::span(a.bytes(), static_cast<std::size_t>(a.size()) * sizeof(float))); }

} // namespace nmt
