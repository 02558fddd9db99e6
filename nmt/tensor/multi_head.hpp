// Scaled dot-product attention with several heads (Vaswani et al., 2017, section 3.2), over sentences of their own lengths. The
// memory of a sentence is shared by all its queries; of all tensors the weights alone are padded, to the longest sentence.
#pragma once

#include "nmt/tensor/layout.hpp"
#include "nmt/tensor/tensor.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace nmt {

struct MultiHeadShape {
    int heads = 1;                                   // H; head h has columns h D/H to (h+1) D/H of queries, keys and values
    std::span<const std::int32_t> sentence_of_query; // [N]: -1 for rows of padding
    const SequenceLayout* memory = nullptr;          // rows of keys and values, sequence-major
    std::span<const std::int32_t> visible;           // [N]: a query sees this many positions of its sentence; empty: all
};

// queries [N,D], keys [M,D]; weights [N,H*S] with S the longest memory: softmax(q k / sqrt(D/H)) for each head, 0 beyond what is
// visible.
void multi_head_weights(const MultiHeadShape& shape, const Tensor& queries, const Tensor& keys, Tensor& weights);
// values [M,D]; context [N,D]: each head's values under its weights.
void multi_head_context(const MultiHeadShape& shape, const Tensor& weights, const Tensor& values, Tensor& context);

// Both in one pass, for computing without gradients. The same within rounding; a sentence of few queries takes another way than one
// of many, whatever other sentences there are.
void multi_head_forward(const MultiHeadShape& shape, const Tensor& queries, const Tensor& keys, const Tensor& values, Tensor& weights,
                        Tensor& context);

// d_weights [N,H*S] is written; d_values += (null: not wanted).
void multi_head_context_backward(const MultiHeadShape& shape, const Tensor& weights, const Tensor& values, const Tensor& d_context,
                                 Tensor& d_weights, Tensor* d_values);
// d_queries +=, d_keys += (null: not wanted).
void multi_head_weights_backward(const MultiHeadShape& shape, const Tensor& queries, const Tensor& keys, const Tensor& weights,
                                 const Tensor& d_weights, Tensor* d_queries, Tensor* d_keys);

} // namespace nmt
