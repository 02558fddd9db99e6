#include "nmt/tensor/key_value_cache.hpp"

#include "nmt/tensor/elementwise.hpp"
#include "nmt/tensor/parallel.hpp"
#include "nmt/tensor/single_query.hpp"

#include <algorithm>
#include <utility>

namespace nmt {

void KeyValueCache::grow(const SequenceLayout& tokens) {
    check(tokens.count() == static_cast<int>(past_.size()), "tokens of {} rows for a cache of {}", tokens.count(), past_.size());
    if (stored_rows_ >= next_look_) let_go();
    for (int r = 0; r < tokens.count(); ++r)
        for (int i = 0; i < tokens.length(r); ++i) past_[static_cast<std::size_t>(r)].push_back({block_count_, tokens.offset(r) + i});
    ++block_count_;
    stored_rows_ += tokens.rows();
}

void KeyValueCache::store(std::size_t layer, const Columns& keys, const Columns& values) {
    Tensor both(keys.tensor.context(), {keys.rows(), keys.width + values.width});
    copy_columns(keys.tensor, keys.first, both, 0, keys.width);
    copy_columns(values.tensor, values.first, both, keys.width, values.width);
    blocks_[layer].push_back(std::move(both));
    check(std::ssize(blocks_[layer]) == block_count_, "layer {} has stored {} times in {} steps", layer, blocks_[layer].size(),
          block_count_);
}

void KeyValueCache::reorder(std::span<const std::int32_t> rows) {
    std::vector<std::vector<Place>> reordered;
    reordered.reserve(rows.size());
    for (const std::int32_t row : rows) reordered.push_back(past_[static_cast<std::size_t>(row)]);
    past_ = std::move(reordered);
}

// Hypotheses of one sentence share most of their past, so that after some steps most of what was stored belongs to hypotheses that have
// fallen out of the beam. Copying what is needed pays when that is little; looking for it is repeated when the cache has grown by half.
void KeyValueCache::let_go() {
    std::vector<std::vector<std::int32_t>> new_rows; // of each block's rows; -1: not needed
    for (const Tensor& block : blocks_.front()) new_rows.emplace_back(static_cast<std::size_t>(block.rows()), -1);
    std::vector<Place> needed;
    for (const std::vector<Place>& past : past_)
        for (const Place& place : past)
            if (std::int32_t& row = new_rows[static_cast<std::size_t>(place.block)][static_cast<std::size_t>(place.row)]; row < 0) {
                row = static_cast<std::int32_t>(needed.size());
                needed.push_back(place);
            }
    if (3 * std::ssize(needed) <= 2 * stored_rows_) {
        for (std::vector<Place>& past : past_)
            for (Place& place : past) place = {0, new_rows[static_cast<std::size_t>(place.block)][static_cast<std::size_t>(place.row)]};
        move(needed);
    }
    next_look_ = stored_rows_ + stored_rows_ / 2;
}

// Makes one block of the rows to keep.
void KeyValueCache::move(const std::vector<Place>& kept) {
    for (std::vector<Tensor>& blocks : blocks_) {
        Tensor rows(blocks.front().context(), {std::ssize(kept), blocks.front().columns()});
        for (std::int64_t i = 0; i < rows.rows(); ++i) {
            const Place place = kept[static_cast<std::size_t>(i)];
            std::copy_n(blocks[static_cast<std::size_t>(place.block)].row(place.row), rows.columns(), rows.row(i));
        }
        blocks.assign(1, std::move(rows));
    }
    block_count_ = 1;
    stored_rows_ = std::ssize(kept);
}

void KeyValueCache::attend(std::size_t layer, int heads, const SequenceLayout& tokens, const Columns& queries, Tensor& context) const {
    const std::vector<Tensor>& blocks = blocks_[layer];
    const std::vector<std::int32_t>& row_of_query = tokens.sequence_of_row();
    parallel_for(context.context(), queries.rows(), 4, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> weights;
        std::vector<const float*> keys, values;
        for (std::int64_t i = begin; i < end; ++i) {
            const std::int32_t r = row_of_query[static_cast<std::size_t>(i)];
            if (r < 0) {
                std::fill_n(context.row(i), context.columns(), 0.0F);
                continue;
            }
            const std::vector<Place>& past = past_[static_cast<std::size_t>(r)];
            const auto seen = std::ssize(past) - (tokens.offset(r) + tokens.length(r) - 1 - i); // without the tokens after this one
            keys.clear();
            values.clear();
            for (auto place = past.begin(); place != past.begin() + seen; ++place) {
                const float* const both = blocks[static_cast<std::size_t>(place->block)].row(place->row);
                keys.push_back(both);
                values.push_back(both + queries.width);
            }
            weights.resize(static_cast<std::size_t>(heads * seen));
            attend_row({queries.row(i), keys, values, heads, queries.width / heads}, weights.data(), seen, context.row(i));
        }
    });
}

} // namespace nmt
