// What every decoder remembers of its rows: the sentence of each, and how far it has come.
#pragma once

#include "nmt/models/model.hpp"

#include <numeric>
#include <span>
#include <utility>

namespace nmt {

class RowState : public State {
  public:
    // One row a sentence. The memory must outlive the state.
    explicit RowState(const Memory& memory_of)
        : memory(&memory_of), sentence_of_row(static_cast<std::size_t>(memory_of.source.count())), position(sentence_of_row.size(), 0) {
        std::iota(sentence_of_row.begin(), sentence_of_row.end(), 0);
    }

    void reorder(std::span<const std::int32_t> rows) override {
        sentence_of_row = gathered(sentence_of_row, rows);
        position = gathered(position, rows);
    }

    // The sentences of some rows [N]; -1 for negative ones, which are padding.
    RowIndex sentences_of(const RowIndex& rows) const {
        RowIndex sentences;
        sentences.reserve(rows.size());
        for (const std::int32_t row : rows) sentences.push_back(row < 0 ? -1 : sentence_of_row[static_cast<std::size_t>(row)]);
        return sentences;
    }

    const Memory* memory;
    RowIndex sentence_of_row; // [R]
    RowIndex position;        // [R]: tokens that the row has read, as its decoder counts them

  private:
    static RowIndex gathered(const RowIndex& values, std::span<const std::int32_t> rows) {
        RowIndex result;
        result.reserve(rows.size());
        for (const std::int32_t row : rows) result.push_back(values[static_cast<std::size_t>(row)]);
        return result;
    }
};

} // namespace nmt
