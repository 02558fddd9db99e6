// The differentiable operations: each a forward pass over kernels and a hand-written backward pass, recorded on the current
// tape where an input needs a gradient. Layers and models are made of them.
#pragma once

#include "nmt/autograd/variable.hpp"
#include "nmt/tensor/attention.hpp"
#include "nmt/tensor/layout.hpp"
#include "nmt/tensor/multi_head.hpp"
#include "nmt/tensor/normalize.hpp"
#include "nmt/tensor/recurrent.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace nmt {

enum class Activation { none, relu };

// Who reads the result of an operation. With a tape, and where products are in bf16, `one`, a single product, attention, recurrence or
// residual connection, gets it rounded to bf16 and gives its gradient so, too.
enum class Readers { any, one };

// x [N,in] times weight [out,in] transposed, plus bias [out] (null: none), then the activation: [N,out].
Variable affine(const Variable& x, Parameter& weight, Parameter* bias, Activation activation = Activation::none,
                Readers readers = Readers::any);

// Rows ids[i] of table [V,D], times scale; a negative id gives zeros: [N,D].
Variable embedding(Parameter& table, RowIndex ids, float scale = 1);

// Rows index[i] of x [M,D]; a negative index gives zeros: [N,D].
Variable gather_rows(const Variable& x, RowIndex index);

// Columns side by side: [N, sum of columns]. Rows below one another: [sum of rows, D].
Variable concatenate_columns(const std::vector<Variable>& parts);
Variable concatenate_rows(const std::vector<Variable>& parts);

Variable add(const Variable& a, const Variable& b); // the same shape
Variable tanh(const Variable& x);
Variable gelu(const Variable& x);
Variable layer_norm(const Variable& x, Parameter& gain, Parameter& bias, Readers readers = Readers::any);

// x + dropout(y, p), in one pass; y may be rounded.
Variable add_dropped(const Variable& x, const Variable& y, float p);

// Where the tape drops (Tape::drops): dropout with a mask of its next key. Elsewhere, or with p = 0: x itself.
Variable dropout(const Variable& x, float p);

// Tells the tape's observer, if there is one, of the gradient of the first `rows` rows of x, the states of a layer. To be called before
// anything reads x.
void observe_states(const Variable& x, std::int64_t rows, const std::string& layer);

// A whole recurrence (tensor/recurrent.hpp): projected [N,G*H], time-major, f32 or bf16; hidden weight [G*H,H]; hidden bias [H].
// Initial states [B,H] by rank, undefined for zeros. cell is undefined unless the cell is an lstm. The tape's observer is told of the
// hidden states, under the name of the weight without its ".hidden.weight".
struct RecurrentParameters {
    Cell cell;
    Parameter& hidden_weight;
    Parameter* hidden_bias = nullptr; // of the gru alone
};
struct RecurrentState {
    Variable hidden, cell;
};
RecurrentState recurrence(const RecurrentParameters& parameters, const std::shared_ptr<const TimeMajorLayout>& layout,
                          const Variable& projected, const RecurrentState& initial);

// Attention (tensor/attention.hpp): queries [N,D], keys [M,D], values [M,E], v [D] for additive scores, else null.
struct AttentionLayout {
    AttentionScore score = AttentionScore::dot;
    RowIndex sentence_of_query;                   // [N]
    std::shared_ptr<const SequenceLayout> memory; // of keys and values
    AttentionShape shape() const { return {score, sentence_of_query, memory.get()}; }
};
struct AttentionResult {
    Variable context; // [N,E]
    Tensor weights;   // [N,S]
};
AttentionResult attention(const AttentionLayout& layout, const Variable& queries, const Variable& keys, const Variable& values,
                          Parameter* v);

// `width` columns of a variable from `first` on: of projections that were made as one product, those of one of them.
struct VariableColumns {
    VariableColumns(const Variable& whole) : variable(whole), width(whole.columns()) {} // all of them
    VariableColumns(const Variable& whole, std::int64_t from, std::int64_t count) : variable(whole), first(from), width(count) {}
    Columns value() const { return {variable.value(), first, width}; }
    Variable variable;
    std::int64_t first = 0, width;
};
struct MultiHeadProjections {
    VariableColumns queries, keys, values;
    MultiHeadInput value() const { return {queries.value(), keys.value(), values.value()}; }
};

// Attention with several heads (tensor/multi_head.hpp): queries [N,D], keys and values [M,D], rows of which belong to sentences as
// `layout` says. `weight_dropout` drops attention weights, where the tape drops. The context is for `readers`.
struct MultiHeadLayout {
    int heads = 1;
    RowIndex sentence_of_query;                   // [N]
    std::shared_ptr<const SequenceLayout> memory; // of keys and values
    RowIndex visible;                             // [N]: positions that a query sees; empty: all
    MultiHeadShape shape() const { return {heads, sentence_of_query, memory.get(), visible}; }
};
struct MultiHeadResult {
    Variable context; // [N,D]
    Tensor weights;   // [N,H*S], before dropout
};
MultiHeadResult multi_head_attention(const std::shared_ptr<const MultiHeadLayout>& layout, const MultiHeadProjections& projections,
                                     float weight_dropout, Readers readers = Readers::any);

// The output layer and its loss in one: logits = x [N,D] weight [V,D]^T + bias [V], cross-entropy with label smoothing of the
// targets [N] (negative: the row does not count). Works through the rows in pieces, so that the logits never exist as a whole.
// With a tape, gradient_scale * d loss / d (x, weight, bias) is computed here: that of weight and bias is added at once, that of x
// in the backward pass.
struct LossOptions {
    float smoothing = 0;
    float gradient_scale = 1;
};
CrossEntropy output_loss(const Variable& x, Parameter& weight, Parameter& bias, const RowIndex& targets, LossOptions options);

} // namespace nmt
