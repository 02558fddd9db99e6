#include "nmt/tensor/recurrent.hpp"

#include "nmt/tensor/bfloat16.hpp"
#include "nmt/tensor/parallel.hpp"
#include "nmt/tensor/row_kernels.hpp"
#include "nmt/tensor/vector_math.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

namespace nmt {
namespace {

// One row of a step. `projected` and `product` hold G*H pre-activations, which add up; `gates` receives the activations.
NMT_MULTIVERSION void lstm_kernel(const float* projected, const float* product, const float* previous_cell, float* gates, float* cell,
                                  float* hidden, std::int64_t h) {
#pragma omp simd
    for (std::int64_t j = 0; j < h; ++j) {
        const float input = fast_sigmoid(projected[j] + product[j]);
        const float forget = fast_sigmoid(projected[h + j] + product[h + j]);
        const float candidate = fast_tanh(projected[2 * h + j] + product[2 * h + j]);
        const float output = fast_sigmoid(projected[3 * h + j] + product[3 * h + j]);
        const float c = forget * previous_cell[j] + input * candidate;
        gates[j] = input;
        gates[h + j] = forget;
        gates[2 * h + j] = candidate;
        gates[3 * h + j] = output;
        cell[j] = c;
        hidden[j] = output * fast_tanh(c);
    }
}

// d_cell comes in as the gradient of this step's cell and leaves as that of the previous step's.
NMT_MULTIVERSION void lstm_backward_kernel(const float* gates, const float* cell, const float* previous_cell, const float* d_hidden,
                                           float* d_cell, float* d_projected, std::int64_t h) {
#pragma omp simd
    for (std::int64_t j = 0; j < h; ++j) {
        const float input = gates[j], forget = gates[h + j], candidate = gates[2 * h + j], output = gates[3 * h + j];
        const float t = fast_tanh(cell[j]);
        const float d_c = d_cell[j] + d_hidden[j] * output * (1 - t * t);
        d_projected[j] = d_c * candidate * input * (1 - input);
        d_projected[h + j] = d_c * previous_cell[j] * forget * (1 - forget);
        d_projected[2 * h + j] = d_c * input * (1 - candidate * candidate);
        d_projected[3 * h + j] = d_hidden[j] * t * output * (1 - output);
        d_cell[j] = d_c * forget;
    }
}

NMT_MULTIVERSION void gru_kernel(const float* projected, const float* product, const float* bias, const float* previous, float* gates,
                                 float* hidden_part, float* hidden, std::int64_t h) {
#pragma omp simd
    for (std::int64_t j = 0; j < h; ++j) {
        const float reset = fast_sigmoid(projected[j] + product[j]);
        const float update = fast_sigmoid(projected[h + j] + product[h + j]);
        const float part = product[2 * h + j] + bias[j];
        const float fresh = fast_tanh(projected[2 * h + j] + reset * part);
        gates[j] = reset;
        gates[h + j] = update;
        gates[2 * h + j] = fresh;
        hidden_part[j] = part;
        hidden[j] = update * previous[j] + (1 - update) * fresh;
    }
}

// d_hidden comes in as the gradient of this step's state and leaves as the direct part of the previous one's.
NMT_MULTIVERSION void gru_backward_kernel(const float* gates, const float* hidden_part, const float* previous, float* d_hidden,
                                          float* d_projected, float* d_product, std::int64_t h) {
#pragma omp simd
    for (std::int64_t j = 0; j < h; ++j) {
        const float reset = gates[j], update = gates[h + j], fresh = gates[2 * h + j];
        const float d_h = d_hidden[j];
        const float d_fresh = d_h * (1 - update) * (1 - fresh * fresh);
        const float d_reset = d_fresh * hidden_part[j] * reset * (1 - reset);
        const float d_update = d_h * (previous[j] - fresh) * update * (1 - update);
        d_projected[j] = d_product[j] = d_reset;
        d_projected[h + j] = d_product[h + j] = d_update;
        d_projected[2 * h + j] = d_fresh;
        d_product[2 * h + j] = d_fresh * reset;
        d_hidden[j] = d_h * update;
    }
}

NMT_MULTIVERSION void tanh_step_kernel(const float* projected, const float* product, float* gates, float* hidden, std::int64_t h) {
#pragma omp simd
    for (std::int64_t j = 0; j < h; ++j) gates[j] = hidden[j] = fast_tanh(projected[j] + product[j]);
}

NMT_MULTIVERSION void tanh_step_backward_kernel(const float* gates, const float* d_hidden, float* d_projected, std::int64_t h) {
#pragma omp simd
    for (std::int64_t j = 0; j < h; ++j) d_projected[j] = d_hidden[j] * (1 - gates[j] * gates[j]);
}

// Rows that a step's product computes: some more than it needs, so that shapes repeat. Tensors it reads or writes have room.
std::int64_t product_rows(std::int64_t active) { return (active + 15) / 16 * 16; }
constexpr std::int64_t kSlack = 16;

// Rows [begin, end) become zeros.
void clear_rows(Tensor& a, std::int64_t begin, std::int64_t end) {
    const auto row_bytes = static_cast<std::int64_t>(size_of(a.type())) * a.columns();
    std::memset(a.bytes() + begin * row_bytes, 0, static_cast<std::size_t>((end - begin) * row_bytes));
}

// A tensor [rows + kSlack, columns]: behind its rows is room for the extra rows of a product. From row `used` on it is zero.
Tensor with_slack(Context& context, std::int64_t rows, std::int64_t used, std::int64_t columns, DataType type = DataType::f32) {
    Tensor whole(context, {rows + kSlack, columns}, type);
    clear_rows(whole, used, rows + kSlack);
    return whole;
}

// A copy of an initial state [B,H] with slack, zeros where there is none.
Tensor initial_state(Context& context, const Tensor* state, std::int64_t batch, std::int64_t h) {
    Tensor copy = with_slack(context, batch, state == nullptr ? 0 : batch, h);
    if (state != nullptr) {
        check(state->rows() >= batch && state->columns() == h, "an initial state {} for {} rows of {}", state->shape().to_string(), batch,
              h);
        std::memcpy(copy.data(), state->data(), static_cast<std::size_t>(batch * h) * sizeof(float));
    }
    return copy;
}

// In which type a product with these weights reads its first matrix.
DataType operand_type(const PackedMatrix& weight) { return weight.type() == DataType::bf16 ? DataType::bf16 : DataType::f32; }

// A row of a matrix as floats: where it is, or from bf16 in `scratch`.
const float* read_row(const Tensor& a, std::int64_t row, float* scratch) {
    if (a.type() == DataType::f32) return a.row(row);
    widen_row(a.as<std::uint16_t>() + row * a.columns(), scratch, a.columns());
    return scratch;
}

// Where to write a row of a matrix as floats: where it belongs, or `scratch`, from which store_row takes it.
float* row_to_write(Tensor& a, std::int64_t row, float* scratch) { return a.type() == DataType::f32 ? a.row(row) : scratch; }

// A row of a matrix from floats, unless they are there already.
void store_row(const float* from, Tensor& a, std::int64_t row) {
    if (a.type() == DataType::bf16) round_row(from, a.as<std::uint16_t>() + row * a.columns(), a.columns());
    else if (from != a.row(row)) std::copy_n(from, a.columns(), a.row(row));
}

} // namespace

Cell cell_from_name(std::string_view name) {
    if (name == "tanh") return Cell::tanh;
    if (name == "gru") return Cell::gru;
    check(name == "lstm", "unknown recurrent cell '{}'; expected tanh, gru or lstm", name);
    return Cell::lstm;
}

int gates_of(Cell cell) { return cell == Cell::lstm ? 4 : cell == Cell::gru ? 3 : 1; }

RecurrentTrace recurrent_forward(const RecurrentWeights& weights, const TimeMajorLayout& layout, const Tensor& projected,
                                 const InitialStates& initial) {
    const auto& [cell, hidden_weight, hidden_bias] = weights;
    Context& context = projected.context();
    const std::int64_t h = hidden_weight.inner(), gates = gates_of(cell) * h, rows = layout.rows();
    check(projected.columns() == gates && projected.rows() == rows, "a recurrence of {} units over {} rows found inputs {}", h, rows,
          projected.shape().to_string());
    check((cell == Cell::gru) == (hidden_bias != nullptr), "a gru, and it alone, has a bias of its hidden part");
    const std::int64_t batch = layout.steps() == 0 ? 0 : layout.active(0);
    RecurrentTrace trace;
    trace.hidden = with_slack(context, rows, layout.total(), h);
    trace.gates = Tensor(context, {rows, gates});
    if (cell == Cell::lstm) trace.cell = with_slack(context, rows, layout.total(), h);
    if (cell == Cell::gru) trace.hidden_part = Tensor(context, {rows, h});

    const Tensor first_hidden = initial_state(context, initial.hidden, batch, h);
    const Tensor first_cell = cell == Cell::lstm ? initial_state(context, initial.cell, batch, h) : Tensor();
    Tensor product(context, {product_rows(batch), gates});
    Tensor rounded; // in bf16: the states before a step, by rank
    if (operand_type(hidden_weight) == DataType::bf16) rounded = to_bf16(first_hidden);
    for (int step = 0; step < layout.steps(); ++step) {
        const std::int64_t active = layout.active(step), offset = layout.offset(step);
        const std::int64_t before = step == 0 ? 0 : layout.offset(step - 1);
        const Tensor& previous_hidden = step == 0 ? first_hidden : trace.hidden;
        const Tensor& previous_cell = step == 0 ? first_cell : trace.cell;
        const bool from_zeros = step == 0 && initial.hidden == nullptr;
        Tensor step_product = product.slice_rows(0, product_rows(active));
        if (from_zeros) step_product.fill(0);
        else if (!rounded.empty()) matmul(rounded.slice_rows(0, product_rows(active)), hidden_weight, step_product);
        else matmul(previous_hidden.slice_rows(before, before + product_rows(active)), hidden_weight, step_product);
        parallel_for(context, active, row_grain(gates * 4), [&](std::int64_t begin, std::int64_t end) {
            const auto scratch = std::make_unique_for_overwrite<float[]>(static_cast<std::size_t>(gates));
            for (std::int64_t i = begin; i < end; ++i) {
                const std::int64_t row = offset + i;
                const float* const input = read_row(projected, row, scratch.get());
                switch (cell) {
                case Cell::lstm:
                    lstm_kernel(input, product.row(i), previous_cell.row(before + i), trace.gates.row(row), trace.cell.row(row),
                                trace.hidden.row(row), h);
                    break;
                case Cell::gru:
                    gru_kernel(input, product.row(i), hidden_bias->data(), previous_hidden.row(before + i), trace.gates.row(row),
                               trace.hidden_part.row(row), trace.hidden.row(row), h);
                    break;
                case Cell::tanh:
                    tanh_step_kernel(input, product.row(i), trace.gates.row(row), trace.hidden.row(row), h);
                    break;
                }
                if (!rounded.empty()) store_row(trace.hidden.row(row), rounded, i);
            }
        });
    }
    trace.hidden = trace.hidden.slice_rows(0, rows);
    if (cell == Cell::lstm) trace.cell = trace.cell.slice_rows(0, rows);
    return trace;
}

RecurrentInputGradients recurrent_backward(const RecurrentWeights& weights, const TimeMajorLayout& layout, const RecurrentTrace& trace,
                                           const InitialStates& initial, const RecurrentOutputGradients& gradients) {
    const Cell cell = weights.cell;
    const PackedMatrix& hidden_weight = weights.hidden;
    Context& context = trace.hidden.context();
    const std::int64_t h = hidden_weight.outer(), gates = gates_of(cell) * h, rows = layout.rows();
    const std::int64_t batch = layout.steps() == 0 ? 0 : layout.active(0);
    const DataType type = operand_type(hidden_weight);
    const Tensor first_hidden = initial_state(context, initial.hidden, batch, h);
    const Tensor first_cell = cell == Cell::lstm ? initial_state(context, initial.cell, batch, h) : Tensor();

    RecurrentInputGradients result;
    result.projected = with_slack(context, rows, layout.total(), gates, type);
    result.hidden_product = cell == Cell::gru ? with_slack(context, rows, layout.total(), gates, type) : result.projected;
    result.previous_hidden = Tensor(context, {rows, h}, type);
    clear_rows(result.previous_hidden, layout.total(), rows);
    if (gradients.keep_whole) result.whole_hidden = Tensor::zeros(context, {rows, h});
    Tensor d_hidden = with_slack(context, batch, 0, h); // carried from step to step, by rank; zero behind the rows of the step
    Tensor d_cell = with_slack(context, batch, 0, h);

    for (int step = layout.steps() - 1; step >= 0; --step) {
        const std::int64_t active = layout.active(step), offset = layout.offset(step);
        const std::int64_t before = step == 0 ? 0 : layout.offset(step - 1);
        const Tensor& previous_hidden = step == 0 ? first_hidden : trace.hidden;
        const Tensor& previous_cell = step == 0 ? first_cell : trace.cell;
        parallel_for(context, active, row_grain(gates * 4), [&](std::int64_t begin, std::int64_t end) {
            const auto scratch = std::make_unique_for_overwrite<float[]>(static_cast<std::size_t>(2 * gates));
            for (std::int64_t i = begin; i < end; ++i) {
                const std::int64_t row = offset + i;
                if (!gradients.hidden.empty()) add_scaled_row(gradients.hidden.row(row), 1, d_hidden.row(i), h);
                if (!gradients.cell.empty()) add_scaled_row(gradients.cell.row(row), 1, d_cell.row(i), h);
                if (gradients.keep_whole)
                    std::memcpy(result.whole_hidden.row(row), d_hidden.row(i), static_cast<std::size_t>(h) * sizeof(float));
                store_row(previous_hidden.row(before + i), result.previous_hidden, row);
                float* const d_projected = row_to_write(result.projected, row, scratch.get());
                switch (cell) {
                case Cell::lstm:
                    lstm_backward_kernel(trace.gates.row(row), trace.cell.row(row), previous_cell.row(before + i), d_hidden.row(i),
                                         d_cell.row(i), d_projected, h);
                    break;
                case Cell::gru: {
                    float* const d_product = row_to_write(result.hidden_product, row, scratch.get() + gates);
                    gru_backward_kernel(trace.gates.row(row), trace.hidden_part.row(row), previous_hidden.row(before + i), d_hidden.row(i),
                                        d_projected, d_product, h);
                    store_row(d_product, result.hidden_product, row);
                    break;
                }
                case Cell::tanh:
                    tanh_step_backward_kernel(trace.gates.row(row), d_hidden.row(i), d_projected, h);
                    break;
                }
                store_row(d_projected, result.projected, row);
            }
        });
        const bool from_zeros = step == 0 && initial.hidden == nullptr;
        if (from_zeros) break; // nobody asks for their gradient
        // The gru has left the direct part of the previous state's gradient in d_hidden.
        Tensor d_previous = d_hidden.slice_rows(0, product_rows(active));
        matmul(result.hidden_product.slice_rows(offset, offset + product_rows(active)), hidden_weight, d_previous,
               {.accumulate = cell == Cell::gru});
        clear_rows(d_hidden, active, product_rows(active));
    }
    result.projected = result.projected.slice_rows(0, rows);
    result.hidden_product = result.hidden_product.slice_rows(0, rows);
    if (initial.hidden != nullptr) result.initial_hidden = d_hidden.slice_rows(0, batch);
    if (initial.cell != nullptr) result.initial_cell = d_cell.slice_rows(0, batch);
    return result;
}

} // namespace nmt
