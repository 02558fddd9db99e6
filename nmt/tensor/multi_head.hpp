// Scaled dot-product attention with several heads (Vaswani et al., 2017, section 3.2), over sentences of their own lengths. The
// memory of a sentence is shared by all its queries; of all tensors the weights alone are padded, to the longest sentence.
#pragma once

#include "nmt/tensor/columns.hpp"
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

// Queries, contexts and their gradients have N rows, keys, values and theirs M rows, all D columns, of any width and in f32 or bf16.
// Weights are f32 [N,H*S], with S the longest memory. What is written is handed over as a handle (Columns) or by reference.
struct MultiHeadInput {
    Columns queries, keys, values;
};

// weights: softmax(q k / sqrt(D/H)) for each head, 0 beyond what is visible.
void multi_head_weights(const MultiHeadShape& shape, const Columns& queries, const Columns& keys, Tensor& weights);
// context: each head's values under its weights; 0 where there is nothing to see.
void multi_head_context(const MultiHeadShape& shape, const Tensor& weights, const Columns& values, Columns context);
// Both in one pass. In f32 a sentence of few queries takes another way than one of many, whatever other sentences there are, with the
// same result within rounding.
void multi_head_forward(const MultiHeadShape& shape, const MultiHeadInput& input, Tensor& weights, Columns context);

// The weights that a context was made of: `kept` are all of them, or what dropout has left: each is 0 or the weight times some factor.
struct MultiHeadWeights {
    Tensor all, kept;
};

// Of all in one pass.
struct MultiHeadGradients {
    Columns queries, keys, values; // none: not wanted
    bool add = true;               // to what they hold; else they are written, and none are columns of another
};
void multi_head_backward(const MultiHeadShape& shape, const MultiHeadInput& input, const MultiHeadWeights& of_context,
                         const Columns& d_context, MultiHeadGradients d);

} // namespace nmt
