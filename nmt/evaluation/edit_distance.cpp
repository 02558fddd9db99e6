#include "nmt/evaluation/edit_distance.hpp"

#include <algorithm>
#include <cmath>

namespace nmt {

namespace {

constexpr std::size_t kBeam = 25;
constexpr int kInfinite = 1 << 29;

} // namespace

BeamEditDistance::BeamEditDistance(const Symbols& reference, std::size_t hypothesis_length) : reference_(reference) {
    const std::size_t positions = reference.size() + 1;
    const double ratio = hypothesis_length > 0 ? static_cast<double>(reference.size()) / static_cast<double>(hypothesis_length) : 1;
    // Wide enough for the rows of very unequal sentences to overlap.
    const std::size_t beam = ratio / 2 > kBeam ? static_cast<std::size_t>(std::ceil(ratio / 2 + kBeam)) : kBeam;
    rows_.push_back({0, positions, 0});
    for (std::size_t i = 1; i <= hypothesis_length; ++i) {
        const auto diagonal = static_cast<std::size_t>(std::floor(static_cast<double>(i) * ratio));
        const std::size_t end = i == hypothesis_length ? positions : std::min(positions, diagonal + beam);
        rows_.push_back({diagonal > beam ? diagonal - beam : 0, end, rows_.back().offset + rows_.back().end - rows_.back().begin + 2});
    }
    cells_.assign(rows_.back().offset + rows_.back().end - rows_.back().begin + 2, kInfinite);
    for (std::size_t j = 0; j < positions; ++j) cells_[j + 1] = static_cast<int>(j);
    for (std::vector<int>& row : shifted_) row.assign(positions + 2, kInfinite);
}

// The cells of a row from those of the row above; both begin with the infinite cell before the first.
void BeamEditDistance::fill(const Row& above, const Row& row, std::uint32_t word, const int* above_cells, int* cells) const {
    const int* up = above_cells + (row.begin - above.begin) + 1; // the cell above the first
    int left = kInfinite;
    int* const first = cells + 1;
    const std::size_t shared = std::min(row.end, above.end + 1) - row.begin;
    for (std::size_t k = 0; k < shared; ++k) {
        const std::size_t j = row.begin + k;
        const int diagonal = j > 0 ? up[static_cast<std::ptrdiff_t>(k) - 1] + (reference_[j - 1] != word) : kInfinite;
        left = std::min(diagonal, std::min(up[k], left) + 1);
        first[k] = left;
    }
    for (std::size_t k = shared; k < row.end - row.begin; ++k) first[k] = ++left;
    cells[0] = first[row.end - row.begin] = kInfinite;
}

int BeamEditDistance::start(const Symbols& hypothesis) {
    hypothesis_ = hypothesis;
    for (std::size_t i = 1; i < rows_.size(); ++i)
        fill(rows_[i - 1], rows_[i], hypothesis[i - 1], &cells_[rows_[i - 1].offset], &cells_[rows_[i].offset]);
    return cell(rows_.size() - 1, reference_.size());
}

int BeamEditDistance::of_shifted(const Symbols& hypothesis, std::size_t same) {
    const int* above = &cells_[rows_[same].offset];
    for (std::size_t i = same + 1; i < rows_.size(); ++i) {
        std::vector<int>& row = shifted_[i % 2];
        fill(rows_[i - 1], rows_[i], hypothesis[i - 1], above, row.data());
        above = row.data();
    }
    return above[reference_.size() - rows_.back().begin + 1];
}

int BeamEditDistance::cell(std::size_t i, std::size_t j) const {
    const Row& row = rows_[i];
    return j >= row.begin && j < row.end ? cells_[row.offset + 1 + j - row.begin] : kInfinite;
}

std::vector<Edit> BeamEditDistance::edits() const {
    std::vector<Edit> edits;
    std::size_t i = hypothesis_.size(), j = reference_.size();
    while (i > 0 || j > 0) {
        const int here = cell(i, j);
        const bool same = i > 0 && j > 0 && hypothesis_[i - 1] == reference_[j - 1];
        Edit edit = Edit::kInsert;
        if (i > 0 && j > 0 && cell(i - 1, j - 1) + (same ? 0 : 1) == here) edit = same ? Edit::kKeep : Edit::kSubstitute;
        else if (i > 0 && cell(i - 1, j) + 1 == here) edit = Edit::kDelete;
        edits.push_back(edit);
        i -= edit != Edit::kInsert;
        j -= edit != Edit::kDelete;
    }
    std::reverse(edits.begin(), edits.end());
    return edits;
}

} // namespace nmt
