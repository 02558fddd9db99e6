// Where the tokens of sequences of different lengths stand when they are packed as rows, without padding in between.
// Two orders are in use. Sequence-major: one sequence after another; it is what encoders, decoders and attention exchange.
// Time-major: all first tokens, then all second tokens, ...; with the longest sequence first, so that step t of a recurrence
// works on the first active(t) rows and nothing else.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace nmt {

// Numbers of rows; -1 for none, where that is said.
using RowIndex = std::vector<std::int32_t>;

// The rows of each of `count` sequences, in order; row i belongs to sequence_of_row[i], or to none.
std::vector<RowIndex> rows_by_sequence(std::span<const std::int32_t> sequence_of_row, int count);

// Rows that a tensor of n packed tokens has: n rounded up, so that shapes repeat and products find their primitive again.
std::int64_t padded_rows(std::int64_t n);

class SequenceLayout {
  public:
    SequenceLayout() = default;
    // Lengths of the sequences; 0 is allowed.
    explicit SequenceLayout(std::vector<int> lengths);

    int count() const { return static_cast<int>(lengths_.size()); } // B
    int length(int sequence) const { return lengths_[static_cast<std::size_t>(sequence)]; }
    int longest() const { return longest_; }
    // All tokens, and the rows that a tensor of them has (padded_rows of it).
    std::int64_t total() const { return total_; }
    std::int64_t rows() const { return padded_rows(total_); }
    // Row of a sequence's first token in sequence-major order.
    std::int32_t offset(int sequence) const { return offsets_[static_cast<std::size_t>(sequence)]; }
    // The sequence that a row belongs to, in sequence-major order; -1 for the rows of padding.
    const std::vector<std::int32_t>& sequence_of_row() const { return sequence_of_row_; }

  private:
    std::vector<int> lengths_;
    std::vector<std::int32_t> offsets_, sequence_of_row_;
    std::int64_t total_ = 0;
    int longest_ = 0;
};

class TimeMajorLayout {
  public:
    explicit TimeMajorLayout(const SequenceLayout& sequences);

    int steps() const { return static_cast<int>(active_.size()); }
    std::int32_t active(int step) const { return active_[static_cast<std::size_t>(step)]; }  // rows of a step
    std::int32_t offset(int step) const { return offsets_[static_cast<std::size_t>(step)]; } // its first row
    std::int64_t total() const { return total_; }
    std::int64_t rows() const { return padded_rows(total_); }
    // The sequence at rank i of each step: longest first, equal lengths in their given order.
    const std::vector<std::int32_t>& order() const { return order_; }

    // Gather indices, with -1 for rows of padding:
    std::vector<std::int32_t> from_sequence_major(bool reversed = false) const; // rows() entries: row of the token, or of its mirror image
    std::vector<std::int32_t> to_sequence_major(bool reversed = false) const;   // rows() entries: where the token stands in time-major
    std::vector<std::int32_t> last_rows() const;                                // one a sequence; -1 for an empty one
    std::vector<std::int32_t> sequence_of_row() const;                          // rows() entries
    std::vector<std::int32_t> rank() const;                                     // one a sequence: the inverse of order()

  private:
    template <typename Visit>
    void for_each_token(bool reversed, const Visit& visit) const;

    SequenceLayout sequences_;
    std::vector<std::int32_t> order_, active_, offsets_;
    std::int64_t total_;
};

} // namespace nmt
