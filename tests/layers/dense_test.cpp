// Linear layers, layer normalization, embeddings and the output layer: values, gradients, names and sharing.
#include "nmt/layers/dense.hpp"

#include "tests/autograd/gradient_check.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace nmt {
namespace {

using naive::Matrix;
using naive::random_tensor;
using Matrices = std::vector<Matrix>;

class DenseTest : public testing::Test {
  protected:
    Variable variable(Shape shape) { return Variable(random_tensor(context_, shape, random_), true); }
    // A parameter with random values, also where it starts as zeros.
    Variable randomized(const std::string& name) {
        Parameter& parameter = *parameters_.find(name);
        parameter.value().copy_from(random_tensor(context_, parameter.value().shape(), random_));
        parameter.changed();
        return parameter.variable();
    }
    std::vector<std::string> names() const {
        std::vector<std::string> result;
        for (const Parameter& parameter : parameters_.all()) result.push_back(parameter.name());
        return result;
    }
    bool all_equal(const std::string& name, float value) {
        const Tensor& tensor = parameters_.find(name)->value();
        return std::all_of(tensor.data(), tensor.data() + tensor.size(), [&](float x) { return x == value; });
    }

    Context context_{1};
    Random random_{1};
    ParameterStore parameters_{context_, 7};
};

Matrix affine_twin(const Matrix& x, const Matrix& weight, const Matrix& bias) {
    Matrix y = naive::product(x, naive::transposed(weight));
    for (std::int64_t i = 0; i < y.rows; ++i)
        for (std::int64_t j = 0; j < y.columns && !bias.values.empty(); ++j) y(i, j) += bias.values[static_cast<std::size_t>(j)];
    return y;
}

TEST_F(DenseTest, Linear) {
    Linear layer(parameters_, "layer", 5, 3);
    EXPECT_EQ(names(), (std::vector<std::string>{"layer.weight", "layer.bias"}));
    EXPECT_EQ(parameters_.find("layer.weight")->value().shape(), (Shape{3, 5}));
    EXPECT_TRUE(all_equal("layer.bias", 0));
    const Variable x = variable({4, 5}), weight = randomized("layer.weight"), bias = randomized("layer.bias");
    check_gradients(
        {x, weight, bias}, [&] { return std::vector{layer(x)}; },
        [](const Matrices& in) { return Matrices{affine_twin(in[0], in[1], in[2])}; });
}

TEST_F(DenseTest, LinearWithoutBias) {
    Linear layer(parameters_, "layer", 5, 3, false);
    EXPECT_EQ(names(), (std::vector<std::string>{"layer.weight"}));
    const Variable x = variable({4, 5}), weight = randomized("layer.weight");
    check_gradients(
        {x, weight}, [&] { return std::vector{layer(x)}; }, [](const Matrices& in) { return Matrices{affine_twin(in[0], in[1], {})}; });
}

TEST_F(DenseTest, LayerNormStartsAsNormalizationAlone) {
    LayerNorm layer(parameters_, "norm", 6);
    EXPECT_TRUE(all_equal("norm.weight", 1));
    EXPECT_TRUE(all_equal("norm.bias", 0));
    const Variable x = variable({4, 6}), gain = randomized("norm.weight"), bias = randomized("norm.bias");
    check_gradients(
        {x, gain, bias}, [&] { return std::vector{layer(x)}; },
        [](const Matrices& in) { return Matrices{naive::layer_norm(in[0], in[1], in[2])}; });
}

TEST_F(DenseTest, EmbeddingAndItsTiedTwin) {
    Embedding table(parameters_, "embedding", 7, 4);
    Embedding shared(table.table());
    EXPECT_EQ(names(), (std::vector<std::string>{"embedding.weight"})) << "a shared table is no parameter of its own";
    EXPECT_EQ(table.width(), 4);
    EXPECT_EQ(shared.width(), 4);
    EXPECT_EQ(&shared.table(), &table.table());
    const Tensor rows = shared({3, -1, 6}).value();
    for (int j = 0; j < 4; ++j) {
        EXPECT_EQ(rows.row(0)[j], table.table().value().row(3)[j]);
        EXPECT_EQ(rows.row(1)[j], 0);
        EXPECT_EQ(rows.row(2)[j], table.table().value().row(6)[j]);
    }
}

// Embedding and output layer on one table: the table's gradient is the sum of both uses, and it counts once.
TEST_F(DenseTest, TyingAddsTheGradientsOfBothUses) {
    Embedding embedding(parameters_, "embedding", 7, 4);
    OutputLayer output(parameters_, "output", embedding.table());
    EXPECT_EQ(names(), (std::vector<std::string>{"embedding.weight", "output.bias"}));
    EXPECT_EQ(parameters_.count(), 7 * 4 + 7);
    const Variable table = randomized("embedding.weight"), bias = randomized("output.bias");
    const RowIndex ids{3, -1, 6, 3};
    check_gradients(
        {table, bias}, [&] { return std::vector{output.logits(embedding(ids))}; },
        [&](const Matrices& in) {
            Matrix x(4, 4);
            for (std::int64_t i = 0; i < 4; ++i)
                for (std::int64_t j = 0; j < 4; ++j)
                    if (const std::int32_t id = ids[static_cast<std::size_t>(i)]; id >= 0) x(i, j) = in[0](id, j);
            return Matrices{affine_twin(x, in[0], in[1])};
        });
}

TEST_F(DenseTest, OutputLayerOfItsOwn) {
    OutputLayer output(parameters_, "output", 7, 4);
    EXPECT_EQ(names(), (std::vector<std::string>{"output.weight", "output.bias"}));
    EXPECT_EQ(parameters_.find("output.weight")->value().shape(), (Shape{7, 4}));
    const Variable x = variable({3, 4}), weight = randomized("output.weight"), bias = randomized("output.bias");
    const RowIndex targets{2, -1, 6};
    const naive::Loss expected =
        naive::cross_entropy(affine_twin(Matrix(x.value()), Matrix(weight.value()), Matrix(bias.value())), targets, 0.1);
    const CrossEntropy loss = output.loss(x, targets, {.smoothing = 0.1F});
    EXPECT_NEAR(loss.loss, expected.loss, 1e-5);
    EXPECT_NEAR(loss.log_likelihood, expected.log_likelihood, 1e-5);
    check_gradients(
        {x, weight, bias}, [&] { return std::vector{output.logits(x)}; },
        [](const Matrices& in) { return Matrices{affine_twin(in[0], in[1], in[2])}; });
}

} // namespace
} // namespace nmt
