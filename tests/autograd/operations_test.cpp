#include "nmt/autograd/operations.hpp"

#include "tests/autograd/gradient_check.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace nmt {
namespace {

using naive::Matrix;
using naive::random_tensor;
using naive::same_bytes;
using Matrices = std::vector<Matrix>;

class OperationsTest : public testing::Test {
  protected:
    Context context_{test_threads(2)};
    Random random_{1};

    Variable variable(Shape shape, double scale = 1) { return Variable(random_tensor(context_, shape, random_, scale), true); }
    Variable constant(Shape shape) { return Variable(random_tensor(context_, shape, random_)); }
    Parameter parameter(Shape shape, double scale = 1) { return Parameter("p", random_tensor(context_, shape, random_, scale)); }
};

Matrix affine_twin(const Matrix& x, const Matrix& weight, const Matrix& bias) {
    Matrix y = naive::product(x, naive::transposed(weight));
    for (std::int64_t i = 0; i < y.rows; ++i)
        for (std::int64_t j = 0; j < y.columns && !bias.values.empty(); ++j) y(i, j) += bias.values[static_cast<std::size_t>(j)];
    return y;
}

Matrix gather_twin(const Matrix& x, const RowIndex& index, double scale) {
    Matrix y(static_cast<std::int64_t>(index.size()), x.columns);
    for (std::int64_t i = 0; i < y.rows; ++i)
        for (std::int64_t j = 0; j < y.columns; ++j)
            if (const std::int32_t row = index[static_cast<std::size_t>(i)]; row >= 0) y(i, j) = scale * x(row, j);
    return y;
}

TEST_F(OperationsTest, Affine) {
    for (const std::int64_t rows : {1, 6, 70}) {
        const Variable x = variable({rows, 5});
        Parameter weight = parameter({7, 5}), bias = parameter({7});
        check_gradients(
            {x, weight.variable(), bias.variable()}, [&] { return std::vector{affine(x, weight, &bias)}; },
            [](const Matrices& in) { return Matrices{affine_twin(in[0], in[1], in[2])}; });
        check_gradients(
            {x, weight.variable()}, [&] { return std::vector{affine(x, weight, nullptr)}; },
            [](const Matrices& in) { return Matrices{affine_twin(in[0], in[1], {})}; });
    }
}

TEST_F(OperationsTest, AffineWithAnActivation) {
    const Variable x = variable({40, 5});
    Parameter weight = parameter({7, 5}), bias = parameter({7});
    check_gradients(
        {x, weight.variable(), bias.variable()}, [&] { return std::vector{affine(x, weight, &bias, Activation::relu)}; },
        [](const Matrices& in) {
            Matrix y = affine_twin(in[0], in[1], in[2]);
            for (double& value : y.values) value = std::max(value, 0.0);
            return Matrices{y};
        });
}

// The norm of the difference as a share of the norm of b.
double relative_distance(const Matrix& a, const Matrix& b) {
    double difference = 0, norm = 0;
    for (std::size_t i = 0; i < b.values.size(); ++i) {
        difference += std::pow(a.values[i] - b.values[i], 2);
        norm += std::pow(b.values[i], 2);
    }
    return std::sqrt(difference / norm);
}

// In mixed precision everything but the operands of products stays as it is: gradients are near those of f32.
TEST_F(OperationsTest, AffineInBf16IsNearThatInF32) {
    if (!can_compute(DataType::bf16)) GTEST_SKIP() << "this processor has no products of bf16";
    const auto gradients = [](DataType products) {
        Context context(2, products);
        Random random(5);
        const Variable x(random_tensor(context, {50, 30}, random), true);
        Parameter weight("weight", random_tensor(context, {20, 30}, random)), bias("bias", random_tensor(context, {20}, random));
        Tape tape;
        const Variable y = affine(x, weight, &bias);
        y.gradient().copy_from(random_tensor(context, {50, 20}, random));
        tape.backward();
        return Matrices{Matrix(y.value()), Matrix(x.gradient()), Matrix(weight.variable().gradient()), Matrix(bias.variable().gradient())};
    };
    const Matrices exact = gradients(DataType::f32), mixed = gradients(DataType::bf16);
    for (std::size_t i = 0; i < exact.size(); ++i) {
        EXPECT_LT(relative_distance(mixed[i], exact[i]), 0.02) << i;
        if (i < 3) {
            EXPECT_GT(relative_distance(mixed[i], exact[i]), 0) << i;
        }
    }
}

// A residual connection reads what is rounded as it would read the same in floats.
TEST_F(OperationsTest, AResidualReadsRoundedValues) {
    if (!can_compute(DataType::bf16)) GTEST_SKIP() << "this processor has no products of bf16";
    Context context(2, DataType::bf16);
    Random random(6);
    const Variable x(random_tensor(context, {64, 30}, random), true), in(random_tensor(context, {64, 40}, random), true);
    Parameter weight("w", random_tensor(context, {30, 40}, random)), bias("b", random_tensor(context, {30}, random));
    const Tensor d = random_tensor(context, {64, 30}, random);
    for (const float p : {0.0F, 0.3F}) {
        const auto run = [&](Readers readers) {
            for (const Variable* variable : {&x, &in}) variable->clear_gradient();
            for (Parameter* parameter : {&weight, &bias}) parameter->variable().clear_gradient();
            Tape tape(4);
            const Variable sum = add_dropped(x, affine(in, weight, &bias, Activation::none, readers), p);
            sum.gradient().copy_from(d);
            tape.backward();
            return Matrices{Matrix(sum.value()), Matrix(x.gradient()), Matrix(in.gradient()), Matrix(weight.variable().gradient()),
                            Matrix(bias.variable().gradient())};
        };
        const Matrices floats = run(Readers::any), rounded = run(Readers::one);
        for (std::size_t i = 0; i < floats.size(); ++i) EXPECT_LT(relative_distance(rounded[i], floats[i]), 4e-3) << i;
        EXPECT_GT(relative_distance(rounded[0], floats[0]), 0); // it was rounded
    }
}

// What products alone read may be rounded where it is made: values and gradients are those of products that round it themselves.
TEST_F(OperationsTest, ResultsForProductsAloneAreRoundedEarly) {
    if (!can_compute(DataType::bf16)) GTEST_SKIP() << "this processor has no products of bf16";
    const auto gradients = [](Readers readers) {
        Context context(2, DataType::bf16);
        Random random(5);
        const Variable x(random_tensor(context, {64, 30}, random), true);
        Parameter gain("gain", random_tensor(context, {30}, random)), shift("shift", random_tensor(context, {30}, random));
        Parameter in("in", random_tensor(context, {90, 30}, random)), in_bias("in_bias", random_tensor(context, {90}, random));
        Parameter out("out", random_tensor(context, {20, 90}, random)), out_bias("out_bias", random_tensor(context, {20}, random));
        Parameter last("last", random_tensor(context, {10, 20}, random));
        Tape tape;
        const Variable norm = layer_norm(x, gain, shift, readers), inner = affine(norm, in, &in_bias, Activation::relu, readers);
        EXPECT_EQ(norm.value().type(), readers == Readers::any ? DataType::f32 : DataType::bf16);
        EXPECT_EQ(inner.value().type(), norm.value().type());
        const Variable middle = affine(inner, out, &out_bias, Activation::none, readers), y = affine(middle, last, nullptr);
        EXPECT_EQ(middle.gradient().type(), readers == Readers::one ? DataType::bf16 : DataType::f32);
        middle.clear_gradient();
        y.gradient().copy_from(random_tensor(context, {64, 10}, random));
        tape.backward();
        Matrices all{Matrix(y.value()), Matrix(x.gradient())};
        for (Parameter* parameter : {&gain, &shift, &in, &in_bias, &out, &out_bias, &last})
            all.emplace_back(parameter->variable().gradient());
        return all;
    };
    const Matrices late = gradients(Readers::any), early = gradients(Readers::one);
    for (std::size_t i = 0; i < late.size(); ++i)
        EXPECT_LT(relative_distance(early[i], late[i]), 4e-3) << i; // sums of biases are of rounded gradients
    Context context(1, DataType::bf16);                             // without a tape, nothing is
    Random random(5);
    Parameter gain("gain", random_tensor(context, {30}, random)), shift("shift", random_tensor(context, {30}, random));
    EXPECT_EQ(layer_norm(Variable(random_tensor(context, {8, 30}, random)), gain, shift, Readers::one).value().type(), DataType::f32);
}

TEST_F(OperationsTest, QuantizedWeightsAreReadAndNotTrained) {
    const Variable x = variable({6, 5});
    Parameter weight = parameter({7, 5}), table = parameter({9, 4});
    const QuantizedMatrix quantized = quantize_rows(weight.value()), rows = quantize_rows(table.value());
    weight.set_quantized(quantized);
    table.set_quantized(rows);
    EXPECT_TRUE(weight.is_quantized());
    EXPECT_EQ(weight.value().shape(), (Shape{7, 5}));
    const Matrix exact = affine_twin(Matrix(x.value()), Matrix(dequantize(quantized)), {});
    naive::expect_close(affine(x, weight, nullptr).value(), exact, 0.06);
    naive::expect_close(embedding(table, {8, -1, 0}, 2).value(), gather_twin(Matrix(dequantize(rows)), {8, -1, 0}, 2), 1e-6);
    EXPECT_THROW(weight.set_quantized(rows), Error);
    Tape tape;
    const Variable y = affine(x, weight, nullptr);
    y.gradient().fill(1);
    EXPECT_THROW(tape.backward(), Error);
}

TEST_F(OperationsTest, AffineOfAConstantReachesTheWeight) {
    const Variable x = constant({4, 5});
    const Matrix x_twin(x.value());
    Parameter weight = parameter({7, 5}), bias = parameter({7});
    check_gradients(
        {weight.variable(), bias.variable()}, [&] { return std::vector{affine(x, weight, &bias)}; },
        [&](const Matrices& in) { return Matrices{affine_twin(x_twin, in[0], in[1])}; });
    EXPECT_FALSE(x.has_gradient());
}

TEST_F(OperationsTest, AffineSeesAChangedParameter) {
    const Variable x = constant({4, 5});
    Parameter weight = parameter({7, 5});
    affine(x, weight, nullptr);
    weight.value().fill(0.5F);
    weight.changed();
    naive::expect_close(affine(x, weight, nullptr).value(), affine_twin(Matrix(x.value()), Matrix(7, 5, 0.5), {}), 1e-5);
}

TEST_F(OperationsTest, EmbeddingAndGather) {
    const RowIndex index{3, 0, -1, 3, 3, 1, -1, 5}; // repeated rows, rows of padding, a row that nobody wants
    Parameter table = parameter({6, 9});
    const auto twin = [&](double scale) {
        return [&index, scale](const Matrices& in) { return Matrices{gather_twin(in[0], index, scale)}; };
    };
    check_gradients(
        {table.variable()}, [&] { return std::vector{embedding(table, index)}; }, twin(1));
    check_gradients(
        {table.variable()}, [&] { return std::vector{embedding(table, index, 2.5F)}; }, twin(2.5));
    const Variable x = variable({6, 9});
    check_gradients(
        {x}, [&] { return std::vector{gather_rows(x, index)}; }, twin(1));
}

TEST_F(OperationsTest, Concatenation) {
    const Variable a = variable({3, 4}), b = variable({3, 1}), c = variable({3, 6}), d = variable({2, 4});
    check_gradients(
        {a, b, c},
        [&] {
            return std::vector{concatenate_columns({a, b, c})};
        },
        [](const Matrices& in) {
            Matrix y(3, 11);
            std::int64_t to = 0;
            for (const Matrix& part : in) {
                for (std::int64_t i = 0; i < 3; ++i)
                    for (std::int64_t j = 0; j < part.columns; ++j) y(i, to + j) = part(i, j);
                to += part.columns;
            }
            return Matrices{y};
        });
    check_gradients(
        {a, d},
        [&] {
            return std::vector{concatenate_rows({a, d})};
        },
        [](const Matrices& in) {
            Matrix y = in[0];
            y.values.insert(y.values.end(), in[1].values.begin(), in[1].values.end());
            y.rows += in[1].rows;
            return Matrices{y};
        });
}

TEST_F(OperationsTest, ConcatenationWithConstantsAndRepetition) {
    const Variable a = variable({3, 4}), b = constant({3, 2});
    {
        Tape tape;
        const Variable y = concatenate_columns({a, b, a});
        for (std::int64_t i = 0; i < y.gradient().size(); ++i) y.gradient().data()[i] = static_cast<float>(i % 10);
        tape.backward();
    }
    EXPECT_FALSE(b.has_gradient());
    EXPECT_EQ(a.gradient().row(1)[2], 2 + 8);
    a.clear_gradient();
    Tape tape;
    const Variable y = concatenate_rows({a, a});
    y.gradient().fill(1);
    tape.backward();
    EXPECT_EQ(a.gradient().row(2)[3], 2);
}

TEST_F(OperationsTest, AddTanhAndLayerNorm) {
    const Variable a = variable({5, 7}), b = variable({5, 7});
    check_gradients(
        {a, b}, [&] { return std::vector{add(a, b)}; },
        [](const Matrices& in) {
            Matrix y = in[0];
            for (std::size_t i = 0; i < y.values.size(); ++i) y.values[i] += in[1].values[i];
            return Matrices{y};
        });
    check_gradients(
        {a}, [&] { return std::vector{tanh(a)}; },
        [](const Matrices& in) {
            Matrix y = in[0];
            for (double& value : y.values) value = std::tanh(value);
            return Matrices{y};
        });
    Parameter gain = parameter({7}), bias = parameter({7});
    check_gradients(
        {a, gain.variable(), bias.variable()}, [&] { return std::vector{layer_norm(a, gain, bias)}; },
        [](const Matrices& in) { return Matrices{naive::layer_norm(in[0], in[1], in[2])}; });
    const Variable fixed = constant({5, 7});
    const Matrix fixed_twin(fixed.value());
    check_gradients(
        {gain.variable(), bias.variable()}, [&] { return std::vector{layer_norm(fixed, gain, bias)}; },
        [&](const Matrices& in) { return Matrices{naive::layer_norm(fixed_twin, in[0], in[1])}; });
}

TEST_F(OperationsTest, AVariableUsedTwiceGathersBothGradients) {
    const Variable x = variable({4, 4}, 0.5);
    Parameter weight = parameter({4, 4}, 0.5);
    // tanh(x W^T) W^T + x: x twice, the weight twice.
    check_gradients(
        {x, weight.variable()}, [&] { return std::vector{add(affine(tanh(affine(x, weight, nullptr)), weight, nullptr), x)}; },
        [](const Matrices& in) {
            Matrix inner = affine_twin(in[0], in[1], {});
            for (double& value : inner.values) value = std::tanh(value);
            Matrix y = affine_twin(inner, in[1], {});
            for (std::size_t i = 0; i < y.values.size(); ++i) y.values[i] += in[0].values[i];
            return Matrices{y};
        });
}

TEST_F(OperationsTest, AResidualWithDropoutIsTheirSum) {
    const Variable x = variable({6, 5}, 0.5), y = variable({6, 5}, 0.5);
    const auto gradients_of = [&](const auto& sum_of) {
        Tape tape(9);
        const Variable sum = sum_of();
        const Tensor value = sum.value().clone();
        const Variable twice = add(sum, sum);
        for (std::int64_t i = 0; i < twice.value().size(); ++i) twice.gradient().data()[i] = static_cast<float>(i % 7);
        tape.backward();
        std::vector<Tensor> results{value, x.gradient().clone(), y.gradient().clone()};
        x.clear_gradient();
        y.clear_gradient();
        return results;
    };
    for (const float p : {0.0F, 0.4F}) {
        const std::vector<Tensor> fused = gradients_of([&] { return add_dropped(x, y, p); });
        const std::vector<Tensor> apart = gradients_of([&] { return add(x, dropout(y, p)); });
        for (std::size_t i = 0; i < fused.size(); ++i) EXPECT_TRUE(same_bytes(fused[i], apart[i])) << p << ", " << i;
    }
    EXPECT_TRUE(same_bytes(add_dropped(x, y, 0.4F).value(), add(x, y).value())); // without a tape
}

TEST_F(OperationsTest, DropoutHasTheSameMaskForwardAndBackward) {
    const Variable x(Tensor(context_, {40, 50}), true);
    Variable(x).value().fill(1);
    Tensor first;
    {
        Tape tape(3);
        const Variable y = dropout(x, 0.3F);
        first = y.value();
        y.gradient().fill(1);
        const Variable other = dropout(x, 0.3F);
        EXPECT_FALSE(same_bytes(other.value(), first)); // each call has a key of its own
        tape.backward();
        EXPECT_TRUE(same_bytes(x.gradient(), first));
    }
    Tape again(3), different(4);
    EXPECT_FALSE(same_bytes(dropout(x, 0.3F).value(), first));
    const Variable constant_output = dropout(Variable(x.value()), 0.3F); // drops all the same
    EXPECT_FALSE(same_bytes(constant_output.value(), x.value()));
}

TEST_F(OperationsTest, DropoutComesAgainWithTheSeed) {
    const Variable x = variable({10, 10});
    const auto draw = [&](std::uint64_t seed) {
        Tape tape(seed);
        return dropout(x, 0.5F).value();
    };
    EXPECT_TRUE(same_bytes(draw(1), draw(1)));
    EXPECT_FALSE(same_bytes(draw(1), draw(2)));
}

TEST_F(OperationsTest, DropoutWithoutATapeOrWithoutAShareIsTheInput) {
    const Variable x = variable({3, 3});
    EXPECT_EQ(dropout(x, 0.5F).value().data(), x.value().data());
    Tape tape;
    EXPECT_EQ(dropout(x, 0).value().data(), x.value().data());
}

class RecurrenceTest : public OperationsTest, public testing::WithParamInterface<Cell> {};

TEST_P(RecurrenceTest, GradientsOfAllInputsThroughBothOutputs) {
    const Cell cell = GetParam();
    for (const std::vector<int>& lengths : {std::vector<int>{2}, {2, 4, 1, 4, 3}})
        for (const bool with_initial : {false, true})
            for (const int through : {1, 2, 3}) { // hidden, cell, both
                if (cell != Cell::lstm && through != 1) continue;
                SCOPED_TRACE(fmt::format("{} sentences, initial states {}, outputs {}", lengths.size(), with_initial, through));
                const std::int64_t h = 3, gates = gates_of(cell) * h, batch = static_cast<std::int64_t>(lengths.size());
                const auto layout = std::make_shared<const TimeMajorLayout>(SequenceLayout(lengths));
                const Variable projected = variable({layout->rows(), gates});
                Parameter weight = parameter({gates, h}, 0.7), bias = parameter({h});
                std::vector<Variable> inputs;
                inputs.reserve(5);
                inputs.push_back(projected);
                inputs.push_back(weight.variable());
                if (cell == Cell::gru) inputs.push_back(bias.variable());
                RecurrentState initial;
                if (with_initial) inputs.push_back(initial.hidden = variable({batch, h}, 0.5));
                if (with_initial && cell == Cell::lstm) inputs.push_back(initial.cell = variable({batch, h}));
                const auto choose = [&](const auto& hidden, const auto& of_cell) {
                    std::vector<std::remove_cvref_t<decltype(hidden)>> chosen;
                    if (through != 2) chosen.push_back(hidden);
                    if (through != 1) chosen.push_back(of_cell);
                    return chosen;
                };
                check_gradients(
                    inputs,
                    [&] {
                        const RecurrentState states =
                            recurrence({cell, weight, cell == Cell::gru ? &bias : nullptr}, layout, projected, initial);
                        EXPECT_EQ(states.cell.defined(), cell == Cell::lstm);
                        return choose(states.hidden, states.cell);
                    },
                    [&](const Matrices& in) {
                        std::size_t next = 2;
                        const Matrix bias_twin = cell == Cell::gru ? in[next++] : Matrix();
                        const Matrix hidden = with_initial ? in[next++] : Matrix();
                        const Matrix memory = with_initial && cell == Cell::lstm ? in[next++] : Matrix();
                        const naive::States states = naive::recurrence(cell, lengths, in[0], in[1], bias_twin, hidden, memory);
                        return choose(states.hidden, states.cell);
                    },
                    2e-4);
            }
}

TEST_P(RecurrenceTest, ConstantInputsStillTrainTheWeight) {
    const Cell cell = GetParam();
    const std::vector<int> lengths{3, 1};
    const auto layout = std::make_shared<const TimeMajorLayout>(SequenceLayout(lengths));
    const Variable projected = constant({layout->rows(), gates_of(cell) * 2});
    const Matrix projected_twin(projected.value());
    Parameter weight = parameter({gates_of(cell) * 2, 2}), bias = parameter({2});
    const Matrix bias_twin(bias.value());
    check_gradients(
        {weight.variable()},
        [&] {
            return std::vector{recurrence({cell, weight, cell == Cell::gru ? &bias : nullptr}, layout, projected, {}).hidden};
        },
        [&](const Matrices& in) { return Matrices{naive::recurrence(cell, lengths, projected_twin, in[0], bias_twin, {}, {}).hidden}; });
    EXPECT_FALSE(projected.has_gradient());
}

// States and their gradients are carried in floats; what products read, and for one reader the inputs' products, are rounded.
TEST_P(RecurrenceTest, InBf16IsNearThatInF32) {
    if (!can_compute(DataType::bf16)) GTEST_SKIP() << "this processor has no products of bf16";
    const Cell cell = GetParam();
    std::vector<int> lengths(48); // two threads share a step
    for (int i = 0; i < 48; ++i) lengths[static_cast<std::size_t>(i)] = 1 + i * 5 % 11;
    const auto layout = std::make_shared<const TimeMajorLayout>(SequenceLayout(lengths));
    const auto results = [&](DataType products, Readers readers, bool with_initial) {
        Context context(2, products);
        Random random(7);
        const std::int64_t h = 64, gates = gates_of(cell) * h, batch = std::ssize(lengths); // suits matrix units
        const Variable x(random_tensor(context, {layout->rows(), 30}, random), true);
        Parameter in("in", random_tensor(context, {gates, 30}, random, 0.2)), bias("bias", random_tensor(context, {gates}, random));
        Parameter weight("layer.hidden.weight", random_tensor(context, {gates, h}, random, 0.15));
        Parameter hidden_bias("hidden_bias", random_tensor(context, {h}, random));
        RecurrentState initial;
        if (with_initial) initial.hidden = Variable(random_tensor(context, {batch, h}, random, 0.5), true);
        if (with_initial && cell == Cell::lstm) initial.cell = Variable(random_tensor(context, {batch, h}, random), true);
        Tape tape;
        const Variable projected = affine(x, in, &bias, Activation::none, readers);
        EXPECT_EQ(projected.value().type(), readers == Readers::one ? products : DataType::f32);
        const RecurrentState states = recurrence({cell, weight, cell == Cell::gru ? &hidden_bias : nullptr}, layout, projected, initial);
        std::vector<Variable> found{states.hidden}, gradients{x, in.variable(), bias.variable(), weight.variable()};
        if (cell == Cell::gru) gradients.push_back(hidden_bias.variable());
        if (with_initial) gradients.push_back(initial.hidden);
        if (initial.cell.defined()) gradients.push_back(initial.cell);
        states.hidden.gradient().copy_from(random_tensor(context, {layout->rows(), h}, random));
        if (cell == Cell::lstm) {
            found.push_back(states.cell);
            states.cell.gradient().copy_from(random_tensor(context, {layout->rows(), h}, random));
        }
        tape.backward();
        Matrices all;
        for (const Variable& variable : found) all.emplace_back(variable.value().slice_rows(0, layout->total()));
        for (const Variable& variable : gradients) all.emplace_back(variable.gradient());
        return all;
    };
    for (const bool with_initial : {false, true}) {
        const Matrices exact = results(DataType::f32, Readers::any, with_initial);
        for (const Readers readers : {Readers::any, Readers::one}) {
            const Matrices mixed = results(DataType::bf16, readers, with_initial);
            ASSERT_EQ(mixed.size(), exact.size());
            for (std::size_t i = 0; i < exact.size(); ++i) {
                EXPECT_LT(relative_distance(mixed[i], exact[i]), 0.02) << i << " of " << exact.size() << ", initial " << with_initial;
                EXPECT_GT(relative_distance(mixed[i], exact[i]), 0) << i;
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Cells, RecurrenceTest, testing::Values(Cell::tanh, Cell::gru, Cell::lstm), [](const auto& test) {
    return test.param == Cell::tanh ? "tanh" : test.param == Cell::gru ? "gru" : "lstm";
});

class AttentionGradientTest : public OperationsTest, public testing::WithParamInterface<AttentionScore> {
  protected:
    const std::vector<int> lengths_{4, 1, 6};
    const RowIndex sentence_of_query_{2, 0, -1, 0, 1, 2, 2, -1};
    const std::shared_ptr<const SequenceLayout> memory_ = std::make_shared<const SequenceLayout>(lengths_);
    const bool additive_ = GetParam() == AttentionScore::additive;
};

TEST_P(AttentionGradientTest, OfQueriesKeysValuesAndV) {
    const Variable queries = variable({8, 5}, 0.7), keys = variable({memory_->rows(), 5}, 0.7), values = variable({memory_->rows(), 3});
    Parameter v = parameter({5});
    std::vector<Variable> inputs;
    inputs.reserve(4);
    for (const Variable& input : {queries, keys, values}) inputs.push_back(input);
    if (additive_) inputs.push_back(v.variable());
    check_gradients(
        inputs,
        [&] {
            const AttentionResult result =
                attention({GetParam(), sentence_of_query_, memory_}, queries, keys, values, additive_ ? &v : nullptr);
            EXPECT_EQ(result.weights.shape(), (Shape{8, 6}));
            naive::expect_close(result.weights,
                                naive::attention(lengths_, sentence_of_query_, Matrix(queries.value()), Matrix(keys.value()),
                                                 Matrix(values.value()), additive_ ? Matrix(v.value()) : Matrix())
                                    .weights,
                                1e-5);
            return std::vector{result.context};
        },
        [&](const Matrices& in) {
            return Matrices{naive::attention(lengths_, sentence_of_query_, in[0], in[1], in[2], additive_ ? in[3] : Matrix()).context};
        });
}

TEST_P(AttentionGradientTest, KeysThatAreTheValuesAndConstantQueries) {
    const Variable queries = constant({8, 5}), memory = variable({memory_->rows(), 5}, 0.7);
    const Matrix queries_twin(queries.value());
    Parameter v = parameter({5});
    const Matrix v_twin = additive_ ? Matrix(v.value()) : Matrix();
    check_gradients(
        {memory},
        [&] {
            return std::vector{
                attention({GetParam(), sentence_of_query_, memory_}, queries, memory, memory, additive_ ? &v : nullptr).context};
        },
        [&](const Matrices& in) {
            return Matrices{naive::attention(lengths_, sentence_of_query_, queries_twin, in[0], in[0], v_twin).context};
        });
    EXPECT_FALSE(queries.has_gradient());
}

INSTANTIATE_TEST_SUITE_P(Scores, AttentionGradientTest, testing::Values(AttentionScore::dot, AttentionScore::additive),
                         [](const auto& test) { return test.param == AttentionScore::dot ? "dot" : "additive"; });

TEST_F(OperationsTest, AttentionOverConstantsStillTrainsV) {
    const std::vector<int> lengths{3, 2};
    const RowIndex sentence_of_query{0, 1, 1};
    const auto memory = std::make_shared<const SequenceLayout>(lengths);
    const Variable queries = constant({3, 4}), keys = constant({memory->rows(), 4});
    const Matrix queries_twin(queries.value()), keys_twin(keys.value());
    Parameter v = parameter({4});
    check_gradients(
        {v.variable()},
        [&] {
            return std::vector{attention({AttentionScore::additive, sentence_of_query, memory}, queries, keys, keys, &v).context};
        },
        [&](const Matrices& in) {
            return Matrices{naive::attention(lengths, sentence_of_query, queries_twin, keys_twin, keys_twin, in[0]).context};
        });
}

// The loss is no variable: its gradients are compared with differences of the twin here.
TEST_F(OperationsTest, OutputLossAndItsGradients) {
    for (const std::int64_t rows : {3, 1100}) // more than two pieces
        for (const float smoothing : {0.0F, 0.1F}) {
            SCOPED_TRACE(fmt::format("{} rows, smoothing {}", rows, smoothing));
            const Variable x = variable({rows, 4});
            Parameter weight = parameter({9, 4}), bias = parameter({9});
            RowIndex targets;
            for (std::int64_t i = 0; i < rows; ++i) targets.push_back(i % 5 == 1 ? -1 : static_cast<std::int32_t>(random_.below(9)));
            const float scale = 0.25F;
            Matrices values{Matrix(x.value()), Matrix(weight.value()), Matrix(bias.value())};
            const auto twin = [&] {
                return naive::cross_entropy(affine_twin(values[0], values[1], values[2]), targets, static_cast<double>(smoothing));
            };
            CrossEntropy found;
            {
                Tape tape;
                found = output_loss(x, weight, bias, targets, {smoothing, scale});
                EXPECT_FALSE(x.has_gradient()); // delivered in the backward pass
                tape.backward();
            }
            EXPECT_NEAR(found.loss, twin().loss, 1e-5 * twin().loss);
            EXPECT_NEAR(found.log_likelihood, twin().log_likelihood, -1e-5 * twin().log_likelihood);
            const std::vector<Variable> inputs{x, weight.variable(), bias.variable()};
            for (std::size_t i = 0; i < inputs.size(); ++i) {
                ASSERT_TRUE(inputs[i].has_gradient());
                for (std::size_t j = 0; j < values[i].values.size(); j += 1 + values[i].values.size() / 100) {
                    double& value = values[i].values[j];
                    const double before = value;
                    value = before + 1e-5;
                    const double above = twin().loss;
                    value = before - 1e-5;
                    const double numeric = (above - twin().loss) / 2e-5;
                    value = before;
                    ASSERT_NEAR(inputs[i].gradient().data()[j], static_cast<double>(scale) * numeric, 1e-4 * (1 + std::abs(numeric)))
                        << "input " << i << " element " << j;
                }
            }
            // Without a tape: the same loss, and nothing else.
            for (const Variable& input : inputs) input.clear_gradient();
            const CrossEntropy again = output_loss(x, weight, bias, targets, {smoothing, scale});
            EXPECT_EQ(again.loss, found.loss);
            EXPECT_EQ(again.log_likelihood, found.log_likelihood);
            for (const Variable& input : inputs) EXPECT_FALSE(input.has_gradient());
        }
}

TEST_F(OperationsTest, OutputLossAddsToWhatIsThere) {
    const Variable x = variable({6, 4});
    Parameter weight = parameter({5, 4}), bias = parameter({5});
    const RowIndex targets{0, 1, 2, 3, 4, -1};
    const auto pass = [&] {
        Tape tape;
        output_loss(x, weight, bias, targets, {});
        tape.backward();
        return std::vector{x.gradient().clone(), weight.variable().gradient().clone(), bias.variable().gradient().clone()};
    };
    const std::vector<Tensor> once = pass(), twice = pass();
    for (std::size_t i = 0; i < once.size(); ++i) {
        Matrix expected(once[i]);
        for (double& value : expected.values) value *= 2;
        naive::expect_close(twice[i], expected, 1e-6);
    }
    for (std::int64_t j = 0; j < 4; ++j) EXPECT_EQ(once[0].row(5)[j], 0);
    EXPECT_THROW(output_loss(x, weight, bias, {0, 1}, {}), Error);
}

// Runs every operation once and tells whether one of the results asks for a gradient.
bool any_result_needs_gradient(const Variable& x, Parameter& weight, Parameter& bias) {
    const auto layout = std::make_shared<const TimeMajorLayout>(SequenceLayout({2, 1}));
    const auto memory = std::make_shared<const SequenceLayout>(std::vector<int>{3});
    const RowIndex zeros(3, 0);
    const Variable results[] = {affine(x, weight, &bias),
                                embedding(weight, {0, 2}),
                                gather_rows(x, {1}),
                                concatenate_columns({x, x}),
                                concatenate_rows({x, x}),
                                add(x, x),
                                tanh(x),
                                dropout(x, 0.5F),
                                layer_norm(x, bias, bias),
                                recurrence({Cell::tanh, weight}, layout, x, {}).hidden,
                                attention({AttentionScore::dot, zeros, memory}, x, x, x, nullptr).context};
    return std::any_of(std::begin(results), std::end(results), [](const Variable& result) { return result.needs_gradient(); });
}

TEST_F(OperationsTest, WithoutATapeNothingIsRecorded) {
    const Variable x = variable({3, 3});
    Parameter weight = parameter({3, 3}), bias = parameter({3});
    const Variable untouched = dropout(x, 0.5F);
    EXPECT_EQ(untouched.value().data(), x.value().data());
    EXPECT_FALSE(affine(x, weight, &bias).needs_gradient());
    const Variable frozen(x.value());
    EXPECT_FALSE(any_result_needs_gradient(frozen, weight, bias));
    Tape tape;
    EXPECT_TRUE(any_result_needs_gradient(x, weight, bias));
    tape.backward(); // no gradient has come in: none goes out
    EXPECT_FALSE(x.has_gradient());
    EXPECT_FALSE(weight.variable().has_gradient());
}

TEST_F(OperationsTest, WithAndWithoutATapeTheValuesAreTheSameBytes) {
    const Variable x = variable({6, 8});
    Parameter weight = parameter({8, 8}), bias = parameter({8});
    const auto compute = [&] { return layer_norm(tanh(add(affine(x, weight, &bias), x)), bias, bias).value(); };
    const Tensor without = compute();
    Tape tape;
    EXPECT_TRUE(same_bytes(compute(), without));
}

TEST_F(OperationsTest, ConstantsNeedNoGradient) {
    const Variable a = constant({2, 3}), b = constant({2, 3});
    Tape tape;
    EXPECT_FALSE(add(a, b).needs_gradient());
    EXPECT_FALSE(tanh(a).needs_gradient());
    EXPECT_FALSE(gather_rows(a, {0}).needs_gradient());
    EXPECT_FALSE(concatenate_rows({a, b}).needs_gradient());
    const Variable c(a.value(), true);
    const Variable y = add(c, b);
    y.gradient().fill(1);
    tape.backward();
    EXPECT_TRUE(c.has_gradient());
    EXPECT_FALSE(b.has_gradient());
}

} // namespace
} // namespace nmt
