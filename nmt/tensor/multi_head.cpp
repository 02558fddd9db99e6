#include "nmt/tensor/multi_head.hpp"

#include "nmt/tensor/parallel.hpp"
#include "nmt/tensor/row_kernels.hpp"
#include "nmt/tensor/single_query.hpp"
#include "nmt/tensor/small_product.hpp"
#include "nmt/tensor/vector_math.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace nmt {
namespace {

void check_shapes(const MultiHeadShape& shape, const Columns& queries, const Columns& memory, const Tensor& weights) {
    check(queries.width == memory.width && queries.width % shape.heads == 0 && memory.rows() >= shape.memory->total() &&
              queries.rows() == static_cast<std::int64_t>(shape.sentence_of_query.size()) && weights.rows() == queries.rows() &&
              weights.columns() == shape.heads * std::max(shape.memory->longest(), 1),
          "attention of {} columns of {} with {} heads over {} of {}, weights {}", queries.width, queries.tensor.shape().to_string(),
          shape.heads, memory.width, memory.tensor.shape().to_string(), weights.shape().to_string());
}

// Each row becomes softmax(scale row) over the columns that its query sees, `visible` [rows] of them, and 0 beyond. Whole lanes: a row ends
// with one.
NMT_MULTIVERSION void masked_softmax_kernel(float* rows, std::int64_t stride, std::int64_t count, const std::int32_t* visible,
                                            float scale) {
    for (std::int64_t i = 0; i < count; ++i, rows += stride) {
        const std::int32_t end = visible[i];
        float maximum = -std::numeric_limits<float>::infinity(), sum = 0;
        for (std::int32_t j = 0; j < end; j += kLanes)
#pragma omp simd reduction(max : maximum)
            for (std::int32_t l = 0; l < kLanes; ++l) {
                const float seen = j + l < end ? rows[j + l] : -std::numeric_limits<float>::infinity();
                maximum = seen > maximum ? seen : maximum;
            }
        for (std::int32_t j = 0; j < end; j += kLanes)
#pragma omp simd reduction(+ : sum)
            for (std::int32_t l = 0; l < kLanes; ++l) {
                const float power = fast_exp(scale * (rows[j + l] - maximum));
                rows[j + l] = j + l < end ? power : 0.0F;
                sum += rows[j + l];
            }
        const float share = end > 0 ? 1.0F / sum : 0.0F;
        for (std::int32_t j = 0; j < stride; j += kLanes)
#pragma omp simd
            for (std::int32_t l = 0; l < kLanes; ++l) rows[j + l] = j + l < end ? share * rows[j + l] : 0.0F;
    }
}

// The gradient of scale * scores, in place of that of what was kept of their softmax `weights`: a weight times its gradient is what was
// kept of it times its own.
NMT_MULTIVERSION void score_gradient_kernel(const float* weights, const float* kept, float* d, float scale, std::int64_t n) {
    float mean = 0; // of the gradients under the weights
#pragma omp simd reduction(+ : mean)
    for (std::int64_t s = 0; s < n; ++s) mean += kept[s] * d[s];
#pragma omp simd
    for (std::int64_t s = 0; s < n; ++s) d[s] = scale * (kept[s] * d[s] - weights[s] * mean);
}

// One head of one sentence: its queries are the rows `queries` [m] of tensors over N, its memory the rows `memory` [length] of tensors
// over M. Its weights have columns from weight_column on, everything else `width` columns from `column` on.
struct Head {
    std::span<const std::int32_t> queries, memory;
    std::int64_t weight_column, column, width;

    std::int64_t length() const { return std::ssize(memory); }
    RowsOf<const float> weights_of(const Tensor& tensor) const { return {tensor.data() + weight_column, tensor.columns(), queries}; }
    RowsOf<float> weights_of(Tensor& tensor) const { return {tensor.data() + weight_column, tensor.columns(), queries}; }

    // Calls body(its columns of the rows), of elements as they are stored; of Columns that are const they are const, too.
    template <typename SomeColumns, typename Body>
    void visit(SomeColumns& all, std::span<const std::int32_t> rows, const Body& body) const {
        const auto part = [&]<typename Element>(Element* elements) {
            return RowsOf<Element>{elements + all.first + column, all.tensor.columns(), rows};
        };
        if (all.tensor.type() == DataType::bf16) body(part(all.tensor.template as<std::uint16_t>()));
        else body(part(all.tensor.data()));
    }
    void load(SmallMatrix& to, const Columns& all, std::span<const std::int32_t> rows) const {
        visit(all, rows, [&](const auto& part) { to.load(part, width); });
    }
    void load_transposed(SmallMatrix& to, const Columns& all, std::span<const std::int32_t> rows) const {
        visit(all, rows, [&](const auto& part) { to.load_transposed(part, width); });
    }
    // c = a b, or a^T b, for those columns of the rows as b; what must be copied of them is in `copy`.
    void multiply(const SmallMatrix& a, bool transpose_a, const Columns& all, std::span<const std::int32_t> rows, SmallMatrix& c,
                  SmallMatrix& copy) const {
        visit(all, rows, [&](const auto& part) {
            if (width % kLanes == 0) return transpose_a ? small_product_transposed(a, part, width, c) : small_product(a, part, width, c);
            copy.load(part, width);
            transpose_a ? small_product_transposed(a, copy, c) : small_product(a, copy, c);
        });
    }
    void store(const SmallMatrix& from, Columns& all, std::span<const std::int32_t> rows, bool add = false) const {
        visit(all, rows, [&](const auto& part) { add ? from.add_to(part) : from.store(part); });
    }
};

// What a thread works in.
struct Scratch {
    SmallMatrix a, b, c, product;
    RowIndex memory, visible; // rows of the sentence at hand, and how many of them each of its queries sees
    std::vector<const float*> keys, values;
};

// So many queries of a sentence are taken one by one; more are worth matrices of their own.
constexpr std::int64_t kFewQueries = 6;

// How many of `length` positions of its sentence a query sees.
std::int32_t visible_to(const MultiHeadShape& shape, std::int32_t query, std::int32_t length) {
    return shape.visible.empty() ? length : std::min(length, shape.visible[static_cast<std::size_t>(query)]);
}

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
                scratch.visible.clear();
                for (const std::int32_t query : queries)
                    scratch.visible.push_back(visible_to(shape, query, shape.memory->length(sentence)));
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

// How many positions its sentence has for a query.
std::int64_t length_for(const MultiHeadShape& shape, std::int64_t query) {
    const std::int32_t sentence = shape.sentence_of_query[static_cast<std::size_t>(query)];
    return sentence < 0 ? 0 : shape.memory->length(sentence);
}

// Zeros in the weights that no head writes.
void clear_unwritten_weights(const MultiHeadShape& shape, Tensor& weights) {
    const std::int64_t longest = weights.columns() / shape.heads;
    for (std::int64_t i = 0; i < weights.rows(); ++i)
        for (std::int64_t h = 0; h < shape.heads; ++h)
            std::fill(weights.row(i) + h * longest + length_for(shape, i), weights.row(i) + (h + 1) * longest, 0.0F);
}

// Zeros in some columns of row i.
void clear_row(Columns& all, std::int64_t i) {
    const std::size_t size = size_of(all.tensor.type());
    std::fill_n(all.tensor.bytes() + static_cast<std::size_t>(i * all.tensor.columns() + all.first) * size,
                static_cast<std::size_t>(all.width) * size, std::byte{0});
}

// Zeros in the rows that belong to no query that sees something.
void clear_unwritten_queries(const MultiHeadShape& shape, Columns& queries) {
    for (std::int64_t i = 0; i < queries.rows(); ++i)
        if (length_for(shape, i) == 0) clear_row(queries, i);
}

// Zeros in the rows of the memory's gradients that no query sees.
void clear_unwritten_memory(const MultiHeadShape& shape, MultiHeadGradients& d) {
    std::vector<bool> read(static_cast<std::size_t>(shape.memory->count()));
    for (const std::int32_t sentence : shape.sentence_of_query)
        if (sentence >= 0) read[static_cast<std::size_t>(sentence)] = true;
    for (Columns* const memory : {&d.keys, &d.values}) {
        for (std::int64_t i = 0; !memory->empty() && i < memory->rows(); ++i) {
            const std::int32_t sentence = i < shape.memory->rows() ? shape.memory->sequence_of_row()[static_cast<std::size_t>(i)] : -1;
            if (sentence < 0 || !read[static_cast<std::size_t>(sentence)]) clear_row(*memory, i);
        }
    }
}

// Leaves the weights in scratch.c, too.
void weights_of_head(const Head& head, const Columns& queries, const Columns& keys, Tensor& weights, Scratch& scratch) {
    head.load(scratch.a, queries, head.queries);
    head.load_transposed(scratch.b, keys, head.memory);
    small_product(scratch.a, scratch.b, scratch.c);
    masked_softmax_kernel(scratch.c.row(0), scratch.c.stride(), scratch.c.rows(), scratch.visible.data(), attention_scale(head.width));
    scratch.c.store(head.weights_of(weights));
}

// Of the weights in scratch.c.
void context_of_head(const Head& head, const Columns& values, Columns& context, Scratch& scratch) {
    head.multiply(scratch.c, false, values, head.memory, scratch.a, scratch.b);
    head.store(scratch.a, context, head.queries);
}

} // namespace

void multi_head_weights(const MultiHeadShape& shape, const Columns& queries, const Columns& keys, Tensor& weights) {
    check_shapes(shape, queries, keys, weights);
    clear_unwritten_weights(shape, weights);
    for_each_head(shape, weights.context(), queries.width,
                  [&](const Head& head, Scratch& scratch) { weights_of_head(head, queries, keys, weights, scratch); });
}

void multi_head_context(const MultiHeadShape& shape, const Tensor& weights, const Columns& values, Columns context) {
    check_shapes(shape, context, values, weights);
    clear_unwritten_queries(shape, context);
    for_each_head(shape, weights.context(), context.width, [&](const Head& head, Scratch& scratch) {
        scratch.c.load(head.weights_of(weights), head.length());
        context_of_head(head, values, context, scratch);
    });
}

void multi_head_forward(const MultiHeadShape& shape, const MultiHeadInput& input, Tensor& weights, Columns context) {
    const auto& [queries, keys, values] = input;
    check_shapes(shape, queries, keys, weights);
    check_shapes(shape, context, values, weights);
    clear_unwritten_weights(shape, weights);
    clear_unwritten_queries(shape, context);
    const std::int64_t width = queries.width / shape.heads, longest = std::max(shape.memory->longest(), 1);
    const bool one_by_one = queries.tensor.type() == DataType::f32;
    for_each_sentence(shape, weights.context(), [&](const RowIndex& rows, Scratch& scratch) {
        if (std::ssize(rows) > kFewQueries || !one_by_one) {
            for (std::int64_t h = 0; h < shape.heads; ++h) {
                const Head head = head_of(shape, rows, scratch.memory, h, queries.width);
                weights_of_head(head, queries, keys, weights, scratch);
                context_of_head(head, values, context, scratch);
            }
            return;
        }
        const std::int64_t first = scratch.memory.front(), length = std::ssize(scratch.memory);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const std::int32_t row = rows[i];
            const std::int64_t visible = scratch.visible[i];
            scratch.keys.clear();
            scratch.values.clear();
            for (std::int64_t s = first; s < first + visible; ++s) {
                scratch.keys.push_back(keys.row(s));
                scratch.values.push_back(values.row(s));
            }
            for (std::int64_t h = 0; h < shape.heads; ++h) std::fill_n(weights.row(row) + h * longest + visible, length - visible, 0.0F);
            attend_row({queries.row(row), scratch.keys, scratch.values, shape.heads, width}, weights.row(row), longest, context.row(row));
        }
    });
}

void multi_head_backward(const MultiHeadShape& shape, const MultiHeadInput& input, const MultiHeadWeights& of_context,
                         const Columns& d_context, MultiHeadGradients d) {
    const auto& [queries, keys, values] = input;
    const auto& [weights, kept] = of_context;
    check_shapes(shape, queries, keys, weights);
    check_shapes(shape, d_context, values, kept);
    const float scale = attention_scale(queries.width / shape.heads);
    const bool dropped = kept.data() != weights.data();
    if (!d.add) {
        if (!d.queries.empty()) clear_unwritten_queries(shape, d.queries);
        clear_unwritten_memory(shape, d);
    }
    for_each_head(shape, weights.context(), queries.width, [&](const Head& head, Scratch& scratch) {
        SmallMatrix& d_kept = scratch.c;
        head.load(scratch.a, d_context, head.queries);
        head.load_transposed(scratch.b, values, head.memory);
        small_product(scratch.a, scratch.b, d_kept);
        scratch.b.load(head.weights_of(kept), head.length());
        if (!d.values.empty()) {
            small_product_transposed(scratch.b, scratch.a, scratch.product);
            head.store(scratch.product, d.values, head.memory, d.add);
        }
        if (dropped) scratch.a.load(head.weights_of(weights), head.length());
        const SmallMatrix& w = dropped ? scratch.a : scratch.b;
        for (std::int64_t i = 0; i < d_kept.rows(); ++i)
            score_gradient_kernel(w.row(i), scratch.b.row(i), d_kept.row(i), scale, head.length());
        if (!d.queries.empty()) {
            head.multiply(d_kept, false, keys, head.memory, scratch.product, scratch.b);
            head.store(scratch.product, d.queries, head.queries, d.add);
        }
        if (!d.keys.empty()) {
            head.multiply(d_kept, true, queries, head.queries, scratch.product, scratch.b);
            head.store(scratch.product, d.keys, head.memory, d.add);
        }
    });
}

} // namespace nmt
