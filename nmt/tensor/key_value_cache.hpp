// The keys and values of self-attention that hypotheses under search have behind them.
#pragma once

#include "nmt/tensor/columns.hpp"
#include "nmt/tensor/layout.hpp"
#include "nmt/tensor/tensor.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace nmt {

// The past of R rows of hypotheses in all layers. A token's keys and values are stored once, however many rows share it: each row keeps the
// places of its own past, and reordering moves these alone. What no row has behind it any more is let go from time to time.
class KeyValueCache {
  public:
    KeyValueCache(std::size_t layers, std::size_t rows) : blocks_(layers), past_(rows) {}

    // Begins a step: the past of each row grows by its tokens, whose keys and values every layer then stores, and attends to, once.
    void grow(const SequenceLayout& tokens);
    // Copies the keys and values [N,D] of the tokens that the past grew by, sequence-major as `tokens` lay them out.
    void store(std::size_t layer, const Columns& keys, const Columns& values);
    // queries [N,D] of the same tokens in H heads; each sees its row's past up to itself. context [N,D].
    void attend(std::size_t layer, int heads, const SequenceLayout& tokens, const Columns& queries, Tensor& context) const;

    // Row i becomes what row rows[i] was.
    void reorder(std::span<const std::int32_t> rows);

    std::int64_t stored_rows() const { return stored_rows_; } // of keys in each layer, with those of no use any more

  private:
    struct Place {
        std::int32_t block, row;
    };
    void let_go();
    void move(const std::vector<Place>& kept);

    std::vector<std::vector<Tensor>> blocks_; // [N,2D] of each layer: keys and values side by side
    std::vector<std::vector<Place>> past_;    // of each row, oldest first
    std::int32_t block_count_ = 0;
    std::int64_t stored_rows_ = 0;
    std::int64_t next_look_ = 1024; // rows stored when it is worth looking what is needed of them
};

} // namespace nmt
