// The transformer's blocks: their parameters, and their values and gradients against naive twins.
#include "nmt/layers/transformer_blocks.hpp"

#include "tests/autograd/gradient_check.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace nmt {
namespace {

using naive::Matrix;
using naive::random_tensor;
using Matrices = std::vector<Matrix>;

// Rows [first, first + count) of a weight, or of a bias [N] as one row.
Matrix affine(const Matrix& x, const Matrix& weight, const Matrix& bias, std::int64_t first, std::int64_t count) {
    Matrix y(x.rows, count);
    for (std::int64_t i = 0; i < x.rows; ++i)
        for (std::int64_t j = 0; j < count; ++j) {
            y(i, j) = bias.values[static_cast<std::size_t>(first + j)];
            for (std::int64_t k = 0; k < x.columns; ++k) y(i, j) += x(i, k) * weight(first + j, k);
        }
    return y;
}
Matrix affine(const Matrix& x, const Matrix& weight, const Matrix& bias) { return affine(x, weight, bias, 0, weight.rows); }

// As the approximation by a hyperbolic tangent has it (Hendrycks and Gimpel, 2016).
double gelu_twin(double x) { return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x))); }

class TransformerBlocks : public testing::Test {
  protected:
    Variable variable(Shape shape) { return Variable(random_tensor(context_, shape, random_), true); }
    // `x`, and behind it all parameters with random values.
    std::vector<Variable> inputs(const Variable& x) {
        std::vector<Variable> result{x};
        for (Parameter& parameter : parameters_.all()) {
            parameter.value().copy_from(random_tensor(context_, parameter.value().shape(), random_, 0.5));
            parameter.changed();
            result.push_back(parameter.variable());
        }
        return result;
    }
    std::vector<std::string> names() const {
        std::vector<std::string> result;
        for (const Parameter& parameter : parameters_.all()) result.push_back(parameter.name());
        return result;
    }
    static Variable whole(const VariableColumns& part) { // of columns that are all of a gathered variable
        Tensor columns(part.variable.context(), {part.variable.rows(), part.width});
        for (std::int64_t i = 0; i < columns.rows(); ++i)
            std::copy_n(part.variable.value().row(i) + part.first, part.width, columns.row(i));
        return Variable(columns);
    }

    Context context_{1};
    Random random_{1};
    ParameterStore parameters_{context_, 7};
};

TEST_F(TransformerBlocks, SelfAttentionProjectsThreeTimesInOneProduct) {
    SelfAttention block(parameters_, "self", 6, 2);
    EXPECT_EQ(names(), (std::vector<std::string>{"self.query_key_value.weight", "self.query_key_value.bias", "self.output.weight",
                                                 "self.output.bias"}));
    const std::vector<Variable> in = inputs(variable({4, 6}));
    const MultiHeadProjections found = block.project(in[0]);
    const Matrix x(in[0].value()), weight(in[1].value()), bias(in[2].value());
    naive::expect_close(whole(found.queries).value(), affine(x, weight, bias, 0, 6), 1e-5);
    naive::expect_close(whole(found.keys).value(), affine(x, weight, bias, 6, 6), 1e-5);
    naive::expect_close(whole(found.values).value(), affine(x, weight, bias, 12, 6), 1e-5);
    naive::expect_close(block.output(in[0]).value(), affine(x, Matrix(in[3].value()), Matrix(in[4].value())), 1e-5);
}

TEST_F(TransformerBlocks, CrossAttentionReadsAMemoryOfAnotherWidth) {
    CrossAttention block(parameters_, "cross", 6, 3, 10);
    EXPECT_EQ(names(), (std::vector<std::string>{"cross.query.weight", "cross.query.bias", "cross.key_value.weight", "cross.key_value.bias",
                                                 "cross.output.weight", "cross.output.bias"}));
    const std::vector<Variable> in = inputs(variable({4, 6}));
    const Variable memory = variable({5, 10});
    naive::expect_close(block.queries(in[0]).value(), affine(Matrix(in[0].value()), Matrix(in[1].value()), Matrix(in[2].value())), 1e-5);
    const CrossAttention::Memory found = block.project(memory);
    const Matrix weight(in[3].value()), bias(in[4].value());
    naive::expect_close(whole(found.keys).value(), affine(Matrix(memory.value()), weight, bias, 0, 6), 1e-5);
    naive::expect_close(whole(found.values).value(), affine(Matrix(memory.value()), weight, bias, 6, 6), 1e-5);
}

TEST_F(TransformerBlocks, HeadsShareTheWidthEvenly) {
    const std::string expected = "a width of 6 cannot be shared by 4 heads; choose a multiple";
    EXPECT_EQ(message_of<Error>([&] { SelfAttention(parameters_, "self", 6, 4); }), expected);
    EXPECT_EQ(message_of<Error>([&] { CrossAttention(parameters_, "cross", 6, 4, 8); }), expected);
}

TEST_F(TransformerBlocks, FeedForwardAgreesWithItsTwin) {
    for (const bool with_gelu : {false, true}) {
        SCOPED_TRACE(with_gelu);
        ParameterStore parameters(context_, 3);
        FeedForward block(parameters, "ff", 4, 7, with_gelu);
        std::vector<Variable> in{variable({3, 4})};
        for (Parameter& parameter : parameters.all()) {
            parameter.value().copy_from(random_tensor(context_, parameter.value().shape(), random_));
            parameter.changed();
            in.push_back(parameter.variable());
        }
        ASSERT_EQ(in.size(), 5u);
        check_gradients(
            in, [&] { return std::vector{block(in[0], 0)}; },
            [&](const Matrices& at) {
                Matrix inner = affine(at[0], at[1], at[2]);
                for (double& x : inner.values) x = with_gelu ? gelu_twin(x) : std::max(x, 0.0);
                return Matrices{affine(inner, at[3], at[4])};
            });
    }
}

TEST_F(TransformerBlocks, AResidualConnectionNormalizesBeforeOrAfter) {
    for (const bool pre_norm : {false, true}) {
        SCOPED_TRACE(pre_norm);
        ParameterStore parameters(context_, 3);
        Residual residual(parameters, "norm", 5, pre_norm, 0.5F); // without a tape nothing is dropped
        const Variable x = variable({3, 5}), y = variable({3, 5});
        const Matrix gain(1, 5, 1), bias(1, 5, 0), twin(x.value());
        naive::expect_close(residual.input(x).value(), pre_norm ? naive::layer_norm(twin, gain, bias) : twin, 1e-4);
        Matrix sum = twin;
        for (std::size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += y.value().data()[i];
        naive::expect_close(residual.output(x, y).value(), pre_norm ? sum : naive::layer_norm(sum, gain, bias), 1e-4);
    }
}

TEST_F(TransformerBlocks, PositionsAreSinesAndCosinesSideBySide) {
    SinusoidalPositions positions(8);
    const Tensor found = positions(context_, {3, 0, -1, 40, 3});
    Matrix expected(5, 8);
    const int rows[] = {3, 0, -1, 40, 3};
    for (std::int64_t i = 0; i < 5; ++i)
        for (std::int64_t j = 0; j < 4 && rows[i] >= 0; ++j) {
            const double angle = rows[i] / std::pow(10000.0, 2.0 * static_cast<double>(j) / 8);
            expected(i, j) = std::sin(angle);
            expected(i, j + 4) = std::cos(angle);
        }
    naive::expect_close(found, expected, 1e-6);
    EXPECT_EQ(positions(context_, {}).rows(), 0);
    naive::expect_close(positions(context_, {3, 0, -1, 40, 3}), expected, 1e-6); // from the table of the first call
}

} // namespace
} // namespace nmt
