#include "nmt/tensor/recurrent.hpp"

#include "nmt/tensor/bfloat16.hpp"
#include "tests/base/test_support.hpp"
#include "tests/tensor/naive.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace nmt {
namespace {

using naive::expect_close;
using naive::Matrix;
using naive::random_tensor;
using naive::same_bytes;

// A recurrence with random inputs and weights.
struct Case {
    Cell cell;
    std::vector<int> lengths;
    TimeMajorLayout layout;
    Tensor projected, weight, hidden_bias, initial_hidden, initial_cell;
    bool with_initial;

    Case(Context& context, Cell cell, std::vector<int> of_lengths, std::int64_t h, bool with_initial)
        : cell(cell), lengths(std::move(of_lengths)), layout(SequenceLayout(lengths)), with_initial(with_initial) {
        Random random(static_cast<std::uint64_t>(h) + lengths.size());
        const std::int64_t gates = gates_of(cell) * h, batch = static_cast<std::int64_t>(lengths.size());
        projected = random_tensor(context, {layout.rows(), gates}, random);
        weight = random_tensor(context, {gates, h}, random, 1 / std::sqrt(static_cast<double>(h)));
        hidden_bias = random_tensor(context, {h}, random);
        initial_hidden = random_tensor(context, {batch, h}, random, 0.5);
        initial_cell = random_tensor(context, {batch, h}, random);
    }
    const Tensor* bias_or_null() const { return cell == Cell::gru ? &hidden_bias : nullptr; }
    const Tensor* hidden_or_null() const { return with_initial ? &initial_hidden : nullptr; }
    const Tensor* cell_or_null() const { return with_initial && cell == Cell::lstm ? &initial_cell : nullptr; }
    RecurrentTrace forward() const {
        return recurrent_forward({cell, PackedMatrix(weight, true), bias_or_null()}, layout, projected, {hidden_or_null(), cell_or_null()});
    }
    // projected, weight, bias, initial hidden, initial cell; empty where there are none.
    std::vector<Matrix> twins() const {
        return {Matrix(projected), Matrix(weight), cell == Cell::gru ? Matrix(hidden_bias) : Matrix(),
                with_initial ? Matrix(initial_hidden) : Matrix(), cell_or_null() != nullptr ? Matrix(initial_cell) : Matrix()};
    }
    naive::States naive_states(const std::vector<Matrix>& x) const {
        return naive::recurrence(cell, lengths, x[0], x[1], x[2], x[3], x[4]);
    }
};

TEST(CellTest, NamesAndGates) {
    EXPECT_EQ(cell_from_name("tanh"), Cell::tanh);
    EXPECT_EQ(cell_from_name("gru"), Cell::gru);
    EXPECT_EQ(cell_from_name("lstm"), Cell::lstm);
    EXPECT_EQ(gates_of(Cell::tanh), 1);
    EXPECT_EQ(gates_of(Cell::gru), 3);
    EXPECT_EQ(gates_of(Cell::lstm), 4);
    const std::string message = message_of<Error>([] { cell_from_name("LSTM"); });
    EXPECT_NE(message.find("'LSTM'"), std::string::npos) << message;
    EXPECT_NE(message.find("lstm"), std::string::npos) << message;
}

class RecurrentTest : public testing::TestWithParam<Cell> {};

TEST_P(RecurrentTest, ForwardAgreesWithALoopOverSentences) {
    Context context(2);
    std::vector<int> many(40);
    for (int i = 0; i < 40; ++i) many[static_cast<std::size_t>(i)] = 1 + i * 7 % 13;
    for (const std::vector<int>& lengths : {std::vector<int>{1}, {4, 6, 1, 6, 3}, {3, 0, 2}, many})
        for (const std::int64_t h : {1, 5, 16, 33})
            for (const bool with_initial : {false, true}) {
                SCOPED_TRACE(fmt::format("{} sentences, {} units, initial states {}", lengths.size(), h, with_initial));
                const Case c(context, GetParam(), lengths, h, with_initial);
                const RecurrentTrace trace = c.forward();
                const naive::States expected = c.naive_states(c.twins());
                ASSERT_EQ(trace.hidden.shape(), (Shape{c.layout.rows(), h}));
                expect_close(trace.hidden, expected.hidden, 1e-5);
                EXPECT_EQ(trace.cell.empty(), GetParam() != Cell::lstm);
                if (GetParam() == Cell::lstm) expect_close(trace.cell, expected.cell, 1e-5);
                EXPECT_EQ(trace.gates.columns(), gates_of(GetParam()) * h);
            }
}

// In bf16 the inputs' products may be rounded, states are not, and products read them rounded.
TEST_P(RecurrentTest, WeightsInBf16ReadRoundedStates) {
    if (!can_compute(DataType::bf16)) GTEST_SKIP() << "this processor has no products of bf16";
    Context context(2);
    for (const bool with_initial : {false, true})
        for (const bool rounded : {false, true}) {
            SCOPED_TRACE(fmt::format("initial states {}, inputs rounded {}", with_initial, rounded));
            constexpr std::int64_t h = 64; // suits matrix units
            const Case c(context, GetParam(), {4, 6, 1, 6, 3}, h, with_initial);
            const Tensor projected = rounded ? to_bf16(c.projected) : c.projected;
            const InitialStates initial{c.hidden_or_null(), c.cell_or_null()};
            const RecurrentTrace trace =
                recurrent_forward({c.cell, PackedMatrix(c.weight, true, DataType::bf16), c.bias_or_null()}, c.layout, projected, initial);
            expect_close(trace.hidden, c.naive_states(c.twins()).hidden, 0.02);
            const RecurrentOutputGradients outputs{trace.hidden, Tensor()};
            const PackedMatrix weight(c.weight, false, DataType::bf16);
            const RecurrentInputGradients found = recurrent_backward({c.cell, weight}, c.layout, trace, initial, outputs);
            EXPECT_EQ(found.projected.type(), DataType::bf16);
            EXPECT_EQ(found.hidden_product.type(), DataType::bf16);
            EXPECT_EQ(found.initial_hidden.empty(), !with_initial);
            const Tensor rows = to_f32(found.previous_hidden);
            for (int t = 0; t < c.layout.steps(); ++t)
                for (int i = 0; i < c.layout.active(t); ++i) {
                    Tensor before(context, {1, h});
                    if (t > 0) before.copy_from(trace.hidden.slice_rows(c.layout.offset(t - 1) + i, c.layout.offset(t - 1) + i + 1));
                    else if (with_initial) before.copy_from(c.initial_hidden.slice_rows(i, i + 1));
                    else before.fill(0);
                    const std::int64_t row = c.layout.offset(t) + i;
                    EXPECT_TRUE(same_bytes(rows.slice_rows(row, row + 1), to_f32(to_bf16(before)))) << "step " << t << " rank " << i;
                }
            for (std::int64_t row = c.layout.total(); row < rows.rows(); ++row)
                for (std::int64_t j = 0; j < h; ++j) {
                    EXPECT_EQ(rows.row(row)[j], 0);
                    EXPECT_EQ(found.projected.as<std::uint16_t>()[row * found.projected.columns() + j], 0);
                }
        }
}

TEST_P(RecurrentTest, StatesStayBoundedWithHugeInputs) {
    Context context(test_threads());
    Case c(context, GetParam(), {3, 2}, 5, true);
    for (std::int64_t i = 0; i < c.projected.size(); ++i) c.projected.data()[i] *= 1000;
    expect_close(c.forward().hidden, c.naive_states(c.twins()).hidden, 1e-5);
}

// Backward against central differences of the loop over sentences, of a random projection of all states.
void check_backward(const Case& c, bool through_hidden, bool through_cell) {
    Context& context = c.projected.context();
    const std::int64_t h = c.weight.columns(), rows = c.layout.rows();
    Random random(5);
    const RecurrentOutputGradients outputs{through_hidden ? random_tensor(context, {rows, h}, random) : Tensor(),
                                           through_cell ? random_tensor(context, {rows, h}, random) : Tensor()};
    const RecurrentInputGradients found =
        recurrent_backward({c.cell, PackedMatrix(c.weight, false)}, c.layout, c.forward(), {c.hidden_or_null(), c.cell_or_null()}, outputs);
    std::vector<Matrix> twins = c.twins();
    const auto f = [&] {
        const naive::States states = c.naive_states(twins);
        double sum = 0;
        for (std::size_t i = 0; i < states.hidden.values.size(); ++i) {
            if (through_hidden) sum += states.hidden.values[i] * outputs.hidden.data()[i];
            if (through_cell) sum += states.cell.values[i] * outputs.cell.data()[i];
        }
        return sum;
    };
    const auto numeric = [&](std::size_t which) {
        Matrix gradient = twins[which];
        for (std::size_t i = 0; i < gradient.values.size(); ++i) {
            double& x = twins[which].values[i];
            const double before = x;
            x = before + 1e-5;
            const double above = f();
            x = before - 1e-5;
            gradient.values[i] = (above - f()) / 2e-5;
            x = before;
        }
        return gradient;
    };
    expect_close(found.projected, numeric(0), 3e-5);
    // The weight's gradient is that of the product with the hidden states: d_product^T previous_hidden.
    const Matrix d_product(found.hidden_product), previous(found.previous_hidden), d_weight = numeric(1);
    ASSERT_EQ(d_product.rows, rows);
    ASSERT_EQ(previous.rows, rows);
    const Matrix weight_found = naive::product(naive::transposed(d_product), previous);
    for (std::size_t i = 0; i < d_weight.values.size(); ++i) ASSERT_NEAR(weight_found.values[i], d_weight.values[i], 1e-4);
    if (c.cell == Cell::gru) {
        const Matrix d_bias = numeric(2);
        for (std::int64_t j = 0; j < h; ++j) {
            double sum = 0;
            for (std::int64_t i = 0; i < rows; ++i) sum += d_product(i, 2 * h + j);
            ASSERT_NEAR(sum, d_bias.values[static_cast<std::size_t>(j)], 1e-4);
        }
    } else {
        EXPECT_TRUE(same_bytes(found.hidden_product, found.projected));
    }
    if (!c.with_initial) return;
    const std::int64_t alive = c.layout.steps() == 0 ? 0 : c.layout.active(0); // an empty sequence passes nothing on
    const auto first_rows = [&](Matrix x) { return x.values.resize(static_cast<std::size_t>(alive * h)), x.rows = alive, x; };
    expect_close(found.initial_hidden, first_rows(numeric(3)), 3e-5);
    if (c.cell == Cell::lstm) expect_close(found.initial_cell, first_rows(numeric(4)), 3e-5);
}

TEST_P(RecurrentTest, BackwardAgreesWithCentralDifferences) {
    Context context(2);
    for (const std::vector<int>& lengths :
         {std::vector<int>{1}, {4, 6, 1, 6, 3}, {3, 0, 2, 5, 1, 1, 1, 1, 2, 2, 2, 2, 2, 1, 1, 1, 1, 3, 3}})
        for (const std::int64_t h : {1, 3, 6})
            for (const bool with_initial : {false, true}) {
                SCOPED_TRACE(fmt::format("{} sentences, {} units, initial states {}", lengths.size(), h, with_initial));
                const Case c(context, GetParam(), lengths, h, with_initial);
                check_backward(c, true, false);
                if (GetParam() != Cell::lstm) continue;
                check_backward(c, false, true);
                check_backward(c, true, true);
            }
}

TEST_P(RecurrentTest, ASentenceIsTheSameBytesAloneAndAmongOthers) {
    const std::vector<int> lengths{7, 30, 1, 12, 30, 5, 9, 9, 2, 28, 16, 17, 3, 3, 3, 8, 21, 4, 6, 6, 11};
    for (const std::int64_t h : {17, 64}) {
        for (const int threads : {1, 2, 4}) {
            Context context(threads);
            const Case c(context, GetParam(), lengths, h, true);
            const RecurrentTrace together = c.forward();
            for (int rank = 0; rank < static_cast<int>(lengths.size()); ++rank) {
                const int length = c.lengths[static_cast<std::size_t>(c.layout.order()[static_cast<std::size_t>(rank)])];
                Case alone(context, GetParam(), {length}, h, true);
                alone.weight = c.weight;
                alone.hidden_bias = c.hidden_bias;
                alone.initial_hidden = c.initial_hidden.slice_rows(rank, rank + 1);
                alone.initial_cell = c.initial_cell.slice_rows(rank, rank + 1);
                for (int t = 0; t < length; ++t) {
                    const std::int64_t row = c.layout.offset(t) + rank;
                    alone.projected.slice_rows(t, t + 1).copy_from(c.projected.slice_rows(row, row + 1));
                }
                const RecurrentTrace found = alone.forward();
                for (int t = 0; t < length; ++t) {
                    const std::int64_t row = c.layout.offset(t) + rank;
                    ASSERT_TRUE(same_bytes(found.hidden.slice_rows(t, t + 1), together.hidden.slice_rows(row, row + 1)))
                        << "rank " << rank << " step " << t << " of " << h << " units on " << threads << " threads";
                }
            }
        }
    }
}

TEST_P(RecurrentTest, NoSequencesAndShapesThatDoNotFit) {
    Context context(test_threads());
    const Case none(context, GetParam(), {0, 0}, 4, false);
    EXPECT_EQ(none.forward().hidden.rows(), 0);
    Case c(context, GetParam(), {3, 2}, 4, true);
    const Tensor right = c.projected;
    c.projected = Tensor(context, {right.rows(), right.columns() + 1});
    EXPECT_THROW(c.forward(), Error);
    c.projected = right.slice_rows(0, right.rows() - 1);
    EXPECT_THROW(c.forward(), Error);
    c.projected = right;
    c.initial_hidden = c.initial_hidden.slice_rows(0, 1);
    EXPECT_THROW(c.forward(), Error);
}

INSTANTIATE_TEST_SUITE_P(Cells, RecurrentTest, testing::Values(Cell::tanh, Cell::gru, Cell::lstm), [](const auto& test) {
    return test.param == Cell::tanh ? "tanh" : test.param == Cell::gru ? "gru" : "lstm";
});

} // namespace
} // namespace nmt
