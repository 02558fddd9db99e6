// Kernels that look at one element, one row or one column at a time.
#pragma once

#include "nmt/tensor/tensor.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace nmt {

void add(const Tensor& a, const Tensor& b, Tensor& c);             // c = a + b
void add_in_place(Tensor& a, const Tensor& b);                     // a += b
void add_scaled_in_place(Tensor& a, float scale, const Tensor& b); // a += scale b
void scale_in_place(Tensor& a, float scale);                       // a *= scale

// c = tanh(a); d_a += d_c (1 - c^2).
void tanh_forward(const Tensor& a, Tensor& c);
void tanh_backward(const Tensor& c, const Tensor& d_c, Tensor& d_a);

// For c = max(a, 0), which products compute themselves (matmul.hpp): d_a = d_c where c > 0, else 0.
void relu_backward(const Tensor& c, const Tensor& d_c, Tensor& d_a);

// c = a/2 (1 + tanh(sqrt(2/pi) (a + 0.044715 a^3))) (Hendrycks and Gimpel, 2016); d_a += d_c c'(a).
void gelu_forward(const Tensor& a, Tensor& c);
void gelu_backward(const Tensor& a, const Tensor& d_c, Tensor& d_a);

// Dropout (Srivastava et al., 2014), inverted: each element is kept with probability 1 - p and scaled by 1 / (1 - p).
// Which ones are kept is a function of `key` and the position alone: the backward pass draws the same mask again.
// What is dropped in (b) and what is written (but by accumulating) may be bf16.
void dropout_forward(const Tensor& a, float p, std::uint64_t key, Tensor& c);
void dropout_backward(const Tensor& d_c, float p, std::uint64_t key, Tensor& d_a, bool accumulate); // d_a = or += mask d_c
void add_dropped_forward(const Tensor& a, const Tensor& b, float p, std::uint64_t key, Tensor& c);  // c (f32) = a + mask b

// sums [D] += the sum over the rows of a [N,D].
void add_column_sums(const Tensor& a, Tensor& sums);

// c [N,D]: row i is scale * a[index[i]], or zeros where index[i] < 0.
void gather_rows(const Tensor& a, std::span<const std::int32_t> index, float scale, Tensor& c);
// d_a[index[i]] += scale * d_c[i], in the order of i; negative entries are passed over.
void scatter_add_rows(const Tensor& d_c, std::span<const std::int32_t> index, float scale, Tensor& d_a);

// Copies `count` columns of a from column `from` on into c from column `to` on.
void copy_columns(const Tensor& a, std::int64_t from, Tensor& c, std::int64_t to, std::int64_t count);
// The same, adding.
void add_columns(const Tensor& a, std::int64_t from, Tensor& c, std::int64_t to, std::int64_t count);

// One update of Adam (Kingma and Ba, 2015), in one pass. `rate` and `epsilon` hold the corrections for the moments' start;
// `decay` is the share of each value that is taken away (AdamW); the gradient is multiplied by `gradient_scale` first.
struct AdamStep {
    float rate, beta1, beta2, epsilon, decay, gradient_scale;
};
void adam_update(Tensor& value, const Tensor& gradient, Tensor& first_moment, Tensor& second_moment, const AdamStep& step);

void move_towards(Tensor& a, const Tensor& b, float weight); // a += weight (b - a)

// Sum of the squares of all elements, in double precision, in an order that does not depend on threads.
double sum_of_squares(const Tensor& a);

// Whether every element is a finite number. The floats may lie anywhere.
bool all_finite(const Tensor& a);
bool all_finite(std::span<const std::byte> floats);

} // namespace nmt
