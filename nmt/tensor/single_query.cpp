#include "nmt/tensor/single_query.hpp"

#include "nmt/tensor/lanes.hpp"
#include "nmt/tensor/row_kernels.hpp"

#include <cmath>
#include <iterator>

namespace nmt {
namespace {

// The scores of a query with C keys, 1 or 4, in `width` columns from `column` on.
template <int C>
NMT_INLINE void score_keys(const float* query, const float* const* keys, std::int64_t column, std::int64_t width, float scale,
                           float* scores) {
    const std::int64_t whole = column + width / kLanes * kLanes;
    Lanes lanes[C] = {};
    for (std::int64_t j = column; j < whole; j += kLanes)
        for (int c = 0; c < C; ++c) lanes[c] += lanes_at(query + j) * lanes_at(keys[c] + j);
    float sums[C];
    if constexpr (C == 4) *reinterpret_cast<QuarterLanes*>(sums) = sums_of_lanes(lanes);
    else sums[0] = sum_of_lanes(lanes[0]);
    for (int c = 0; c < C; ++c) {
        for (std::int64_t j = whole; j < column + width; ++j) sums[c] += query[j] * keys[c][j];
        scores[c] = scale * sums[c];
    }
}

// weights [H,stride]: the scores of the query with n keys, head by head.
NMT_MULTIVERSION void score_kernel(const SingleQuery& single, float scale, float* weights, std::int64_t stride) {
    const float* const* const keys = single.keys.data();
    const std::int64_t n = std::ssize(single.keys), width = single.width;
    for (std::int64_t h = 0; h < single.heads; ++h) {
        std::int64_t s = 0;
        for (; s + 4 <= n; s += 4) score_keys<4>(single.query, keys + s, h * width, width, scale, weights + h * stride + s);
        for (; s < n; ++s) score_keys<1>(single.query, keys + s, h * width, width, scale, weights + h * stride + s);
    }
}

// W times 16 columns from `column` on of the sum of n values under their weights.
template <int W>
NMT_INLINE void mean_block(const float* weights, const float* const* values, std::int64_t n, std::int64_t column, float* context) {
    Lanes sums[W] = {};
    for (std::int64_t s = 0; s < n; ++s)
        for (int w = 0; w < W; ++w) sums[w] += weights[s] * lanes_at(values[s] + column + w * kLanes);
    for (int w = 0; w < W; ++w) lanes_at(context + column + w * kLanes) = sums[w];
}

// context [H*width]: each head's part of n values under its weights [H,stride].
NMT_MULTIVERSION void mean_kernel(const SingleQuery& single, const float* weights, std::int64_t stride, float* context) {
    const float* const* const values = single.values.data();
    const std::int64_t n = std::ssize(single.values), width = single.width, whole = width / kLanes * kLanes;
    for (std::int64_t h = 0; h < single.heads; ++h) {
        const float* const w = weights + h * stride;
        std::int64_t column = h * width;
        for (; column + 4 * kLanes <= h * width + whole; column += 4 * kLanes) mean_block<4>(w, values, n, column, context);
        for (; column < h * width + whole; column += kLanes) mean_block<1>(w, values, n, column, context);
        for (std::int64_t j = h * width + whole; j < (h + 1) * width; ++j) {
            float sum = 0;
            for (std::int64_t s = 0; s < n; ++s) sum += w[s] * values[s][j];
            context[j] = sum;
        }
    }
}

} // namespace

float attention_scale(std::int64_t head_width) { return 1.0F / std::sqrt(static_cast<float>(head_width)); }

void attend_row(const SingleQuery& single, float* weights, std::int64_t stride, float* context) {
    score_kernel(single, attention_scale(single.width), weights, stride);
    if (!single.keys.empty())
        for (std::int64_t h = 0; h < single.heads; ++h) softmax_row(weights + h * stride, std::ssize(single.keys));
    mean_kernel(single, weights, stride, context);
}

} // namespace nmt
