#include "nmt/autograd/operations.hpp"

#include "nmt/tensor/bfloat16.hpp"
#include "nmt/tensor/context.hpp"
#include "nmt/tensor/elementwise.hpp"

#include <algorithm>
#include <cstring>

namespace nmt {
namespace {

bool any_needs_gradient(std::initializer_list<const Variable*> inputs) {
    return Tape::current() != nullptr &&
           std::any_of(inputs.begin(), inputs.end(), [](const Variable* input) { return input->needs_gradient(); });
}

// Records a backward pass that runs only if a gradient has reached `output`.
template <typename Backward>
void record(Variable output, Backward backward) {
    Tape::current()->record([output, backward]() mutable {
        if (output.has_gradient()) backward(output.gradient());
    });
}

// Calls write(gradient of x, accumulate), which adds to the gradient or, where it is the first, writes it.
template <typename Write>
void write_gradient(const Variable& x, const Write& write) {
    bool fresh = false;
    Tensor& gradient = x.gradient_to_write(fresh);
    write(gradient, !fresh);
}

// gradient of x += d.
void add_gradient(const Variable& x, const Tensor& d) {
    write_gradient(x, [&](Tensor& gradient, bool accumulate) {
        if (accumulate) add_in_place(gradient, d);
        else gradient.copy_from(d);
    });
}

// The same, for the last use of d: a first gradient takes over its storage.
void give_gradient(const Variable& x, const Tensor& d) {
    if (x.has_gradient()) add_in_place(x.gradient(), d);
    else x.set_gradient(d);
}

// Where to add a gradient; null where nobody wants it.
Tensor* gradient_or_null(const Variable& variable) { return variable.needs_gradient() ? &variable.gradient() : nullptr; }

// The same for what has to write it somewhere: a tensor that nobody looks at where it is not wanted.
Tensor gradient_or_scratch(const Variable& variable) {
    return variable.needs_gradient() ? variable.gradient() : Tensor::zeros(variable.context(), variable.value().shape());
}

constexpr std::int64_t kWorthPacking = 32; // rows

// d_weight [out,in] += d_y [N,out]^T x [N,in], unless the weight is frozen; d_y is an operand.
void add_weight_gradient(const Tensor& d_y, const Variable& x, Variable weight) {
    if (!weight.needs_gradient()) return;
    write_gradient(weight, [&](Tensor& gradient, bool accumulate) {
        if (d_y.type() == DataType::bf16 && x.rows() >= kWorthPacking)
            matmul(d_y, x.packed_operand(), gradient, {.accumulate = accumulate, .transpose_a = true});
        else matmul(d_y, x.operand(), gradient, {.transpose_a = true, .accumulate = accumulate});
    });
}

// Of a result that is for these readers, and of its gradient.
DataType type_for(Readers readers, const Context& context) {
    return readers == Readers::one && Tape::current() != nullptr ? context.products() : DataType::f32;
}

// The gradient of a product's result as an operand: what the relu has let through of d_y, given its value (empty: there is none). Its
// column sums are added to the gradient of the bias (null: there is none), unless it is frozen.
Tensor product_gradient(const Tensor& d_y, const Tensor& relu, Parameter* bias) {
    Tensor* const sums = bias != nullptr ? gradient_or_null(bias->variable()) : nullptr;
    Tensor d = d_y;
    if (!relu.empty() && d_y.type() == DataType::bf16) {
        Tensor unwanted = sums == nullptr ? Tensor::zeros(d_y.context(), {d_y.columns()}) : Tensor();
        return relu_backward_bf16(relu, d_y, sums != nullptr ? *sums : unwanted);
    }
    if (!relu.empty()) {
        d = Tensor(d_y.context(), d_y.shape());
        relu_backward(relu, d_y, d);
    }
    const bool rounded = d.type() == DataType::f32 && d.context().products() == DataType::bf16;
    if (rounded && sums != nullptr) return to_bf16(d, *sums);
    if (sums != nullptr) add_column_sums(d, *sums);
    return rounded ? to_bf16(d) : d;
}

// The layer that a recurrence's hidden weight belongs to.
std::string layer_of(const Parameter& hidden_weight) {
    const std::string& name = hidden_weight.name();
    constexpr std::string_view kSuffix = ".hidden.weight";
    return name.ends_with(kSuffix) ? name.substr(0, name.size() - kSuffix.size()) : name;
}

InitialStates values_of(const RecurrentState& initial) {
    const auto value_or_null = [](const Variable& variable) { return variable.defined() ? &variable.value() : nullptr; };
    return {value_or_null(initial.hidden), value_or_null(initial.cell)};
}

// The backward pass of a recurrence, with what its forward pass has read and left.
struct RecurrenceBackward {
    RecurrentParameters parameters;
    std::shared_ptr<const TimeMajorLayout> layout;
    Variable projected;
    RecurrentState initial;
    RecurrentTrace trace;
    RecurrentState output;
    const StateObserver& observer; // the tape's

    void operator()() {
        const bool hidden_used = output.hidden.has_gradient(), cell_used = output.cell.has_gradient();
        if (!hidden_used && !cell_used) return;
        Parameter& weight = parameters.hidden_weight;
        const RecurrentInputGradients d = recurrent_backward(
            {parameters.cell, weight.packed_for_inputs()}, *layout, trace, values_of(initial),
            {hidden_used ? output.hidden.gradient() : Tensor(), cell_used ? output.cell.gradient() : Tensor(), observer != nullptr});
        if (observer) observer(layer_of(weight), d.whole_hidden.slice_rows(0, layout->total()));
        add_weight_gradient(d.hidden_product, Variable(d.previous_hidden), weight.variable());
        if (parameters.hidden_bias != nullptr && !parameters.hidden_bias->frozen()) add_bias_gradient(d.hidden_product);
        add_initial_gradient(initial.hidden, d.initial_hidden);
        add_initial_gradient(initial.cell, d.initial_cell);
        if (!projected.needs_gradient()) return;
        const bool widened = d.projected.type() == DataType::bf16 && projected.gradient_type() == DataType::f32;
        give_gradient(projected, widened ? to_f32(d.projected) : d.projected); // last: it may be hidden_product, too
    }

  private:
    void add_bias_gradient(const Tensor& d_product) {
        const std::int64_t h = parameters.hidden_weight.value().columns(), gates = gates_of(parameters.cell);
        Tensor sums = Tensor::zeros(d_product.context(), {gates * h}); // of all gates; the bias is the last one's
        add_column_sums(d_product, sums);
        add_in_place(parameters.hidden_bias->variable().gradient(), sums.reshaped({gates, h}).slice_rows(gates - 1, gates));
    }

    static void add_initial_gradient(Variable& state, const Tensor& d_state) {
        if (!state.needs_gradient()) return;
        Tensor rows = state.gradient().slice_rows(0, d_state.rows());
        add_in_place(rows, d_state);
    }
};

// The gradients of three projections, to be written where attention is the first to have them and gives every column once, and else to be
// added to.
MultiHeadGradients projection_gradients(const MultiHeadProjections& projections) {
    const auto& [queries, keys, values] = projections;
    const VariableColumns* const parts[] = {&queries, &keys, &values};
    MultiHeadGradients d;
    d.add = false;
    for (const VariableColumns* const part : parts) {
        std::int64_t given = 0;
        for (const VariableColumns* const other : parts) {
            if (!other->variable.is(part->variable)) continue;
            given += other->width;
            d.add = d.add || (other != part && other->first == part->first);
        }
        d.add = d.add || given != part->variable.columns() || part->variable.has_gradient();
    }
    const auto gradient = [&](const VariableColumns& part) {
        if (!part.variable.needs_gradient()) return Columns();
        bool fresh = false;
        return Columns(d.add ? part.variable.gradient() : part.variable.gradient_to_write(fresh), part.first, part.width);
    };
    d.queries = gradient(queries);
    d.keys = gradient(keys);
    d.values = gradient(values);
    return d;
}

} // namespace

Variable affine(const Variable& x, Parameter& weight, Parameter* bias, Activation activation, Readers readers) {
    const bool needs = any_needs_gradient({&x, &weight.variable()}) || (bias != nullptr && any_needs_gradient({&bias->variable()}));
    const bool rectified = activation == Activation::relu;
    const DataType type = type_for(readers, x.context());
    Variable y(Tensor(x.context(), {x.rows(), weight.value().rows()}, type), needs, type);
    matmul(weight.is_quantized() ? x.value() : x.operand(), weight.packed_for_outputs(), y.value(),
           {.bias = bias == nullptr ? nullptr : &bias->value(), .relu = rectified});
    if (needs)
        record(y, [x, &weight, bias, value = rectified ? y.value() : Tensor()](const Tensor& d_y) mutable {
            const Tensor d = product_gradient(d_y, value, bias);
            add_weight_gradient(d, x, weight.variable());
            if (!x.needs_gradient()) return;
            write_gradient(
                x, [&](Tensor& gradient, bool accumulate) { matmul(d, weight.packed_for_inputs(), gradient, {.accumulate = accumulate}); });
        });
    return y;
}

Variable embedding(Parameter& table, RowIndex ids, float scale) {
    const bool needs = any_needs_gradient({&table.variable()});
    Tensor rows(table.value().context(), {static_cast<std::int64_t>(ids.size()), table.value().columns()});
    if (table.is_quantized()) gather_rows(table.quantized(), ids, scale, rows);
    else gather_rows(table.value(), ids, scale, rows);
    Variable y(std::move(rows), needs);
    if (needs)
        record(y, [table = table.variable(), ids = std::move(ids), scale](const Tensor& d_y) mutable {
            scatter_add_rows(d_y, ids, scale, table.gradient());
        });
    return y;
}

Variable gather_rows(const Variable& x, RowIndex index) {
    const bool needs = any_needs_gradient({&x});
    Variable y(Tensor(x.context(), {static_cast<std::int64_t>(index.size()), x.columns()}), needs);
    gather_rows(x.value(), index, 1, y.value());
    if (needs) record(y, [x, index = std::move(index)](const Tensor& d_y) mutable { scatter_add_rows(d_y, index, 1, x.gradient()); });
    return y;
}

Variable concatenate_columns(const std::vector<Variable>& parts) {
    std::int64_t columns = 0;
    bool needs = false;
    for (const Variable& part : parts) {
        columns += part.columns();
        needs = needs || any_needs_gradient({&part});
    }
    Variable y(Tensor(parts.front().context(), {parts.front().rows(), columns}), needs);
    std::int64_t to = 0;
    for (const Variable& part : parts) {
        copy_columns(part.value(), 0, y.value(), to, part.columns());
        to += part.columns();
    }
    if (needs)
        record(y, [parts](const Tensor& d_y) mutable {
            std::int64_t from = 0;
            for (const Variable& part : parts) {
                if (part.needs_gradient())
                    write_gradient(part, [&](Tensor& gradient, bool accumulate) {
                        (accumulate ? add_columns : copy_columns)(d_y, from, gradient, 0, part.columns());
                    });
                from += part.columns();
            }
        });
    return y;
}

Variable concatenate_rows(const std::vector<Variable>& parts) {
    std::int64_t rows = 0;
    bool needs = false;
    for (const Variable& part : parts) {
        rows += part.rows();
        needs = needs || any_needs_gradient({&part});
    }
    Variable y(Tensor(parts.front().context(), {rows, parts.front().columns()}), needs);
    std::int64_t to = 0;
    for (const Variable& part : parts) {
        y.value().slice_rows(to, to + part.rows()).copy_from(part.value());
        to += part.rows();
    }
    if (needs)
        record(y, [parts](const Tensor& d_y) mutable {
            std::int64_t from = 0;
            for (const Variable& part : parts) {
                if (part.needs_gradient()) add_in_place(part.gradient(), d_y.slice_rows(from, from + part.rows()));
                from += part.rows();
            }
        });
    return y;
}

Variable add(const Variable& a, const Variable& b) {
    const bool needs = any_needs_gradient({&a, &b});
    Variable y(Tensor(a.context(), a.value().shape()), needs);
    add(a.value(), b.value(), y.value());
    if (needs)
        record(y, [a, b](const Tensor& d_y) mutable {
            if (b.needs_gradient()) add_gradient(b, d_y);
            if (a.needs_gradient()) give_gradient(a, d_y);
        });
    return y;
}

Variable add_dropped(const Variable& x, const Variable& y, float p) {
    if (!Tape::drops()) p = 0;
    if (p == 0 && y.value().type() == DataType::f32) return add(x, y);
    const bool needs = any_needs_gradient({&x, &y});
    const std::uint64_t key = p == 0 ? 0 : Tape::current()->next_key(); // with 0 all is kept, rounded or not
    Variable sum(Tensor(x.context(), x.value().shape()), needs);
    add_dropped_forward(x.value(), y.value(), p, key, sum.value());
    if (needs)
        record(sum, [x, y, p, key](const Tensor& d_sum) mutable {
            if (y.needs_gradient())
                write_gradient(y, [&](Tensor& gradient, bool accumulate) { dropout_backward(d_sum, p, key, gradient, accumulate); });
            if (x.needs_gradient()) give_gradient(x, d_sum);
        });
    return sum;
}

Variable tanh(const Variable& x) {
    const bool needs = any_needs_gradient({&x});
    Variable y(Tensor(x.context(), x.value().shape()), needs);
    tanh_forward(x.value(), y.value());
    if (needs) record(y, [x, value = y.value()](const Tensor& d_y) mutable { tanh_backward(value, d_y, x.gradient()); });
    return y;
}

Variable gelu(const Variable& x) {
    const bool needs = any_needs_gradient({&x});
    Variable y(Tensor(x.context(), x.value().shape()), needs);
    gelu_forward(x.value(), y.value());
    if (needs) record(y, [x](const Tensor& d_y) mutable { gelu_backward(x.value(), d_y, x.gradient()); });
    return y;
}

Variable layer_norm(const Variable& x, Parameter& gain, Parameter& bias, Readers readers) {
    const bool needs = any_needs_gradient({&x, &gain.variable(), &bias.variable()});
    const DataType type = type_for(readers, x.context());
    Variable y(Tensor(x.context(), x.value().shape(), type), needs, type);
    Tensor statistics(x.context(), {x.rows(), 2});
    layer_norm_forward(x.value(), gain.value(), bias.value(), y.value(), statistics);
    if (needs)
        record(y, [x, gain = gain.variable(), bias = bias.variable(), statistics](const Tensor& d_y) mutable {
            Tensor d_gain = gradient_or_scratch(gain), d_bias = gradient_or_scratch(bias);
            layer_norm_backward(x.value(), gain.value(), statistics, d_y, {gradient_or_null(x), d_gain, d_bias});
        });
    return y;
}

Variable dropout(const Variable& x, float p) {
    if (p == 0 || !Tape::drops()) return x;
    const std::uint64_t key = Tape::current()->next_key();
    Variable y(Tensor(x.context(), x.value().shape()), x.needs_gradient());
    dropout_forward(x.value(), p, key, y.value());
    if (x.needs_gradient())
        record(y, [x, p, key](const Tensor& d_y) mutable {
            write_gradient(x, [&](Tensor& gradient, bool accumulate) { dropout_backward(d_y, p, key, gradient, accumulate); });
        });
    return y;
}

void observe_states(const Variable& x, std::int64_t rows, const std::string& layer) {
    Tape* const tape = Tape::current();
    if (tape == nullptr || !tape->observer() || !x.needs_gradient()) return;
    // What reads x is recorded later, so it has run backwards by then.
    record(x, [tape, rows, layer](const Tensor& gradient) { tape->observer()(layer, gradient.slice_rows(0, rows)); });
}

RecurrentState recurrence(const RecurrentParameters& parameters, const std::shared_ptr<const TimeMajorLayout>& layout,
                          const Variable& projected, const RecurrentState& initial) {
    const auto& [cell, weight, hidden_bias] = parameters;
    const bool needs = any_needs_gradient({&projected, &weight.variable(), &initial.hidden, &initial.cell}) ||
                       (hidden_bias != nullptr && any_needs_gradient({&hidden_bias->variable()}));
    const RecurrentTrace trace =
        recurrent_forward({cell, weight.packed_for_outputs(), hidden_bias == nullptr ? nullptr : &hidden_bias->value()}, *layout,
                          projected.value(), values_of(initial));
    RecurrentState output{Variable(trace.hidden, needs), trace.cell.empty() ? Variable() : Variable(trace.cell, needs)};
    if (needs)
        Tape::current()->record(RecurrenceBackward{parameters, layout, projected, initial, trace, output, Tape::current()->observer()});
    return output;
}

AttentionResult attention(const AttentionLayout& layout, const Variable& queries, const Variable& keys, const Variable& values,
                          Parameter* v) {
    const bool needs = any_needs_gradient({&queries, &keys, &values}) || (v != nullptr && any_needs_gradient({&v->variable()}));
    Tensor weights(queries.context(), {queries.rows(), std::max(layout.memory->longest(), 1)});
    Variable context(Tensor(queries.context(), {queries.rows(), values.columns()}), needs);
    attention_forward(layout.shape(), {queries.value(), keys.value(), values.value(), v == nullptr ? nullptr : &v->value()}, weights,
                      context.value());
    if (needs)
        record(context, [=](const Tensor& d_context) mutable {
            attention_backward(layout.shape(), {queries.value(), keys.value(), values.value(), v == nullptr ? nullptr : &v->value()},
                               weights, d_context,
                               {gradient_or_null(queries), gradient_or_null(keys), gradient_or_null(values),
                                v == nullptr ? nullptr : gradient_or_null(v->variable())});
        });
    return {context, weights};
}

MultiHeadResult multi_head_attention(const std::shared_ptr<const MultiHeadLayout>& layout, const MultiHeadProjections& projections,
                                     float weight_dropout, Readers readers) {
    const auto& [queries, keys, values] = projections;
    const bool needs = any_needs_gradient({&queries.variable, &keys.variable, &values.variable});
    const MultiHeadShape shape = layout->shape();
    Context& context = queries.variable.context();
    const DataType type = type_for(readers, context);
    Variable read(Tensor(context, {queries.variable.rows(), values.width}, type), needs, type);
    Tensor weights(context, {queries.variable.rows(), layout->heads * std::max(layout->memory->longest(), 1)});
    Tensor kept = weights;
    if (weight_dropout > 0 && Tape::drops()) {
        multi_head_weights(shape, queries.value(), keys.value(), weights);
        kept = Tensor(context, weights.shape());
        dropout_forward(weights, weight_dropout, Tape::current()->next_key(), kept);
        multi_head_context(shape, kept, values.value(), read.value());
    } else multi_head_forward(shape, projections.value(), weights, read.value());
    if (needs)
        record(read, [=](const Tensor& d_read) {
            multi_head_backward(layout->shape(), projections.value(), {weights, kept}, d_read, projection_gradients(projections));
        });
    return {read, weights};
}

CrossEntropy output_loss(const Variable& x, Parameter& weight, Parameter& bias, const RowIndex& targets, LossOptions options) {
    constexpr std::int64_t kPiece = 640; // rows of logits at a time, at most
    const bool needs = any_needs_gradient({&x, &weight.variable(), &bias.variable()});
    const std::int64_t rows = x.rows(), vocabulary = weight.value().rows();
    check(static_cast<std::int64_t>(targets.size()) == rows, "{} targets for {} rows", targets.size(), rows);
    if (rows == 0) return {};
    Tensor d_x = needs && x.needs_gradient() ? Tensor(x.context(), x.value().shape()) : Tensor();
    CrossEntropy total;
    const std::int64_t pieces = (rows + kPiece - 1) / kPiece, size = padded_rows((rows + pieces - 1) / pieces);
    for (std::int64_t begin = 0; begin < rows; begin += size) {
        const std::int64_t end = std::min(begin + size, rows);
        const Variable piece(x.value().slice_rows(begin, end));
        Tensor logits(x.context(), {end - begin, vocabulary});
        const Tensor in = weight.is_quantized() ? piece.value() : piece.operand();
        matmul(in, weight.packed_for_outputs(), logits, {.bias = &bias.value()});
        const std::span<const std::int32_t> piece_targets(targets.data() + begin, static_cast<std::size_t>(end - begin));
        Tensor d = needs && x.context().products() == DataType::bf16 ? Tensor(x.context(), logits.shape(), DataType::bf16) : logits;
        const CrossEntropy loss = cross_entropy(logits, piece_targets, options.smoothing, needs ? &d : nullptr, options.gradient_scale);
        total.loss += loss.loss;
        total.log_likelihood += loss.log_likelihood;
        if (!needs) continue;
        add_weight_gradient(d, piece, weight.variable());
        if (!bias.frozen()) add_column_sums(d, bias.variable().gradient());
        if (d_x.empty()) continue;
        Tensor d_piece = d_x.slice_rows(begin, end);
        matmul(d, weight.packed_for_inputs(), d_piece);
    }
    if (!d_x.empty()) Tape::current()->record([x, d_x]() mutable { give_gradient(x, d_x); });
    return total;
}

} // namespace nmt
