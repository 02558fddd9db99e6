// Scaled dot-product attention with several heads (Vaswani et al., 2017, section 3.2), over sentences of their own lengths, and
// over the growing past of hypotheses. Nothing is padded; the memory of a sentence is shared by all its queries.
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

// The keys and values that R rows of hypotheses have behind them. What has been appended is never copied again: each row keeps
// the places of its own past, and reordering moves these alone.
class KeyValueCache {
  public:
    explicit KeyValueCache(std::size_t rows) : past_(rows) {}

    // Adds the tokens of each row: keys and values [N,D], sequence-major as `tokens` lays them out.
    void append(const SequenceLayout& tokens, Tensor keys, Tensor values);
    // Row i becomes what row rows[i] was.
    void reorder(std::span<const std::int32_t> rows);

    // queries [N,D] of the tokens appended last; each sees its row's past up to itself. context [N,D].
    void attend(int heads, const SequenceLayout& tokens, const Tensor& queries, Tensor& context) const;

  private:
    struct Place {
        std::int32_t block, row;
    };
    struct Block {
        Tensor keys, values;
    };
    std::vector<Block> blocks_;
    std::vector<std::vector<Place>> past_; // of each row, oldest first
};

} // namespace nmt
