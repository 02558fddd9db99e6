// What a tape tells its observer: the whole gradient of a layer's states; and a tape without dropout.
#include "nmt/autograd/operations.hpp"
#include "nmt/tensor/context.hpp"
#include "tests/tensor/naive.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

namespace nmt {
namespace {

using naive::Matrix;
using naive::random_tensor;

// All that was told, the last first.
using Told = std::vector<std::pair<std::string, Matrix>>;

StateObserver recorder(Told& told) {
    return [&told](const std::string& layer, const Tensor& gradient) { told.emplace_back(layer, Matrix(gradient)); };
}

Matrix rows_of(const Matrix& all, const std::vector<std::int64_t>& rows) {
    Matrix part(static_cast<std::int64_t>(rows.size()), all.columns);
    for (std::size_t i = 0; i < rows.size(); ++i)
        for (std::int64_t j = 0; j < all.columns; ++j) part(static_cast<std::int64_t>(i), j) = all(rows[i], j);
    return part;
}

// One sentence of a recurrence: its inputs, and how much each of its states counts in the loss.
struct SentenceTwin {
    Cell cell;
    Matrix projected, weight, bias, hidden_counts, cell_counts;

    // The loss where `delta` is added to unit j of the hidden state of step t. What comes before that state is left as it was.
    double loss(std::int64_t t, std::int64_t j, double delta) const {
        const std::int64_t steps = projected.rows;
        naive::States before = run(0, t + 1, Matrix(), Matrix());
        before.hidden(t, j) += delta;
        double sum = 0;
        for (std::int64_t i = 0; i <= t; ++i)
            for (std::int64_t k = 0; k < weight.columns; ++k) sum += before.hidden(i, k) * hidden_counts(i, k);
        if (t + 1 == steps) return sum;
        const Matrix memory = cell == Cell::lstm ? rows_of(before.cell, {t}) : Matrix();
        const naive::States after = run(t + 1, steps, rows_of(before.hidden, {t}), memory);
        for (std::int64_t i = t + 1; i < steps; ++i)
            for (std::int64_t k = 0; k < weight.columns; ++k) {
                sum += after.hidden(i - t - 1, k) * hidden_counts(i, k);
                if (cell == Cell::lstm) sum += after.cell(i - t - 1, k) * cell_counts(i, k);
            }
        return sum;
    }

    naive::States run(std::int64_t begin, std::int64_t end, const Matrix& hidden, const Matrix& memory) const {
        std::vector<std::int64_t> rows;
        for (std::int64_t i = begin; i < end; ++i) rows.push_back(i);
        return naive::recurrence(cell, {static_cast<int>(end - begin)}, rows_of(projected, rows), weight, bias, hidden, memory);
    }
};

class ObserverTest : public testing::Test {
  protected:
    Context context_{1};
    Random random_{5};
};

TEST_F(ObserverTest, HiddenStatesOfARecurrenceAgreeWithCentralDifferences) {
    const std::vector<int> lengths{3, 1, 4};
    const std::int64_t h = 5;
    const auto layout = std::make_shared<const TimeMajorLayout>(SequenceLayout(lengths));
    for (const Cell cell : {Cell::tanh, Cell::gru, Cell::lstm}) {
        SCOPED_TRACE(static_cast<int>(cell));
        const std::int64_t gates = gates_of(cell) * h;
        const Variable projected(random_tensor(context_, {layout->rows(), gates}, random_), true);
        Parameter weight("decoder.layers.1.hidden.weight", random_tensor(context_, {gates, h}, random_, 0.5));
        Parameter bias("decoder.layers.1.hidden.bias", random_tensor(context_, {h}, random_));
        const Tensor hidden_counts = random_tensor(context_, {layout->rows(), h}, random_),
                     cell_counts = random_tensor(context_, {layout->rows(), h}, random_);
        Told told;
        {
            Tape tape;
            tape.set_observer(recorder(told));
            const RecurrentState out = recurrence({cell, weight, cell == Cell::gru ? &bias : nullptr}, layout, projected, {});
            out.hidden.gradient().copy_from(hidden_counts);
            if (cell == Cell::lstm) out.cell.gradient().copy_from(cell_counts);
            tape.backward();
        }
        ASSERT_EQ(told.size(), 1u);
        EXPECT_EQ(told[0].first, "decoder.layers.1");
        const Matrix& found = told[0].second;
        ASSERT_EQ(found.rows, 8); // without the rows of padding
        const std::vector<std::int32_t> ranks = layout->rank();
        for (std::size_t s = 0; s < lengths.size(); ++s) {
            std::vector<std::int64_t> rows;
            for (int t = 0; t < lengths[s]; ++t) rows.push_back(layout->offset(t) + ranks[s]);
            const SentenceTwin twin{cell,
                                    rows_of(Matrix(projected.value()), rows),
                                    Matrix(weight.value()),
                                    cell == Cell::gru ? Matrix(bias.value()) : Matrix(),
                                    rows_of(Matrix(hidden_counts), rows),
                                    rows_of(Matrix(cell_counts), rows)};
            for (std::int64_t t = 0; t < lengths[s]; ++t)
                for (std::int64_t j = 0; j < h; ++j) {
                    const double expected = (twin.loss(t, j, 1e-5) - twin.loss(t, j, -1e-5)) / 2e-5;
                    EXPECT_NEAR(found(rows[static_cast<std::size_t>(t)], j), expected, 1e-4) << "sentence " << s << " step " << t;
                }
        }
    }
}

TEST_F(ObserverTest, OneTanhUnitIsAProductOfJacobians) {
    const auto layout = std::make_shared<const TimeMajorLayout>(SequenceLayout({7}));
    Tensor inputs = Tensor::zeros(context_, {layout->rows(), 1}), one = Tensor::zeros(context_, {1, 1});
    for (int t = 0; t < 7; ++t) inputs.data()[t] = 0.3F * static_cast<float>(t % 3) - 0.2F;
    one.data()[0] = -0.8F;
    Parameter weight("unit.hidden.weight", one);
    Told told;
    std::vector<double> hidden;
    {
        Tape tape;
        tape.set_observer(recorder(told));
        const RecurrentState out = recurrence({Cell::tanh, weight}, layout, Variable(inputs, true), {});
        for (int t = 0; t < 7; ++t) hidden.push_back(out.hidden.value().data()[t]);
        out.hidden.gradient().data()[6] = 1; // the loss is the last state
        tape.backward();
    }
    ASSERT_EQ(told.size(), 1u);
    double product = 1;
    for (std::size_t t = 7; t-- > 0;) {
        EXPECT_NEAR(told[0].second.values[t], product, 1e-6) << t;
        product *= -0.8 * (1 - hidden[t] * hidden[t]);
    }
    EXPECT_LT(std::abs(product), 0.25);
}

TEST_F(ObserverTest, StatesThatAreReadTwice) {
    const Variable input(random_tensor(context_, {4, 3}, random_), true);
    const Tensor p = random_tensor(context_, {4, 3}, random_), q = random_tensor(context_, {4, 3}, random_);
    Told told;
    {
        Tape tape;
        tape.set_observer(recorder(told));
        const Variable x = tanh(input);
        observe_states(x, 3, "x");
        const Variable y = add(x, tanh(x)); // x takes over the gradient of y
        observe_states(y, 4, "y");
        y.gradient().copy_from(p);
        x.gradient().copy_from(q);
        tape.backward();
    }
    ASSERT_EQ(told.size(), 2u);
    EXPECT_EQ(told[0].first, "y");
    EXPECT_EQ(told[0].second.values, Matrix(p).values);
    EXPECT_EQ(told[1].first, "x");
    ASSERT_EQ(told[1].second.rows, 3);
    for (std::size_t i = 0; i < 9; ++i) {
        const double t = std::tanh(std::tanh(input.value().data()[i]));
        EXPECT_NEAR(told[1].second.values[i], q.data()[i] + p.data()[i] * (2 - t * t), 1e-5);
    }
}

TEST_F(ObserverTest, NobodyIsToldOfWhatTheLossDoesNotSee) {
    const auto layout = std::make_shared<const TimeMajorLayout>(SequenceLayout({2}));
    Parameter weight("unit.hidden.weight", random_tensor(context_, {3, 3}, random_));
    const Variable inputs(random_tensor(context_, {layout->rows(), 3}, random_), true);
    Told told;
    Tape tape;
    tape.set_observer(recorder(told));
    recurrence({Cell::tanh, weight}, layout, inputs, {});
    observe_states(tanh(inputs), 2, "unused");
    tape.backward();
    EXPECT_TRUE(told.empty());
}

TEST_F(ObserverTest, ATapeWithoutDropoutDropsNothing) {
    const Variable x(random_tensor(context_, {8, 16}, random_), true), y(random_tensor(context_, {8, 16}, random_), true);
    EXPECT_FALSE(Tape::drops());
    Tape tape(3);
    EXPECT_TRUE(Tape::drops());
    EXPECT_FALSE(naive::same_bytes(dropout(x, 0.5F).value(), x.value()));
    tape.set_dropout(false);
    EXPECT_FALSE(Tape::drops());
    EXPECT_TRUE(naive::same_bytes(dropout(x, 0.5F).value(), x.value()));
    EXPECT_TRUE(naive::same_bytes(add_dropped(x, y, 0.5F).value(), add(x, y).value()));
    const auto memory = std::make_shared<const SequenceLayout>(std::vector<int>{8});
    const auto layout = std::make_shared<const MultiHeadLayout>(MultiHeadLayout{2, RowIndex(8, 0), memory, {}});
    EXPECT_TRUE(naive::same_bytes(multi_head_attention(layout, {x, y, y}, 0.5F).context.value(),
                                  multi_head_attention(layout, {x, y, y}, 0).context.value()));
}

} // namespace
} // namespace nmt
