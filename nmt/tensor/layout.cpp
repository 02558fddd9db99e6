#include "nmt/tensor/layout.hpp"

#include <algorithm>
#include <numeric>

namespace nmt {

std::vector<RowIndex> rows_by_sequence(std::span<const std::int32_t> sequence_of_row, int count) {
    std::vector<RowIndex> rows(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < sequence_of_row.size(); ++i)
        if (sequence_of_row[i] >= 0) rows[static_cast<std::size_t>(sequence_of_row[i])].push_back(static_cast<std::int32_t>(i));
    return rows;
}

std::int64_t padded_rows(std::int64_t n) {
    const std::int64_t step = n <= 8 ? 1 : n <= 64 ? 8 : n <= 2048 ? 32 : 64;
    return (n + step - 1) / step * step;
}

SequenceLayout::SequenceLayout(std::vector<int> lengths) : lengths_(std::move(lengths)) {
    for (const int length : lengths_) {
        offsets_.push_back(static_cast<std::int32_t>(total_));
        total_ += length;
        longest_ = std::max(longest_, length);
    }
    sequence_of_row_.reserve(static_cast<std::size_t>(rows()));
    for (int b = 0; b < count(); ++b) sequence_of_row_.insert(sequence_of_row_.end(), static_cast<std::size_t>(length(b)), b);
    sequence_of_row_.resize(static_cast<std::size_t>(rows()), -1);
}

TimeMajorLayout::TimeMajorLayout(const SequenceLayout& sequences)
    : sequences_(sequences), order_(static_cast<std::size_t>(sequences.count())), total_(sequences.total()) {
    std::iota(order_.begin(), order_.end(), 0);
    std::stable_sort(order_.begin(), order_.end(), [&](int a, int b) { return sequences.length(a) > sequences.length(b); });
    std::int32_t offset = 0;
    std::int32_t alive = sequences.count();
    for (int step = 0; step < sequences.longest(); ++step) {
        while (alive > 0 && sequences.length(order_[static_cast<std::size_t>(alive - 1)]) <= step) --alive;
        active_.push_back(alive);
        offsets_.push_back(offset);
        offset += alive;
    }
}

template <typename Visit>
void TimeMajorLayout::for_each_token(bool reversed, const Visit& visit) const {
    for (int step = 0; step < steps(); ++step)
        for (std::int32_t i = 0; i < active(step); ++i) {
            const std::int32_t sequence = order_[static_cast<std::size_t>(i)];
            const std::int32_t position = reversed ? sequences_.length(sequence) - 1 - step : step;
            visit(static_cast<std::size_t>(offset(step) + i), static_cast<std::size_t>(sequences_.offset(sequence) + position), sequence);
        }
}

std::vector<std::int32_t> TimeMajorLayout::from_sequence_major(bool reversed) const {
    std::vector<std::int32_t> index(static_cast<std::size_t>(rows()), -1);
    for_each_token(reversed,
                   [&](std::size_t time_row, std::size_t row, std::int32_t) { index[time_row] = static_cast<std::int32_t>(row); });
    return index;
}

std::vector<std::int32_t> TimeMajorLayout::to_sequence_major(bool reversed) const {
    std::vector<std::int32_t> index(static_cast<std::size_t>(rows()), -1);
    for_each_token(reversed,
                   [&](std::size_t time_row, std::size_t row, std::int32_t) { index[row] = static_cast<std::int32_t>(time_row); });
    return index;
}

std::vector<std::int32_t> TimeMajorLayout::sequence_of_row() const {
    std::vector<std::int32_t> index(static_cast<std::size_t>(rows()), -1);
    for_each_token(false, [&](std::size_t time_row, std::size_t, std::int32_t sequence) { index[time_row] = sequence; });
    return index;
}

std::vector<std::int32_t> TimeMajorLayout::rank() const {
    std::vector<std::int32_t> ranks(order_.size());
    for (std::size_t i = 0; i < order_.size(); ++i) ranks[static_cast<std::size_t>(order_[i])] = static_cast<std::int32_t>(i);
    return ranks;
}

std::vector<std::int32_t> TimeMajorLayout::last_rows() const {
    const std::vector<std::int32_t> ranks = rank();
    std::vector<std::int32_t> rows_of_last;
    for (int b = 0; b < sequences_.count(); ++b)
        rows_of_last.push_back(sequences_.length(b) == 0 ? -1 : offset(sequences_.length(b) - 1) + ranks[static_cast<std::size_t>(b)]);
    return rows_of_last;
}

} // namespace nmt
