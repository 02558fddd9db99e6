// Attention of query rows over the memory of their sentence. Every sentence has its own rows of memory, which all its queries
// share: target positions in training, hypotheses in search. Nothing is copied per query, and the weights alone are padded, to the longest
// sentence.
#pragma once

#include "nmt/tensor/layout.hpp"
#include "nmt/tensor/tensor.hpp"

#include <cstdint>
#include <span>

namespace nmt {

enum class AttentionScore {
    dot,      // q . k (Luong et al., 2015)
    additive, // v . tanh(q + k) (Bahdanau et al., 2015)
};

// What every call of attention is about.
struct AttentionShape {
    AttentionScore score = AttentionScore::dot;
    std::span<const std::int32_t> sentence_of_query; // [N]: -1 for rows of padding
    const SequenceLayout* memory = nullptr;          // rows of keys and values, sequence-major
};

struct AttentionInput {
    const Tensor& queries;     // [N,D]
    const Tensor& keys;        // [M,D]
    const Tensor& values;      // [M,E]
    const Tensor* v = nullptr; // [D], additive alone
};

// weights [N,S] with S the longest memory: each row sums to 1 over its sentence's positions and is 0 beyond. context [N,E].
void attention_forward(const AttentionShape& shape, const AttentionInput& input, Tensor& weights, Tensor& context);

// Gradients to add to; null where none is wanted.
struct AttentionGradients {
    Tensor *queries = nullptr, *keys = nullptr, *values = nullptr, *v = nullptr;
};

void attention_backward(const AttentionShape& shape, const AttentionInput& input, const Tensor& weights, const Tensor& d_context,
                        const AttentionGradients& gradients);

} // namespace nmt
