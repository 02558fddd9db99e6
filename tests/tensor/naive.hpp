// The kernels once more, as plain loops in double precision, written from the documented mathematics. Tests of tensor and
// autograd compare against them. Beside them: random tensors and comparisons.
#pragma once

#include "nmt/base/random.hpp"
#include "nmt/tensor/attention.hpp"
#include "nmt/tensor/context.hpp"
#include "nmt/tensor/recurrent.hpp"
#include "nmt/tensor/tensor.hpp"
#include "tests/threads.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <span>
#include <vector>

namespace nmt::naive {

struct Matrix {
    std::int64_t rows = 0, columns = 0;
    std::vector<double> values;

    Matrix() = default;
    Matrix(std::int64_t rows, std::int64_t columns, double value = 0)
        : rows(rows), columns(columns), values(static_cast<std::size_t>(rows * columns), value) {}
    explicit Matrix(const Tensor& tensor)
        : rows(tensor.rows()), columns(tensor.columns()), values(tensor.data(), tensor.data() + tensor.size()) {}
    double& operator()(std::int64_t i, std::int64_t j) { return values[static_cast<std::size_t>(i * columns + j)]; }
    double operator()(std::int64_t i, std::int64_t j) const { return values[static_cast<std::size_t>(i * columns + j)]; }
};

inline Tensor random_tensor(Context& context, Shape shape, Random& random, double scale = 1) {
    Tensor tensor(context, shape);
    std::generate_n(tensor.data(), tensor.size(), [&] { return static_cast<float>(scale * random.normal()); });
    return tensor;
}

// The numbers of `from` on another context.
inline Tensor copied(Context& context, const Tensor& from) {
    Tensor tensor(context, from.shape());
    std::memcpy(tensor.data(), from.data(), static_cast<std::size_t>(from.size()) * sizeof(float));
    return tensor;
}

inline bool same_bytes(const Tensor& a, const Tensor& b) {
    return a.shape() == b.shape() && a.type() == b.type() &&
           std::memcmp(a.bytes(), b.bytes(), static_cast<std::size_t>(a.size()) * size_of(a.type())) == 0;
}

// Each element within tolerance * max(1, |expected|), in the rows that `expected` has.
inline void expect_close(const Tensor& found, const Matrix& expected, double tolerance) {
    ASSERT_GE(found.rows(), expected.rows);
    ASSERT_EQ(found.columns(), expected.columns);
    for (std::int64_t i = 0; i < expected.rows; ++i)
        for (std::int64_t j = 0; j < expected.columns; ++j)
            ASSERT_NEAR(found.row(i)[j], expected(i, j), tolerance * std::max(1.0, std::abs(expected(i, j))))
                << "row " << i << " column " << j;
}

inline Matrix transposed(const Matrix& a) {
    Matrix c(a.columns, a.rows);
    for (std::int64_t i = 0; i < a.rows; ++i)
        for (std::int64_t j = 0; j < a.columns; ++j) c(j, i) = a(i, j);
    return c;
}

inline Matrix product(const Matrix& a, const Matrix& b) {
    Matrix c(a.rows, b.columns);
    for (std::int64_t i = 0; i < a.rows; ++i)
        for (std::int64_t k = 0; k < a.columns; ++k)
            for (std::int64_t j = 0; j < b.columns; ++j) c(i, j) += a(i, k) * b(k, j);
    return c;
}

inline Matrix log_softmax(const Matrix& a) {
    Matrix c = a;
    for (std::int64_t i = 0; i < a.rows; ++i) {
        double maximum = a(i, 0), sum = 0;
        for (std::int64_t j = 0; j < a.columns; ++j) maximum = std::max(maximum, a(i, j));
        for (std::int64_t j = 0; j < a.columns; ++j) sum += std::exp(a(i, j) - maximum);
        for (std::int64_t j = 0; j < a.columns; ++j) c(i, j) = a(i, j) - maximum - std::log(sum);
    }
    return c;
}

struct Loss {
    double loss = 0, log_likelihood = 0;
};

inline Loss cross_entropy(const Matrix& logits, std::span<const std::int32_t> targets, double smoothing) {
    const Matrix log_p = log_softmax(logits);
    Loss result;
    for (std::int64_t i = 0; i < logits.rows; ++i) {
        const std::int32_t target = targets[static_cast<std::size_t>(i)];
        if (target < 0) continue;
        result.log_likelihood += log_p(i, target);
        for (std::int64_t j = 0; j < logits.columns; ++j)
            result.loss -= log_p(i, j) * (smoothing / static_cast<double>(logits.columns) + (j == target ? 1 - smoothing : 0));
    }
    return result;
}

// The constant under the square root is the customary 1e-5; rows of the tests have a variance near 1.
inline Matrix layer_norm(const Matrix& a, const Matrix& gain, const Matrix& bias) {
    Matrix c = a;
    const double n = static_cast<double>(a.columns);
    for (std::int64_t i = 0; i < a.rows; ++i) {
        double mean = 0, variance = 0;
        for (std::int64_t j = 0; j < a.columns; ++j) mean += a(i, j) / n;
        for (std::int64_t j = 0; j < a.columns; ++j) variance += (a(i, j) - mean) * (a(i, j) - mean) / n;
        for (std::int64_t j = 0; j < a.columns; ++j)
            c(i, j) = (a(i, j) - mean) / std::sqrt(variance + 1e-5) * gain.values[static_cast<std::size_t>(j)] +
                      bias.values[static_cast<std::size_t>(j)];
    }
    return c;
}

struct Attention {
    Matrix weights, context;
};

// v is empty for dot scores.
inline Attention attention(const std::vector<int>& lengths, std::span<const std::int32_t> sentence_of_query, const Matrix& queries,
                           const Matrix& keys, const Matrix& values, const Matrix& v) {
    const int longest = *std::max_element(lengths.begin(), lengths.end());
    Attention result{Matrix(queries.rows, longest), Matrix(queries.rows, values.columns)};
    for (std::int64_t i = 0; i < queries.rows; ++i) {
        const std::int32_t sentence = sentence_of_query[static_cast<std::size_t>(i)];
        if (sentence < 0 || lengths[static_cast<std::size_t>(sentence)] == 0) continue;
        const int first = std::accumulate(lengths.begin(), lengths.begin() + sentence, 0);
        const int length = lengths[static_cast<std::size_t>(sentence)];
        Matrix scores(1, length);
        for (int s = 0; s < length; ++s)
            for (std::int64_t d = 0; d < queries.columns; ++d) {
                const double q = queries(i, d), k = keys(first + s, d);
                scores(0, s) += v.values.empty() ? q * k : v.values[static_cast<std::size_t>(d)] * std::tanh(q + k);
            }
        const Matrix log_weights = log_softmax(scores);
        for (int s = 0; s < length; ++s) {
            result.weights(i, s) = std::exp(log_weights(0, s));
            for (std::int64_t e = 0; e < values.columns; ++e) result.context(i, e) += result.weights(i, s) * values(first + s, e);
        }
    }
    return result;
}

// Sequences by length, the longest first, equal lengths in their given order.
inline std::vector<int> by_length(const std::vector<int>& lengths) {
    std::vector<int> order;
    for (int length = *std::max_element(lengths.begin(), lengths.end()); length >= 0; --length)
        for (std::size_t b = 0; b < lengths.size(); ++b)
            if (lengths[b] == length) order.push_back(static_cast<int>(b));
    return order;
}

// The time-major row of token t of the sequence at a rank.
inline std::int64_t time_row(const std::vector<int>& lengths, int t, int rank) {
    std::int64_t row = rank;
    for (const int length : lengths) row += std::min(length, t);
    return row;
}

struct States {
    Matrix hidden, cell; // time-major, without rows of padding
};

// One sentence after another. weight [G*H,H]; bias [H] (gru alone); initial states [B,H] by rank, empty for zeros.
inline States recurrence(Cell cell, const std::vector<int>& lengths, const Matrix& projected, const Matrix& weight, const Matrix& bias,
                         const Matrix& initial_hidden, const Matrix& initial_cell) {
    const std::int64_t h = weight.columns;
    const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
    const std::int64_t total = std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0});
    States result{Matrix(total, h), Matrix(cell == Cell::lstm ? total : 0, h)};
    const std::vector<int> order = by_length(lengths);
    for (int rank = 0; rank < static_cast<int>(order.size()); ++rank) {
        std::vector<double> hidden(static_cast<std::size_t>(h)), memory = hidden;
        for (std::int64_t j = 0; j < h; ++j) {
            if (!initial_hidden.values.empty()) hidden[static_cast<std::size_t>(j)] = initial_hidden(rank, j);
            if (!initial_cell.values.empty()) memory[static_cast<std::size_t>(j)] = initial_cell(rank, j);
        }
        for (int t = 0; t < lengths[static_cast<std::size_t>(order[static_cast<std::size_t>(rank)])]; ++t) {
            const std::int64_t row = time_row(lengths, t, rank);
            std::vector<double> u(static_cast<std::size_t>(weight.rows)), next = hidden;
            for (std::int64_t g = 0; g < weight.rows; ++g)
                for (std::int64_t j = 0; j < h; ++j) u[static_cast<std::size_t>(g)] += weight(g, j) * hidden[static_cast<std::size_t>(j)];
            const auto recurrent = [&](std::int64_t gate, std::int64_t j) { return u[static_cast<std::size_t>(gate * h + j)]; };
            const auto sum = [&](std::int64_t gate, std::int64_t j) { return projected(row, gate * h + j) + recurrent(gate, j); };
            for (std::int64_t j = 0; j < h; ++j) {
                double& state = next[static_cast<std::size_t>(j)];
                double& c = memory[static_cast<std::size_t>(j)];
                if (cell == Cell::tanh) state = std::tanh(sum(0, j));
                if (cell == Cell::gru) {
                    const double reset = sigmoid(sum(0, j)), update = sigmoid(sum(1, j));
                    const double part = recurrent(2, j) + bias.values[static_cast<std::size_t>(j)];
                    state = update * state + (1 - update) * std::tanh(projected(row, 2 * h + j) + reset * part);
                }
                if (cell == Cell::lstm) {
                    c = sigmoid(sum(1, j)) * c + sigmoid(sum(0, j)) * std::tanh(sum(2, j));
                    state = sigmoid(sum(3, j)) * std::tanh(c);
                    result.cell(row, j) = c;
                }
                result.hidden(row, j) = state;
            }
            hidden = next;
        }
    }
    return result;
}

} // namespace nmt::naive
