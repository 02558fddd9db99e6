#include "nmt/tensor/attention.hpp"

#include "nmt/tensor/parallel.hpp"
#include "nmt/tensor/row_kernels.hpp"
#include "nmt/tensor/vector_math.hpp"

#include <algorithm>
#include <vector>

namespace nmt {
namespace {

NMT_MULTIVERSION float additive_score_kernel(const float* q, const float* k, const float* v, std::int64_t n) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < n; ++i) sum += v[i] * fast_tanh(q[i] + k[i]);
    return sum;
}

// Adds d score / d (q, k, v) * d_score.
NMT_MULTIVERSION void additive_backward_kernel(const float* q, const float* k, const float* v, float d_score, float* d_q, float* d_k,
                                               float* d_v, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) {
        const float t = fast_tanh(q[i] + k[i]);
        const float d = d_score * v[i] * (1.0F - t * t);
        d_q[i] += d;
        d_k[i] += d;
        d_v[i] += d_score * t;
    }
}

void check_shapes(const AttentionShape& shape, const AttentionInput& input) {
    const auto& [queries, keys, values, v] = input;
    check(queries.columns() == keys.columns() && keys.rows() >= shape.memory->total() && values.rows() >= shape.memory->total() &&
              queries.rows() == static_cast<std::int64_t>(shape.sentence_of_query.size()),
          "attention of queries {} over keys {} and values {}", queries.shape().to_string(), keys.shape().to_string(),
          values.shape().to_string());
    check((shape.score == AttentionScore::additive) == (v != nullptr), "additive attention, and it alone, has a vector v");
}

// Scratch for gradients that nobody wants.
struct Sinks {
    std::vector<float> query, key, v;
    Sinks(std::int64_t d) : query(static_cast<std::size_t>(d)), key(query), v(query) {}
};

} // namespace

void attention_forward(const AttentionShape& shape, const AttentionInput& input, Tensor& weights, Tensor& context) {
    check_shapes(shape, input);
    const Tensor &queries = input.queries, &keys = input.keys, &values = input.values;
    const Tensor* const v = input.v;
    const std::int64_t d = queries.columns(), e = values.columns();
    parallel_for(queries.context(), queries.rows(), 8, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) {
            const std::int32_t sentence = shape.sentence_of_query[static_cast<std::size_t>(i)];
            const std::int64_t length = sentence < 0 ? 0 : shape.memory->length(sentence);
            float* const row = weights.row(i);
            std::fill(row + length, row + weights.columns(), 0.0F);
            std::fill_n(context.row(i), e, 0.0F);
            if (length == 0) continue;
            const std::int64_t first = shape.memory->offset(sentence);
            for (std::int64_t s = 0; s < length; ++s)
                row[s] = v != nullptr ? additive_score_kernel(queries.row(i), keys.row(first + s), v->data(), d)
                                      : dot_row(queries.row(i), keys.row(first + s), d);
            softmax_row(row, length);
            for (std::int64_t s = 0; s < length; ++s) add_scaled_row(values.row(first + s), row[s], context.row(i), e);
        }
    });
}

void attention_backward(const AttentionShape& shape, const AttentionInput& input, const Tensor& weights, const Tensor& d_context,
                        const AttentionGradients& gradients) {
    check_shapes(shape, input);
    const Tensor &queries = input.queries, &keys = input.keys, &values = input.values;
    const Tensor* const v = input.v;
    const std::int64_t d = queries.columns(), e = values.columns();
    const std::vector<std::vector<std::int32_t>> query_rows = rows_by_sequence(shape.sentence_of_query, shape.memory->count());
    const std::int64_t sentences = shape.memory->count();
    // Sentences share v alone: each sums its own part, and the parts are added in order.
    Tensor v_parts = gradients.v == nullptr ? Tensor() : Tensor::zeros(queries.context(), {sentences, d});

    parallel_for(queries.context(), sentences, 1, [&](std::int64_t begin, std::int64_t end) {
        Sinks sinks(d);
        std::vector<float> d_scores;
        for (std::int64_t b = begin; b < end; ++b) {
            const std::int64_t first = shape.memory->offset(static_cast<int>(b)), length = shape.memory->length(static_cast<int>(b));
            d_scores.resize(static_cast<std::size_t>(length));
            for (const std::int32_t i : query_rows[static_cast<std::size_t>(b)]) {
                const float* const row = weights.row(i);
                float mean = 0; // of the weights' gradients under the weights
                for (std::int64_t s = 0; s < length; ++s) {
                    const float d_weight = dot_row(d_context.row(i), values.row(first + s), e);
                    d_scores[static_cast<std::size_t>(s)] = d_weight;
                    mean += row[s] * d_weight;
                    if (gradients.values != nullptr) add_scaled_row(d_context.row(i), row[s], gradients.values->row(first + s), e);
                }
                float* const d_query = gradients.queries == nullptr ? sinks.query.data() : gradients.queries->row(i);
                for (std::int64_t s = 0; s < length; ++s) {
                    const float d_score = row[s] * (d_scores[static_cast<std::size_t>(s)] - mean);
                    float* const d_key = gradients.keys == nullptr ? sinks.key.data() : gradients.keys->row(first + s);
                    if (v != nullptr) {
                        float* const d_v = gradients.v == nullptr ? sinks.v.data() : v_parts.row(b);
                        additive_backward_kernel(queries.row(i), keys.row(first + s), v->data(), d_score, d_query, d_key, d_v, d);
                    } else {
                        add_scaled_row(keys.row(first + s), d_score, d_query, d);
                        add_scaled_row(queries.row(i), d_score, d_key, d);
                    }
                }
            }
        }
    });
    if (gradients.v != nullptr)
        for (std::int64_t b = 0; b < sentences; ++b) add_scaled_row(v_parts.row(b), 1.0F, gradients.v->data(), d);
}

} // namespace nmt
