#include "nmt/autograd/variable.hpp"

#include "nmt/autograd/operations.hpp"
#include "nmt/tensor/elementwise.hpp"
#include "tests/tensor/naive.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace nmt {
namespace {

using naive::expect_close;
using naive::Matrix;
using naive::random_tensor;

TEST(VariableTest, CopiesAreTheSameVariable) {
    Context context(1);
    EXPECT_FALSE(Variable().defined());
    EXPECT_FALSE(Variable().needs_gradient());
    EXPECT_FALSE(Variable().has_gradient());
    const Variable constant(Tensor::zeros(context, {2, 3}));
    EXPECT_TRUE(constant.defined());
    EXPECT_FALSE(constant.needs_gradient());
    EXPECT_EQ(constant.rows(), 2);
    EXPECT_EQ(constant.columns(), 3);
    EXPECT_EQ(&constant.context(), &context);

    const Variable variable(Tensor::zeros(context, {2, 3}), true), copy = variable;
    EXPECT_TRUE(variable.needs_gradient());
    EXPECT_FALSE(copy.has_gradient());
    variable.gradient().fill(2);
    EXPECT_TRUE(copy.has_gradient());
    EXPECT_EQ(copy.gradient().data()[5], 2);
    copy.clear_gradient();
    EXPECT_FALSE(variable.has_gradient());
}

TEST(VariableTest, AGradientStartsAtZeroAndHasTheShapeOfTheValue) {
    Context context(1);
    { Tensor(context, {4, 5}).fill(9); }
    const Variable variable(Tensor(context, {4, 5}), true);
    EXPECT_EQ(variable.gradient().shape(), (Shape{4, 5}));
    EXPECT_EQ(sum_of_squares(variable.gradient()), 0);
}

TEST(ParameterTest, NeedsAGradientAndHasAName) {
    Context context(1);
    Parameter parameter("encoder.weight", Tensor::zeros(context, {2, 3}));
    EXPECT_EQ(parameter.name(), "encoder.weight");
    EXPECT_TRUE(parameter.variable().needs_gradient());
    EXPECT_EQ(parameter.value().data(), parameter.variable().value().data());
}

TEST(ParameterTest, PacksForBothDirections) {
    Context context(2);
    Random random(1);
    Parameter weight("w", random_tensor(context, {7, 5}, random));
    EXPECT_EQ(weight.packed_for_outputs().inner(), 5);
    EXPECT_EQ(weight.packed_for_outputs().outer(), 7);
    EXPECT_EQ(weight.packed_for_inputs().inner(), 7);
    EXPECT_EQ(weight.packed_for_inputs().outer(), 5);
    const Tensor x = random_tensor(context, {3, 5}, random), d_y = random_tensor(context, {3, 7}, random);
    Tensor y(context, {3, 7}), d_x(context, {3, 5});
    matmul(x, weight.packed_for_outputs(), y);
    expect_close(y, naive::product(Matrix(x), naive::transposed(Matrix(weight.value()))), 1e-5);
    matmul(d_y, weight.packed_for_inputs(), d_x);
    expect_close(d_x, naive::product(Matrix(d_y), Matrix(weight.value())), 1e-5);
}

TEST(ParameterTest, PacksAgainWhatWasInUse) {
    Context context(1);
    Random random(3);
    Parameter weight("w", random_tensor(context, {4, 4}, random)), handle("w", Tensor(context, {4, 4}));
    handle.share(weight);
    const std::byte* const unused = handle.packed_for_outputs().data();
    for (int i = 0; i < 2; ++i) {
        weight.changed();
        weight.pack_again(); // also where nobody has read them since
    }
    handle.share(weight);
    const std::byte* const packed = handle.packed_for_outputs().data();
    EXPECT_NE(packed, unused); // which the handle had kept
    EXPECT_EQ(packed, weight.packed_for_outputs().data());
}

TEST(ParameterTest, PacksOnceAndAgainAfterAChange) {
    Context context(1);
    Random random(2);
    Parameter weight("w", random_tensor(context, {4, 4}, random));
    const std::byte* const outputs = weight.packed_for_outputs().data();
    const std::byte* const inputs = weight.packed_for_inputs().data();
    EXPECT_EQ(weight.packed_for_outputs().data(), outputs);
    EXPECT_EQ(weight.packed_for_inputs().data(), inputs);

    const Tensor x = random_tensor(context, {2, 4}, random);
    Tensor y(context, {2, 4});
    weight.value().fill(1);
    weight.changed();
    matmul(x, weight.packed_for_outputs(), y);
    expect_close(y, naive::product(Matrix(x), Matrix(4, 4, 1)), 1e-5);
    matmul(x, weight.packed_for_inputs(), y);
    expect_close(y, naive::product(Matrix(x), Matrix(4, 4, 1)), 1e-5);
}

TEST(TapeTest, IsTheCurrentOneOfItsThreadWhileItExists) {
    EXPECT_EQ(Tape::current(), nullptr);
    {
        Tape outer;
        EXPECT_EQ(Tape::current(), &outer);
        {
            Tape inner;
            EXPECT_EQ(Tape::current(), &inner);
        }
        EXPECT_EQ(Tape::current(), &outer);
        Tape* elsewhere = &outer;
        std::thread([&] { elsewhere = Tape::current(); }).join();
        EXPECT_EQ(elsewhere, nullptr);
    }
    EXPECT_EQ(Tape::current(), nullptr);
}

TEST(TapeTest, WalksBackOnce) {
    Tape tape;
    std::vector<int> order;
    for (int i = 0; i < 4; ++i) tape.record([&order, i] { order.push_back(i); });
    EXPECT_TRUE(order.empty());
    tape.backward();
    EXPECT_EQ(order, (std::vector<int>{3, 2, 1, 0}));
    tape.backward();
    EXPECT_EQ(order.size(), 4U);
}

TEST(TapeTest, KeysDifferForEachCallAndSeedAndComeAgainWithTheSeed) {
    std::set<std::uint64_t> keys;
    std::vector<std::uint64_t> first;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Tape tape(seed);
        for (int i = 0; i < 50; ++i) {
            const std::uint64_t key = tape.next_key();
            keys.insert(key);
            if (seed == 0) first.push_back(key);
        }
    }
    EXPECT_EQ(keys.size(), 1000U);
    Tape again(0);
    for (const std::uint64_t key : first) EXPECT_EQ(again.next_key(), key);
}

TEST(TapeTest, GradientsAccumulate) {
    Context context(1);
    const Variable x(Tensor::zeros(context, {1, 3}), true);
    for (int pass = 1; pass <= 2; ++pass) {
        Tape tape;
        const Variable y = add(x, add(x, x));
        y.gradient().fill(1);
        tape.backward();
        for (int j = 0; j < 3; ++j) EXPECT_EQ(x.gradient().data()[j], 3.0F * static_cast<float>(pass)); // over passes too
    }
}

TEST(TapeTest, LetsGoOfStorageInTheBackwardPass) {
    Context context(1);
    const Variable x(Tensor::zeros(context, {50, 50}), true);
    std::size_t taken = 0;
    for (int step = 0; step < 4; ++step) {
        Tape tape;
        const Variable y = tanh(tanh(add(x, x)));
        y.gradient().fill(1);
        tape.backward();
        x.clear_gradient();
        if (step == 0) taken = context.pooled_bytes();
        EXPECT_EQ(context.pooled_bytes(), taken);
    }
}

} // namespace
} // namespace nmt
