// The edit distance of TER: that of Levenshtein (1966) within a beam around the diagonal, between a reference and many
// hypotheses of one length that differ by a shift of some words.
#pragma once

#include "nmt/evaluation/ngrams.hpp"

#include <cstddef>
#include <vector>

namespace nmt {

// What makes the reference of the hypothesis.
enum class Edit : char { kKeep, kSubstitute, kInsert, kDelete };

// Row i of the table of distances is about the first i words of the hypothesis. A row has cells for the reference's positions
// within the beam of its place on the diagonal only: as in sacreBLEU (Post 2018), which approximates tercom.
class BeamEditDistance {
  public:
    // The reference has a word at least, and lives longer than this object.
    BeamEditDistance(const Symbols& reference, std::size_t hypothesis_length);

    // The distance of a hypothesis; those that follow differ from it by a shift.
    int start(const Symbols& hypothesis);

    // The distance of a hypothesis with the same first `same` words as the one of start(), but not all.
    int of_shifted(const Symbols& hypothesis, std::size_t same);

    // The edits of the hypothesis of start(), from its first word on. Of equal ways it is the one that, from the end back, keeps or
    // substitutes rather than deletes, and deletes rather than inserts.
    std::vector<Edit> edits() const;

  private:
    // The cells [begin, end) of a row, at cells_[offset + 1]; the cells at either side of them are infinite.
    struct Row {
        std::size_t begin, end, offset;
    };

    int cell(std::size_t i, std::size_t j) const;
    void fill(const Row& above, const Row& row, std::uint32_t word, const int* above_cells, int* cells) const;

    const Symbols& reference_;
    Symbols hypothesis_;
    std::vector<Row> rows_;
    std::vector<int> cells_;      // of the hypothesis of start()
    std::vector<int> shifted_[2]; // two rows of another one
};

} // namespace nmt
