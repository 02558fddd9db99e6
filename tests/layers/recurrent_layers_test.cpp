// Recurrent layers, stacks and encoders against naive twins that read one sentence after the other.
#include "nmt/layers/recurrent_layers.hpp"

#include "tests/autograd/gradient_check.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

namespace nmt {
namespace {

using naive::Matrix;
using naive::random_tensor;
using naive::same_bytes;
using Matrices = std::vector<Matrix>;

const std::vector<int> kLengths{3, 0, 5, 1, 2, 5}; // 16 tokens; an empty sentence, equal lengths
constexpr Cell kCells[] = {Cell::tanh, Cell::gru, Cell::lstm};

Matrix rows_of(const Matrix& a, std::int64_t begin, std::int64_t end) {
    Matrix part(end - begin, a.columns);
    std::copy(a.values.begin() + begin * a.columns, a.values.begin() + end * a.columns, part.values.begin());
    return part;
}

Matrix upside_down(const Matrix& a) {
    Matrix c(a.rows, a.columns);
    for (std::int64_t i = 0; i < a.rows; ++i)
        for (std::int64_t j = 0; j < a.columns; ++j) c(i, j) = a(a.rows - 1 - i, j);
    return c;
}

Matrix side_by_side(const Matrix& a, const Matrix& b) {
    Matrix c(a.rows, a.columns + b.columns);
    for (std::int64_t i = 0; i < c.rows; ++i)
        for (std::int64_t j = 0; j < c.columns; ++j) c(i, j) = j < a.columns ? a(i, j) : b(i, j - a.columns);
    return c;
}

Matrix sum(const Matrix& a, const Matrix& b) {
    Matrix c = a;
    for (std::size_t i = 0; i < c.values.size(); ++i) c.values[i] += b.values[i];
    return c;
}

// A layer's parameters among the inputs of a twin, in the order in which the layer makes them.
struct LayerTwin {
    Cell cell;
    std::size_t first; // of its parameters
    std::size_t parameters() const { return cell == Cell::gru ? 4 : 3; }

    naive::States operator()(const Matrices& in, const std::vector<int>& lengths, const Matrix& x, const Matrix& hidden = {},
                             const Matrix& memory = {}) const {
        Matrix projected = naive::product(x, naive::transposed(in[first]));
        for (std::int64_t i = 0; i < projected.rows; ++i)
            for (std::int64_t j = 0; j < projected.columns; ++j) projected(i, j) += in[first + 1].values[static_cast<std::size_t>(j)];
        return naive::recurrence(cell, lengths, projected, in[first + 2], cell == Cell::gru ? in[first + 3] : Matrix(), hidden, memory);
    }
};

class RecurrentLayersTest : public testing::Test {
  protected:
    Variable variable(Shape shape) { return Variable(random_tensor(context_, shape, random_), true); }

    // x and all parameters, which become random, also where they start as zeros or ones.
    std::vector<Variable> with_parameters(ParameterStore& parameters, std::vector<Variable> inputs) {
        for (Parameter& parameter : parameters.all()) {
            parameter.value().copy_from(random_tensor(context_, parameter.value().shape(), random_, 0.5));
            parameter.changed();
            inputs.push_back(parameter.variable());
        }
        return inputs;
    }

    Context context_{1};
    Random random_{1};
};

TEST_F(RecurrentLayersTest, ALayersParameters) {
    const auto names = [&](Cell cell) {
        ParameterStore parameters(context_, 1);
        const RecurrentLayer layer(parameters, "layer", cell, 3, 4);
        std::vector<std::string> result;
        for (const Parameter& parameter : parameters.all())
            result.push_back(parameter.name() + " " + parameter.value().shape().to_string());
        return result;
    };
    using Names = std::vector<std::string>;
    EXPECT_EQ(names(Cell::tanh), (Names{"layer.input.weight [4, 3]", "layer.input.bias [4]", "layer.hidden.weight [4, 4]"}));
    EXPECT_EQ(names(Cell::gru),
              (Names{"layer.input.weight [12, 3]", "layer.input.bias [12]", "layer.hidden.weight [12, 4]", "layer.hidden.bias [4]"}));
    EXPECT_EQ(names(Cell::lstm), (Names{"layer.input.weight [16, 3]", "layer.input.bias [16]", "layer.hidden.weight [16, 4]"}));
}

TEST_F(RecurrentLayersTest, TheForgetGateStartsOpen) {
    ParameterStore parameters(context_, 1);
    const RecurrentLayer layer(parameters, "layer", Cell::lstm, 3, 2);
    const Tensor& bias = parameters.find("layer.input.bias")->value();
    EXPECT_EQ(std::vector<float>(bias.data(), bias.data() + 8), (std::vector<float>{0, 0, 1, 1, 0, 0, 0, 0}));
}

TEST_F(RecurrentLayersTest, ALayerEqualsItsTwin) {
    const std::vector<int> lengths{2, 4, 1};
    const auto layout = std::make_shared<const TimeMajorLayout>(SequenceLayout(lengths));
    for (const Cell cell : kCells) {
        SCOPED_TRACE(static_cast<int>(cell));
        ParameterStore parameters(context_, 1);
        RecurrentLayer layer(parameters, "layer", cell, 3, 4);
        const Variable x = variable({layout->rows(), 3}), hidden = variable({3, 4}), memory = variable({3, 4});
        const auto inputs = cell == Cell::lstm ? std::vector<Variable>{x, hidden, memory} : std::vector<Variable>{x, hidden};
        const LayerTwin twin{cell, inputs.size()};
        check_gradients(
            with_parameters(parameters, inputs),
            [&] {
                const RecurrentState states = layer(x, layout, {hidden, cell == Cell::lstm ? memory : Variable()});
                std::vector<Variable> outputs{states.hidden};
                if (states.cell.defined()) outputs.push_back(states.cell);
                return outputs;
            },
            [&](const Matrices& in) {
                const naive::States states = twin(in, lengths, in[0], in[1], cell == Cell::lstm ? in[2] : Matrix());
                return cell == Cell::lstm ? Matrices{states.hidden, states.cell} : Matrices{states.hidden};
            });
    }
}

// x, extra input and first states to the top layer's output, and the states of the first layer.
TEST_F(RecurrentLayersTest, AStackEqualsItsTwin) {
    const std::vector<int> lengths{2, 4, 1, 4};
    const auto layout = std::make_shared<const TimeMajorLayout>(SequenceLayout(lengths));
    for (const Cell cell : kCells)
        for (const std::int64_t in_width : {3, 4}) // 4: as wide as the layers, so that the first layer has a residual connection too
            for (const std::int64_t extra_width : {0, 2})
                for (const bool residual : {false, true}) {
                    SCOPED_TRACE(
                        fmt::format("cell {}, input {}, extra {}, residual {}", static_cast<int>(cell), in_width, extra_width, residual));
                    ParameterStore parameters(context_, 1);
                    RecurrentStack stack(
                        parameters, "stack",
                        {.cell = cell, .layers = 3, .in = in_width, .hidden = 4, .extra = extra_width, .residual = residual});
                    EXPECT_EQ(stack.layers(), 3);
                    EXPECT_NE(parameters.find("stack.2.input.weight"), nullptr);
                    const Variable x = variable({layout->rows(), in_width});
                    const Variable extra = extra_width > 0 ? variable({layout->rows(), extra_width}) : Variable();
                    std::vector<Variable> inputs{x};
                    std::vector<RecurrentState> initial;
                    for (int i = 0; i < 3; ++i) {
                        initial.push_back({variable({4, 4}), cell == Cell::lstm ? variable({4, 4}) : Variable()});
                        inputs.push_back(initial.back().hidden);
                        if (cell == Cell::lstm) inputs.push_back(initial.back().cell);
                    }
                    if (extra.defined()) inputs.push_back(extra);
                    const std::size_t first_parameter = inputs.size();
                    check_gradients(
                        with_parameters(parameters, inputs),
                        [&] {
                            const RecurrentStack::Result result = stack(x, extra, layout, initial);
                            return std::vector{result.output, result.states[0].hidden};
                        },
                        [&](const Matrices& in) {
                            Matrix below = in[0], first;
                            LayerTwin twin{cell, first_parameter};
                            for (std::size_t i = 0; i < 3; ++i, twin.first += twin.parameters()) {
                                const Matrix input = extra.defined() ? side_by_side(below, in[first_parameter - 1]) : below;
                                const std::size_t state = cell == Cell::lstm ? 1 + 2 * i : 1 + i;
                                const Matrix hidden = twin(in, lengths, rows_of(input, 0, layout->total()), in[state],
                                                           cell == Cell::lstm ? in[state + 1] : Matrix())
                                                          .hidden;
                                if (i == 0) first = hidden;
                                below = residual && below.columns == 4 ? sum(hidden, below) : hidden;
                            }
                            return Matrices{below, first};
                        });
                }
}

TEST_F(RecurrentLayersTest, AStackDropsBetweenItsLayersOnly) {
    const auto layout = std::make_shared<const TimeMajorLayout>(SequenceLayout({2, 4, 1}));
    const Variable x = variable({layout->rows(), 3});
    for (const int layers : {1, 2}) {
        ParameterStore parameters(context_, 1);
        RecurrentStack stack(parameters, "stack", {.layers = layers, .in = 3, .hidden = 4, .dropout = 0.5F});
        const auto output = [&](std::uint64_t seed) {
            const Tape tape(seed);
            return stack(x, Variable(), layout, {}).output.value();
        };
        EXPECT_TRUE(same_bytes(output(1), output(1)));
        EXPECT_EQ(same_bytes(output(1), output(2)), layers == 1);
        EXPECT_EQ(same_bytes(output(1), stack(x, Variable(), layout, {}).output.value()), layers == 1);
    }
}

struct EncoderCase {
    std::string name;
    int layers;
    bool bidirectional, reversed, residual;
};
const std::vector<EncoderCase> kEncoders{
    {"forward", 1, false, false, false},        {"reversed", 1, false, true, false},          {"both", 1, true, false, false},
    {"forward, twice", 2, false, false, false}, {"reversed, residual", 3, false, true, true}, {"both, residual", 3, true, false, true},
};

RecurrentEncoderOptions options_of(Cell cell, const EncoderCase& how) {
    return {.cell = cell,
            .layers = how.layers,
            .in = 3,
            .hidden = 4,
            .bidirectional = how.bidirectional,
            .reversed = how.reversed,
            .residual = how.residual};
}

// The encoder, one sentence at a time: states [N,width] and last [B,width].
Matrices encoder_twin(Cell cell, const EncoderCase& how, std::size_t first_parameter, const Matrices& in) {
    const std::int64_t total = std::accumulate(kLengths.begin(), kLengths.end(), 0);
    Matrix states = rows_of(in[0], 0, total), last;
    LayerTwin twin{cell, first_parameter};
    // The parameters of all forward and backward layers alternate.
    for (int layer = 0; layer < how.layers; ++layer) {
        const Matrix input = states;
        std::vector<bool> directions{how.reversed};
        if (how.bidirectional) directions.push_back(true);
        Matrix found_states(total, 0), found_last(std::ssize(kLengths), 0);
        for (const bool mirrored : directions) {
            Matrix of_direction(total, 4), ends(std::ssize(kLengths), 4);
            std::int64_t begin = 0;
            for (std::size_t b = 0; b < kLengths.size(); begin += kLengths[b++]) {
                const int length = kLengths[b];
                if (length == 0) continue;
                const Matrix sentence = rows_of(input, begin, begin + length);
                const Matrix read = twin(in, {length}, mirrored ? upside_down(sentence) : sentence).hidden;
                const Matrix placed = mirrored ? upside_down(read) : read;
                for (std::int64_t j = 0; j < 4; ++j) {
                    for (int t = 0; t < length; ++t) of_direction(begin + t, j) = placed(t, j);
                    ends(static_cast<std::int64_t>(b), j) = read(length - 1, j);
                }
            }
            found_states = side_by_side(found_states, of_direction);
            found_last = side_by_side(found_last, ends);
            twin.first += twin.parameters();
        }
        states = how.residual && layer > 0 ? sum(found_states, input) : found_states;
        last = found_last;
    }
    return {states, last};
}

TEST_F(RecurrentLayersTest, AnEncoderEqualsItsTwin) {
    const SequenceLayout sequences(kLengths);
    for (const Cell cell : kCells)
        for (const EncoderCase& how : kEncoders) {
            SCOPED_TRACE(fmt::format("cell {}, {}", static_cast<int>(cell), how.name));
            ParameterStore parameters(context_, 1);
            RecurrentEncoder encoder(parameters, "encoder", options_of(cell, how));
            EXPECT_EQ(encoder.width(), how.bidirectional ? 8 : 4);
            const Variable x = variable({sequences.rows(), 3});
            check_gradients(
                with_parameters(parameters, {x}),
                [&] {
                    const RecurrentEncoder::Result result = encoder(x, sequences);
                    return std::vector{result.states, result.last};
                },
                [&](const Matrices& in) { return encoder_twin(cell, how, 1, in); });
        }
}

// Whatever the neighbours: each sentence has the same bytes as alone.
TEST_F(RecurrentLayersTest, AnEncodersBatchEqualsEachSentenceAlone) {
    const SequenceLayout sequences(kLengths);
    for (const Cell cell : kCells)
        for (const EncoderCase& how : kEncoders) {
            SCOPED_TRACE(fmt::format("cell {}, {}", static_cast<int>(cell), how.name));
            ParameterStore parameters(context_, 1);
            RecurrentEncoder encoder(parameters, "encoder", options_of(cell, how));
            const Variable x = variable({sequences.rows(), 3});
            const RecurrentEncoder::Result batch = encoder(x, sequences);
            for (int b = 0; b < sequences.count(); ++b) {
                if (sequences.length(b) == 0) continue;
                const SequenceLayout one({sequences.length(b)});
                const std::int64_t begin = sequences.offset(b), end = begin + sequences.length(b);
                Tensor own(context_, {one.rows(), 3});
                own.copy_from(x.value().slice_rows(begin, end));
                const RecurrentEncoder::Result alone = encoder(Variable(own), one);
                EXPECT_TRUE(same_bytes(batch.states.value().slice_rows(begin, end), alone.states.value().slice_rows(0, one.total())));
                EXPECT_TRUE(same_bytes(batch.last.value().slice_rows(b, b + 1), alone.last.value().slice_rows(0, 1)));
            }
        }
}

// The first state of a backward reader knows the whole sentence, the last one its last token alone; and the other way round.
TEST_F(RecurrentLayersTest, DirectionsSeeWhatTheyHaveRead) {
    const SequenceLayout sequences({4, 2});
    ParameterStore parameters(context_, 1);
    RecurrentEncoder encoder(parameters, "encoder", {.in = 3, .hidden = 4});
    const Variable x = variable({6, 3});
    const Tensor before = encoder(x, sequences).states.value().clone();
    const Variable changed(x.value().clone());
    Tensor second = changed.value().slice_rows(1, 2); // the second token of the first sentence
    second.fill(2);
    const Tensor after = encoder(changed, sequences).states.value();
    for (std::int64_t row = 0; row < 6; ++row)
        for (std::int64_t half = 0; half < 2; ++half) {
            const bool differs = !std::equal(before.row(row) + 4 * half, before.row(row) + 4 * (half + 1), after.row(row) + 4 * half);
            const bool knows = row < 4 && (half == 0 ? row >= 1 : row <= 1);
            EXPECT_EQ(differs, knows) << "row " << row << (half == 0 ? " forward" : " backward");
        }
}

TEST_F(RecurrentLayersTest, BothDirectionsCannotBeReversed) {
    ParameterStore parameters(context_, 1);
    const std::string message = message_of<Error>(
        [&] { RecurrentEncoder(parameters, "encoder", {.in = 3, .hidden = 4, .bidirectional = true, .reversed = true}); });
    EXPECT_NE(message.find("set bidirectional = false or reversed = false"), std::string::npos) << message;
}

} // namespace
} // namespace nmt
