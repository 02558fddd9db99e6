#include "nmt/tensor/multi_head.hpp"

#include "nmt/tensor/parallel.hpp"
#include "nmt/tensor/row_kernels.hpp"
#include "nmt/tensor/small_product.hpp"

#include <algorithm>
#include <cmath>

namespace nmt {
namespace {

using RowIndex = std::vector<std::int32_t>;

float scale_of(std::int64_t head_width) { return 1.0F / std::sqrt(static_cast<float>(head_width)); }

void check_shapes(const MultiHeadShape& shape, const Tensor& queries, const Tensor& memory, const Tensor& weights) {
    check(queries.columns() == memory.columns() && queries.columns() % shape.heads == 0 && memory.rows() >= shape.memory->total() &&
              queries.rows() == static_cast<std::int64_t>(shape.sentence_of_query.size()) && weights.rows() == queries.rows() &&
              weights.columns() == shape.heads * std::max(shape.memory->longest(), 1),
          "attention of {} with {} heads over {}, weights {}", queries.shape().to_string(), shape.heads, memory.shape().to_string(),
          weights.shape().to_string());
}

// The query rows of each sentence, in order.
std::vector<RowIndex> queries_by_sentence(const MultiHeadShape& shape) {
    std::vector<RowIndex> rows(static_cast<std::size_t>(shape.memory->count()));
    for (std::size_t i = 0; i < shape.sentence_of_query.size(); ++i)
        if (shape.sentence_of_query[i] >= 0)
            rows[static_cast<std::size_t>(shape.sentence_of_query[i])].push_back(static_cast<std::int32_t>(i));
    return rows;
}

// One head of one sentence: its queries are the rows `queries` [m] of tensors over N, its memory is `length` rows from `first` on of
// tensors over M. The columns of weights, and those of everything else, start at weight_column and column.
struct Head {
    const RowIndex& queries;
    std::int64_t first, length, weight_column, column, width;

    // [m,width] of a tensor over N, and [length,width] or its transpose of one over M.
    void load_queries(const Tensor& from, SmallMatrix& to) const {
        to.resize(std::ssize(queries), width);
        for (std::int64_t i = 0; i < to.rows(); ++i) to.set_row(i, from.row(queries[static_cast<std::size_t>(i)]) + column);
    }
    void load_memory(const Tensor& from, SmallMatrix& to) const {
        to.resize(length, width);
        for (std::int64_t s = 0; s < length; ++s) to.set_row(s, from.row(first + s) + column);
    }
    void load_memory_transposed(const Tensor& from, SmallMatrix& to) const {
        to.resize(width, length);
        for (std::int64_t s = 0; s < length; ++s) to.set_column(s, from.row(first + s) + column);
    }
    // [m,length] of weights.
    void load_weights(const Tensor& from, SmallMatrix& to) const {
        to.resize(std::ssize(queries), length);
        for (std::int64_t i = 0; i < to.rows(); ++i) to.set_row(i, from.row(queries[static_cast<std::size_t>(i)]) + weight_column);
    }
    void store_weights(const SmallMatrix& from, Tensor& to) const {
        for (std::int64_t i = 0; i < from.rows(); ++i)
            std::copy_n(from.row(i), length, to.row(queries[static_cast<std::size_t>(i)]) + weight_column);
    }
    void add_to_queries(const SmallMatrix& from, Tensor& to) const {
        for (std::int64_t i = 0; i < from.rows(); ++i) add(from.row(i), to.row(queries[static_cast<std::size_t>(i)]) + column);
    }
    void add_to_memory(const SmallMatrix& from, Tensor& to) const {
        for (std::int64_t s = 0; s < length; ++s) add(from.row(s), to.row(first + s) + column);
    }

  private:
    void add(const float* from, float* to) const {
        for (std::int64_t j = 0; j < width; ++j) to[j] += from[j];
    }
};

// What a thread works in.
struct Scratch {
    SmallMatrix a, b, c;
};

// Calls body(head, scratch) for every head of every sentence that has queries. Sentences are independent of one another: the
// queries of one share the gradients of its memory.
template <typename Body>
void for_each_head(const MultiHeadShape& shape, const Context& context, std::int64_t model_width, const Body& body) {
    const std::vector<RowIndex> rows = queries_by_sentence(shape);
    const std::int64_t width = model_width / shape.heads, longest = std::max(shape.memory->longest(), 1);
    parallel_for(context, shape.memory->count(), 1, [&](std::int64_t begin, std::int64_t end) {
        Scratch scratch;
        for (std::int64_t b = begin; b < end; ++b) {
            const RowIndex& queries = rows[static_cast<std::size_t>(b)];
            const auto sentence = static_cast<int>(b);
            if (queries.empty() || shape.memory->length(sentence) == 0) continue;
            for (std::int64_t h = 0; h < shape.heads; ++h)
                body(Head{queries, shape.memory->offset(sentence), shape.memory->length(sentence), h * longest, h * width, width}, scratch);
        }
    });
}

} // namespace

void multi_head_weights(const MultiHeadShape& shape, const Tensor& queries, const Tensor& keys, Tensor& weights) {
    check_shapes(shape, queries, keys, weights);
    const float scale = scale_of(queries.columns() / shape.heads);
    weights.fill(0);
    for_each_head(shape, queries.context(), queries.columns(), [&](const Head& head, Scratch& scratch) {
        head.load_queries(queries, scratch.a);
        head.load_memory_transposed(keys, scratch.b);
        small_product(scratch.a, scratch.b, scratch.c);
        for (std::int64_t i = 0; i < scratch.c.rows(); ++i) {
            float* const row = scratch.c.row(i);
            const auto query = static_cast<std::size_t>(head.queries[static_cast<std::size_t>(i)]);
            const std::int64_t visible = shape.visible.empty() ? head.length : std::min<std::int64_t>(head.length, shape.visible[query]);
            for (std::int64_t s = 0; s < visible; ++s) row[s] *= scale;
            if (visible > 0) softmax_row(row, visible);
            std::fill(row + visible, row + head.length, 0.0F);
        }
        head.store_weights(scratch.c, weights);
    });
}

void multi_head_context(const MultiHeadShape& shape, const Tensor& weights, const Tensor& values, Tensor& context) {
    check_shapes(shape, context, values, weights);
    context.fill(0);
    for_each_head(shape, context.context(), context.columns(), [&](const Head& head, Scratch& scratch) {
        head.load_weights(weights, scratch.a);
        head.load_memory(values, scratch.b);
        small_product(scratch.a, scratch.b, scratch.c);
        head.add_to_queries(scratch.c, context);
    });
}

void multi_head_context_backward(const MultiHeadShape& shape, const Tensor& weights, const Tensor& values, const Tensor& d_context,
                                 Tensor& d_weights, Tensor* d_values) {
    check_shapes(shape, d_context, values, weights);
    d_weights.fill(0);
    for_each_head(shape, weights.context(), d_context.columns(), [&](const Head& head, Scratch& scratch) {
        head.load_queries(d_context, scratch.a);
        head.load_memory_transposed(values, scratch.b);
        small_product(scratch.a, scratch.b, scratch.c);
        head.store_weights(scratch.c, d_weights);
        if (d_values == nullptr) return;
        head.load_weights(weights, scratch.b);
        small_product_transposed(scratch.b, scratch.a, scratch.c);
        head.add_to_memory(scratch.c, *d_values);
    });
}

void multi_head_weights_backward(const MultiHeadShape& shape, const Tensor& queries, const Tensor& keys, const Tensor& weights,
                                 const Tensor& d_weights, Tensor* d_queries, Tensor* d_keys) {
    check_shapes(shape, queries, keys, weights);
    const float scale = scale_of(queries.columns() / shape.heads);
    for_each_head(shape, queries.context(), queries.columns(), [&](const Head& head, Scratch& scratch) {
        head.load_weights(weights, scratch.a);
        head.load_weights(d_weights, scratch.b);
        for (std::int64_t i = 0; i < scratch.a.rows(); ++i) { // the gradient of the scores, in place of the weights
            float* const w = scratch.a.row(i);
            const float* const d_w = scratch.b.row(i);
            const float mean = dot_row(w, d_w, head.length); // of the gradients under the weights
            for (std::int64_t s = 0; s < head.length; ++s) w[s] *= scale * (d_w[s] - mean);
        }
        if (d_queries != nullptr) {
            head.load_memory(keys, scratch.b);
            small_product(scratch.a, scratch.b, scratch.c);
            head.add_to_queries(scratch.c, *d_queries);
        }
        if (d_keys != nullptr) {
            head.load_queries(queries, scratch.b);
            small_product_transposed(scratch.a, scratch.b, scratch.c);
            head.add_to_memory(scratch.c, *d_keys);
        }
    });
}

void KeyValueCache::append(const SequenceLayout& tokens, Tensor keys, Tensor values) {
    check(tokens.count() == static_cast<int>(past_.size()), "tokens of {} rows for a cache of {}", tokens.count(), past_.size());
    const auto block = static_cast<std::int32_t>(blocks_.size());
    blocks_.push_back({std::move(keys), std::move(values)});
    for (int r = 0; r < tokens.count(); ++r)
        for (int i = 0; i < tokens.length(r); ++i) past_[static_cast<std::size_t>(r)].push_back({block, tokens.offset(r) + i});
}

void KeyValueCache::reorder(std::span<const std::int32_t> rows) {
    std::vector<std::vector<Place>> reordered;
    reordered.reserve(rows.size());
    for (const std::int32_t row : rows) reordered.push_back(past_[static_cast<std::size_t>(row)]);
    past_ = std::move(reordered);
}

void KeyValueCache::attend(int heads, const SequenceLayout& tokens, const Tensor& queries, Tensor& context) const {
    const std::int64_t width = queries.columns() / heads;
    const float scale = scale_of(width);
    const std::vector<std::int32_t>& row_of_query = tokens.sequence_of_row();
    parallel_for(queries.context(), queries.rows(), 4, [&](std::int64_t begin, std::int64_t end) {
        std::vector<float> weights;
        for (std::int64_t i = begin; i < end; ++i) {
            std::fill_n(context.row(i), queries.columns(), 0.0F);
            const std::int32_t r = row_of_query[static_cast<std::size_t>(i)];
            if (r < 0) continue;
            const std::vector<Place>& past = past_[static_cast<std::size_t>(r)];
            const std::size_t later = static_cast<std::size_t>(tokens.offset(r) + tokens.length(r) - 1 - i); // tokens after this one
            weights.resize(past.size() - later);
            for (int h = 0; h < heads; ++h) {
                for (std::size_t s = 0; s < weights.size(); ++s)
                    weights[s] = scale * dot_row(queries.row(i) + h * width,
                                                 blocks_[static_cast<std::size_t>(past[s].block)].keys.row(past[s].row) + h * width, width);
                softmax_row(weights.data(), static_cast<std::int64_t>(weights.size()));
                for (std::size_t s = 0; s < weights.size(); ++s)
                    add_scaled_row(blocks_[static_cast<std::size_t>(past[s].block)].values.row(past[s].row) + h * width, weights[s],
                                   context.row(i) + h * width, width);
            }
        }
    });
}

} // namespace nmt
