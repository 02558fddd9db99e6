#include "nmt/tensor/multi_head.hpp"

#include "nmt/tensor/parallel.hpp"
#include "nmt/tensor/row_kernels.hpp"

#include <algorithm>
#include <cmath>

namespace nmt {
namespace {

// The rows of memory that a query sees.
struct View {
    std::int64_t first = 0, length = 0;
};

View view_of(const MultiHeadShape& shape, std::int64_t query) {
    const std::int32_t sentence = shape.sentence_of_query[static_cast<std::size_t>(query)];
    if (sentence < 0) return {};
    const std::int64_t length = shape.memory->length(sentence);
    if (shape.visible.empty()) return {shape.memory->offset(sentence), length};
    return {shape.memory->offset(sentence), std::min<std::int64_t>(length, shape.visible[static_cast<std::size_t>(query)])};
}

float scale_of(std::int64_t head_width) { return 1.0F / std::sqrt(static_cast<float>(head_width)); }

void check_shapes(const MultiHeadShape& shape, const Tensor& queries, const Tensor& memory, const Tensor& weights) {
    check(queries.columns() == memory.columns() && queries.columns() % shape.heads == 0 && memory.rows() >= shape.memory->total() &&
              queries.rows() == static_cast<std::int64_t>(shape.sentence_of_query.size()) && weights.rows() == queries.rows() &&
              weights.columns() == shape.heads * std::max(shape.memory->longest(), 1),
          "attention of {} with {} heads over {}, weights {}", queries.shape().to_string(), shape.heads, memory.shape().to_string(),
          weights.shape().to_string());
}

// The query rows of each sentence, in order: sentences are independent of one another, queries of one sentence share its gradients.
std::vector<std::vector<std::int32_t>> queries_by_sentence(const MultiHeadShape& shape) {
    std::vector<std::vector<std::int32_t>> rows(static_cast<std::size_t>(shape.memory->count()));
    for (std::size_t i = 0; i < shape.sentence_of_query.size(); ++i)
        if (shape.sentence_of_query[i] >= 0)
            rows[static_cast<std::size_t>(shape.sentence_of_query[i])].push_back(static_cast<std::int32_t>(i));
    return rows;
}

template <typename Body>
void for_each_query_of_sentences(const MultiHeadShape& shape, const Context& context, const Body& body) {
    const std::vector<std::vector<std::int32_t>> rows = queries_by_sentence(shape);
    parallel_for(context, shape.memory->count(), 1, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t b = begin; b < end; ++b)
            for (const std::int32_t i : rows[static_cast<std::size_t>(b)]) body(i, view_of(shape, i));
    });
}

} // namespace

void multi_head_weights(const MultiHeadShape& shape, const Tensor& queries, const Tensor& keys, Tensor& weights) {
    check_shapes(shape, queries, keys, weights);
    const std::int64_t width = queries.columns() / shape.heads, longest = weights.columns() / shape.heads;
    const float scale = scale_of(width);
    parallel_for(queries.context(), queries.rows(), 16, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const View view = view_of(shape, i);
            for (int h = 0; h < shape.heads; ++h) {
                float* const row = weights.row(i) + h * longest;
                std::fill(row + view.length, row + longest, 0.0F);
                for (std::int64_t s = 0; s < view.length; ++s)
                    row[s] = scale * dot_row(queries.row(i) + h * width, keys.row(view.first + s) + h * width, width);
                if (view.length > 0) softmax_row(row, view.length);
            }
        }
    });
}

void multi_head_context(const MultiHeadShape& shape, const Tensor& weights, const Tensor& values, Tensor& context) {
    check_shapes(shape, context, values, weights);
    const std::int64_t width = context.columns() / shape.heads, longest = weights.columns() / shape.heads;
    parallel_for(context.context(), context.rows(), 16, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const View view = view_of(shape, i);
            std::fill_n(context.row(i), context.columns(), 0.0F);
            for (int h = 0; h < shape.heads; ++h)
                for (std::int64_t s = 0; s < view.length; ++s)
                    add_scaled_row(values.row(view.first + s) + h * width, weights.row(i)[h * longest + s], context.row(i) + h * width,
                                   width);
        }
    });
}

void multi_head_context_backward(const MultiHeadShape& shape, const Tensor& weights, const Tensor& values, const Tensor& d_context,
                                 Tensor& d_weights, Tensor* d_values) {
    check_shapes(shape, d_context, values, weights);
    const std::int64_t width = d_context.columns() / shape.heads, longest = weights.columns() / shape.heads;
    d_weights.fill(0);
    for_each_query_of_sentences(shape, weights.context(), [&](std::int64_t i, View view) {
        for (int h = 0; h < shape.heads; ++h)
            for (std::int64_t s = 0; s < view.length; ++s) {
                const std::int64_t column = h * longest + s, row = view.first + s;
                d_weights.row(i)[column] = dot_row(d_context.row(i) + h * width, values.row(row) + h * width, width);
                if (d_values != nullptr)
                    add_scaled_row(d_context.row(i) + h * width, weights.row(i)[column], d_values->row(row) + h * width, width);
            }
    });
}

void multi_head_weights_backward(const MultiHeadShape& shape, const Tensor& queries, const Tensor& keys, const Tensor& weights,
                                 const Tensor& d_weights, Tensor* d_queries, Tensor* d_keys) {
    check_shapes(shape, queries, keys, weights);
    const std::int64_t width = queries.columns() / shape.heads, longest = weights.columns() / shape.heads;
    const float scale = scale_of(width);
    for_each_query_of_sentences(shape, weights.context(), [&](std::int64_t i, View view) {
        for (int h = 0; h < shape.heads; ++h) {
            const float* const w = weights.row(i) + h * longest;
            const float* const d_w = d_weights.row(i) + h * longest;
            const float mean = dot_row(w, d_w, view.length); // of the gradients under the weights
            for (std::int64_t s = 0; s < view.length; ++s) {
                const float d_score = scale * w[s] * (d_w[s] - mean);
                const std::int64_t row = view.first + s;
                if (d_queries != nullptr) add_scaled_row(keys.row(row) + h * width, d_score, d_queries->row(i) + h * width, width);
                if (d_keys != nullptr) add_scaled_row(queries.row(i) + h * width, d_score, d_keys->row(row) + h * width, width);
            }
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
