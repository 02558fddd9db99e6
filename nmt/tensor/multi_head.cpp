#include "nmt/tensor/multi_head.hpp"

#include "nmt/tensor/parallel.hpp"
#include "nmt/tensor/row_kernels.hpp"
#include "nmt/tensor/single_query.hpp"
#include "nmt/tensor/small_product.hpp"

#include <algorithm>
#include <numeric>

namespace nmt {
namespace {

void check_shapes(const MultiHeadShape& shape, const Tensor& queries, const Tensor& memory, const Tensor& weights) {
    check(queries.columns() == memory.columns() && queries.columns() % shape.heads == 0 && memory.rows() >= shape.memory->total() &&
              queries.rows() == static_cast<std::int64_t>(shape.sentence_of_query.size()) && weights.rows() == queries.rows() &&
              weights.columns() == shape.heads * std::max(shape.memory->longest(), 1),
          "attention of {} with {} heads over {}, weights {}", queries.shape().to_string(), shape.heads, memory.shape().to_string(),
          weights.shape().to_string());
}

// One head of one sentence: its queries are the rows `queries` [m] of tensors over N, its memory the rows `memory` [length] of tensors
// over M. The columns of weights, and those of everything else, start at weight_column and column.
struct Head {
    std::span<const std::int32_t> queries, memory;
    std::int64_t weight_column, column, width;

    std::int64_t length() const { return std::ssize(memory); }
    RowsOf<const float> queries_of(const Tensor& tensor) const { return {tensor.data() + column, tensor.columns(), queries}; }
    RowsOf<float> queries_of(Tensor& tensor) const { return {tensor.data() + column, tensor.columns(), queries}; }
    RowsOf<const float> memory_of(const Tensor& tensor) const { return {tensor.data() + column, tensor.columns(), memory}; }
    RowsOf<float> memory_of(Tensor& tensor) const { return {tensor.data() + column, tensor.columns(), memory}; }
    RowsOf<const float> weights_of(const Tensor& tensor) const { return {tensor.data() + weight_column, tensor.columns(), queries}; }
    RowsOf<float> weights_of(Tensor& tensor) const { return {tensor.data() + weight_column, tensor.columns(), queries}; }
};

// What a thread works in.
struct Scratch {
    SmallMatrix a, b, c;
    RowIndex memory; // rows of the sentence at hand
    std::vector<const float*> keys, values;
};

// So many queries of a sentence are taken one by one; more are worth matrices of their own.
constexpr std::int64_t kFewQueries = 6;

// Calls body(queries, scratch) for every sentence that has queries and a memory. Sentences are independent of one
// another: the queries of one share the gradients of its memory.
template <typename Body>
void for_each_sentence(const MultiHeadShape& shape, const Context& context, const Body& body) {
    const std::vector<RowIndex> rows = rows_by_sequence(shape.sentence_of_query, shape.memory->count());
    parallel_for(context, shape.memory->count(), 1, [&](std::int64_t begin, std::int64_t end) {
        Scratch scratch;
        for (auto sentence = static_cast<int>(begin); sentence < end; ++sentence)
            if (const RowIndex& queries = rows[static_cast<std::size_t>(sentence)];
                !queries.empty() && shape.memory->length(sentence) > 0) {
                scratch.memory.resize(static_cast<std::size_t>(shape.memory->length(sentence)));
                std::iota(scratch.memory.begin(), scratch.memory.end(), shape.memory->offset(sentence));
                body(queries, scratch);
            }
    });
}

Head head_of(const MultiHeadShape& shape, const RowIndex& queries, const RowIndex& memory, std::int64_t h, std::int64_t model_width) {
    const std::int64_t width = model_width / shape.heads, longest = std::max(shape.memory->longest(), 1);
    return {queries, memory, h * longest, h * width, width};
}

// Calls body(head, scratch) for every head of every sentence that has queries.
template <typename Body>
void for_each_head(const MultiHeadShape& shape, const Context& context, std::int64_t model_width, const Body& body) {
    for_each_sentence(shape, context, [&](const RowIndex& queries, Scratch& scratch) {
        for (std::int64_t h = 0; h < shape.heads; ++h) body(head_of(shape, queries, scratch.memory, h, model_width), scratch);
    });
}

// How many positions of its sentence, of `length`, a query sees.
std::int64_t visible_to(const MultiHeadShape& shape, std::int32_t query, std::int64_t length) {
    return shape.visible.empty() ? length : std::min<std::int64_t>(length, shape.visible[static_cast<std::size_t>(query)]);
}

void weights_of_head(const MultiHeadShape& shape, const Head& head, const Tensor& queries, const Tensor& keys, Tensor& weights,
                     Scratch& scratch) {
    const float scale = attention_scale(head.width);
    scratch.a.load(head.queries_of(queries), head.width);
    scratch.b.load_transposed(head.memory_of(keys), head.width);
    small_product(scratch.a, scratch.b, scratch.c);
    for (std::int64_t i = 0; i < scratch.c.rows(); ++i) {
        float* const row = scratch.c.row(i);
        const std::int64_t visible = visible_to(shape, head.queries[static_cast<std::size_t>(i)], head.length());
        for (std::int64_t s = 0; s < visible; ++s) row[s] *= scale;
        if (visible > 0) softmax_row(row, visible);
        std::fill(row + visible, row + head.length(), 0.0F);
    }
    scratch.c.store(head.weights_of(weights));
}

void context_of_head(const Head& head, const Tensor& weights, const Tensor& values, Tensor& context, Scratch& scratch) {
    scratch.a.load(head.weights_of(weights), head.length());
    scratch.b.load(head.memory_of(values), head.width);
    small_product(scratch.a, scratch.b, scratch.c);
    scratch.c.store(head.queries_of(context));
}

} // namespace

void multi_head_weights(const MultiHeadShape& shape, const Tensor& queries, const Tensor& keys, Tensor& weights) {
    check_shapes(shape, queries, keys, weights);
    weights.fill(0);
    for_each_head(shape, queries.context(), queries.columns(),
                  [&](const Head& head, Scratch& scratch) { weights_of_head(shape, head, queries, keys, weights, scratch); });
}

void multi_head_context(const MultiHeadShape& shape, const Tensor& weights, const Tensor& values, Tensor& context) {
    check_shapes(shape, context, values, weights);
    context.fill(0);
    for_each_head(shape, context.context(), context.columns(),
                  [&](const Head& head, Scratch& scratch) { context_of_head(head, weights, values, context, scratch); });
}

void multi_head_forward(const MultiHeadShape& shape, const Tensor& queries, const Tensor& keys, const Tensor& values, Tensor& weights,
                        Tensor& context) {
    check_shapes(shape, queries, keys, weights);
    check_shapes(shape, context, values, weights);
    weights.fill(0);
    context.fill(0);
    const std::int64_t width = queries.columns() / shape.heads, longest = std::max(shape.memory->longest(), 1);
    for_each_sentence(shape, queries.context(), [&](const RowIndex& rows, Scratch& scratch) {
        if (std::ssize(rows) > kFewQueries) {
            for (std::int64_t h = 0; h < shape.heads; ++h) {
                const Head head = head_of(shape, rows, scratch.memory, h, queries.columns());
                weights_of_head(shape, head, queries, keys, weights, scratch);
                context_of_head(head, weights, values, context, scratch);
            }
            return;
        }
        const std::int64_t first = scratch.memory.front(), length = std::ssize(scratch.memory);
        for (const std::int32_t row : rows) {
            const std::int64_t visible = visible_to(shape, row, length);
            scratch.keys.clear();
            scratch.values.clear();
            for (std::int64_t s = first; s < first + visible; ++s) {
                scratch.keys.push_back(keys.row(s));
                scratch.values.push_back(values.row(s));
            }
            attend_row(queries.row(row), scratch.keys, scratch.values, shape.heads, width, weights.row(row), longest, context.row(row));
        }
    });
}

void multi_head_context_backward(const MultiHeadShape& shape, const Tensor& weights, const Tensor& values, const Tensor& d_context,
                                 Tensor& d_weights, Tensor* d_values) {
    check_shapes(shape, d_context, values, weights);
    d_weights.fill(0);
    for_each_head(shape, weights.context(), d_context.columns(), [&](const Head& head, Scratch& scratch) {
        scratch.a.load(head.queries_of(d_context), head.width);
        scratch.b.load_transposed(head.memory_of(values), head.width);
        small_product(scratch.a, scratch.b, scratch.c);
        scratch.c.store(head.weights_of(d_weights));
        if (d_values == nullptr) return;
        scratch.b.load(head.weights_of(weights), head.length());
        small_product_transposed(scratch.b, scratch.a, scratch.c);
        scratch.c.add_to(head.memory_of(*d_values));
    });
}

void multi_head_weights_backward(const MultiHeadShape& shape, const Tensor& queries, const Tensor& keys, const Tensor& weights,
                                 const Tensor& d_weights, Tensor* d_queries, Tensor* d_keys) {
    check_shapes(shape, queries, keys, weights);
    const float scale = attention_scale(queries.columns() / shape.heads);
    for_each_head(shape, queries.context(), queries.columns(), [&](const Head& head, Scratch& scratch) {
        scratch.a.load(head.weights_of(weights), head.length());
        scratch.b.load(head.weights_of(d_weights), head.length());
        for (std::int64_t i = 0; i < scratch.a.rows(); ++i) { // the gradient of the scores, in place of the weights
            float* const w = scratch.a.row(i);
            const float* const d_w = scratch.b.row(i);
            const float mean = dot_row(w, d_w, head.length()); // of the gradients under the weights
            for (std::int64_t s = 0; s < head.length(); ++s) w[s] *= scale * (d_w[s] - mean);
        }
        if (d_queries != nullptr) {
            scratch.b.load(head.memory_of(keys), head.width);
            small_product(scratch.a, scratch.b, scratch.c);
            scratch.c.add_to(head.queries_of(*d_queries));
        }
        if (d_keys != nullptr) {
            scratch.b.load(head.queries_of(queries), head.width);
            small_product_transposed(scratch.a, scratch.b, scratch.c);
            scratch.c.add_to(head.memory_of(*d_keys));
        }
    });
}

} // namespace nmt
