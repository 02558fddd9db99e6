// Kernels that normalize rows: softmax with its losses, and layer normalization.
#pragma once

#include "nmt/tensor/tensor.hpp"

#include <cstdint>
#include <span>

namespace nmt {

// Each row of a [N,V] becomes its log-softmax, in place.
void log_softmax_in_place(Tensor& a);

// For reading few values of the log-softmax of a [N,V]: it is a[i][j] - normalizers[i]. normalizers [N]: log(sum of e^a) of each row.
// maxima [N,ceil(V/64)]: the largest value of every 64 columns (the last ones may be fewer), NaN left out.
inline constexpr std::int64_t kMaximaBlock = 64;
void log_normalizers(const Tensor& a, Tensor& normalizers, Tensor& maxima);

// Sums over rows of a cross-entropy with label smoothing (Szegedy et al., 2016): the target distribution gives 1 - smoothing
// to the target and spreads `smoothing` evenly over all V entries.
struct CrossEntropy {
    double loss = 0;           // with smoothing, in nats
    double log_likelihood = 0; // log-probability of the targets, without smoothing
};

// logits [N,V]; targets [N], negative: the row does not count. d_logits [N,V] becomes scale * d loss / d logits (zeros in rows that do
// not count): in f32 or bf16; null: not wanted. Where it is, the logits are lost: in f32 it may be in their place.
CrossEntropy cross_entropy(Tensor& logits, std::span<const std::int32_t> targets, float smoothing, Tensor* d_logits, float scale = 1);

// Layer normalization (Ba et al., 2016) of the rows of a [N,D] with gain and bias [D].
// statistics [N,2] receives mean and 1 / standard deviation of each row. c is f32 or bf16.
void layer_norm_forward(const Tensor& a, const Tensor& gain, const Tensor& bias, Tensor& c, Tensor& statistics);
// Gradients to add to.
struct LayerNormGradients {
    Tensor* a; // null: not wanted
    Tensor &gain, &bias;
};
// d_c is f32 or bf16.
void layer_norm_backward(const Tensor& a, const Tensor& gain, const Tensor& statistics, const Tensor& d_c, const LayerNormGradients& d);

} // namespace nmt
