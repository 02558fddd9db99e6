// Scaled dot-product attention of one query at a time, over keys and values that lie wherever they lie. Used for sentences of few
// queries and for the past of hypotheses.
#pragma once

#include <cstdint>
#include <vector>

namespace nmt {

// What scores are multiplied by.
float attention_scale(std::int64_t head_width);

// A query [D], and pointers to n keys and n values [D], in H heads of `width` columns each.
struct SingleQuery {
    const float* query;
    const std::vector<const float*>&keys, &values;
    std::int64_t heads, width;
};

// weights [H,stride], stride >= n: softmax(q k scale); context [D]: each head's values under its weights, zeros for n = 0.
void attend_row(const SingleQuery& single, float* weights, std::int64_t stride, float* context);

} // namespace nmt
