// Recurrence over packed sequences: the part of a recurrent layer that must run step by step. The inputs' products for all
// steps are done before, in one product; here each step is one product with the hidden weights (none where it starts from zeros) and
// one pass over the gates.
#pragma once

#include "nmt/tensor/layout.hpp"
#include "nmt/tensor/matmul.hpp"
#include "nmt/tensor/tensor.hpp"

#include <string_view>

namespace nmt {

// Gate order in the G*H columns of weights: lstm: input, forget, cell, output (Hochreiter and Schmidhuber, 1997; Gers et al.,
// 2000); gru: reset, update, new, with the reset gate applied after the product (Cho et al., 2014, as cuDNN and oneDNN's
// lbr_gru compute it); tanh: the one gate (Elman, 1990).
enum class Cell { tanh, gru, lstm };

Cell cell_from_name(std::string_view name); // "tanh", "gru", "lstm"; throws Error
int gates_of(Cell cell);                    // G: 1, 3, 4

// What the forward pass leaves for the backward pass. All rows are time-major.
struct RecurrentTrace {
    Tensor hidden;      // [N,H]
    Tensor cell;        // [N,H], lstm alone
    Tensor gates;       // [N,G*H] after their nonlinearities
    Tensor hidden_part; // [N,H], gru alone: the new gate's product with the hidden state, bias included
};

// The states that a recurrence starts from, [B,H] in the order of the layout's ranks; null for zeros.
struct InitialStates {
    const Tensor *hidden = nullptr, *cell = nullptr; // cell: lstm alone
};

// The hidden weight [G*H,H], packed as the pass needs it, and the bias [H] of the gru's new gate, null otherwise.
struct RecurrentWeights {
    Cell cell;
    const PackedMatrix& hidden;
    const Tensor* hidden_bias = nullptr; // of the forward pass alone
};

// projected [N,G*H]: inputs times input weights plus bias, time-major, f32 or bf16. The hidden weight's transpose [H,G*H] is
// packed.
RecurrentTrace recurrent_forward(const RecurrentWeights& weights, const TimeMajorLayout& layout, const Tensor& projected,
                                 const InitialStates& initial);

// Gradients that come in; empty where there are none.
struct RecurrentOutputGradients {
    Tensor hidden, cell;     // [N,H]
    bool keep_whole = false; // RecurrentInputGradients::whole_hidden is asked for
};

// Gradients that go out. The first three are in the type in which products with the hidden weights are computed, f32 or bf16.
struct RecurrentInputGradients {
    Tensor projected;                    // [N,G*H]
    Tensor hidden_product;               // [N,G*H]: of the product with the hidden weights (gru alone; else the same as projected)
    Tensor previous_hidden;              // [N,H]: the hidden state that each row started from, for the weights' gradient
    Tensor initial_hidden, initial_cell; // [active(0),H] by rank; empty where the recurrence started from zeros
    Tensor whole_hidden; // [N,H], where it was asked for: of each hidden state, what comes back through the later steps included
};

// The hidden weight is packed as it is.
RecurrentInputGradients recurrent_backward(const RecurrentWeights& weights, const TimeMajorLayout& layout, const RecurrentTrace& trace,
                                           const InitialStates& initial, const RecurrentOutputGradients& gradients);

} // namespace nmt
