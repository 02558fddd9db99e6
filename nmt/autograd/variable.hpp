// A value that may have a gradient, and the tape that remembers how values came about.
// Operations record on the current tape, if there is one; without a tape the same code only computes.
#pragma once

#include "nmt/tensor/matmul.hpp"
#include "nmt/tensor/tensor.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace nmt {

// A handle; copies are the same variable.
class Variable {
  public:
    Variable() = default;
    explicit Variable(Tensor value, bool needs_gradient = false, DataType gradient_type = DataType::f32);

    bool defined() const { return node_ != nullptr; }
    bool is(const Variable& other) const { return node_ == other.node_; }
    const Tensor& value() const { return node_->value; }
    Tensor& value() { return node_->value; }
    std::int64_t rows() const { return value().rows(); }
    std::int64_t columns() const { return value().columns(); }
    Context& context() const { return value().context(); }

    bool needs_gradient() const { return node_ != nullptr && node_->needs_gradient; }
    void set_needs_gradient(bool needs) { node_->needs_gradient = needs; }
    bool has_gradient() const { return node_ != nullptr && !node_->gradient.empty(); }
    DataType gradient_type() const { return node_->gradient_type; }
    // The gradient to add to; zeros if nothing has been added yet.
    Tensor& gradient() const;
    // Where a first gradient may simply be written: not initialized, and `fresh` true, if nothing has been added yet; else as gradient().
    Tensor& gradient_to_write(bool& fresh) const;
    // Replaces the gradient by a handle to `gradient`: whoever adds to one then adds to the other.
    // Throws Error for another type than gradient_type().
    void set_gradient(const Tensor& gradient) const;
    void clear_gradient() const { node_->gradient = Tensor(); }

    // The value as products in the context's precision read it: itself, or rounded to bf16 unless it is already. Made at the first call,
    // after which the value must not change.
    const Tensor& operand() const;
    // operand(), in bf16, as the second matrix [N,D] of a product. Made at the first call, too.
    const PackedMatrix& packed_operand() const;

  private:
    struct Node {
        Tensor value, gradient;
        bool needs_gradient;
        DataType gradient_type;
        Tensor operand;
        PackedMatrix packed_operand;
    };
    std::shared_ptr<Node> node_;
};

// A trainable matrix or vector. Its packed forms, which products read, are made at first use after every change.
// Threads may share what does not change (share), each in a context of its own.
class Parameter {
  public:
    Parameter(std::string name, Tensor value);

    const std::string& name() const { return name_; }
    Variable& variable() { return variable_; }
    const Variable& variable() const { return variable_; }
    Tensor& value() { return variable_.value(); }
    const Tensor& value() const { return variable_.value(); }

    // A frozen parameter gets no gradient, and what depends on frozen ones alone is not recorded.
    void freeze() { variable_.set_needs_gradient(false); }
    bool frozen() const { return !variable_.needs_gradient(); }

    // Must be called after the value has been written to. Handles that share it do not follow.
    void changed();
    // Makes the value a quantized one, for computing without gradients: value() is then s8, and only products and embeddings read it.
    // Throws Error for another shape.
    void set_quantized(const QuantizedMatrix& quantized);
    bool is_quantized() const { return value().type() == DataType::s8; }
    QuantizedMatrix quantized() const { return {value(), scales_}; }
    // Becomes a handle, in this parameter's context, to the value and the packed forms of `other`, and frozen as it is. Throws Error for
    // another shape.
    void share(const Parameter& other);
    // For a weight [out,in]: for y = x W^T, and for d_x = d_y W. In the data type that the context computes products in, or in s8.
    const PackedMatrix& packed_for_outputs();
    const PackedMatrix& packed_for_inputs();
    // Makes those that were in use before the last change: for sharing out that work.
    void pack_again();

  private:
    struct Packed {
        std::once_flag made_for_outputs, made_for_inputs;
        PackedMatrix for_outputs, for_inputs;
        bool outputs_expected = false, inputs_expected = false;
    };
    std::string name_;
    Variable variable_;
    Tensor scales_; // of a quantized value
    std::shared_ptr<Packed> packed_ = std::make_shared<Packed>();
};

// Is told in a backward pass how the loss depends on the states of a layer: of its parameters' name, such as "decoder.layers.0", and of
// the whole gradient [N,D] with respect to each state, that of all that the state brings about. A row a state, without padding: a
// recurrence has them time-major, in the order in which it reads. A layer that runs in several parts tells of the last one first.
using StateObserver = std::function<void(const std::string& layer, const Tensor& gradient)>;

// Operations in the order in which they ran. While a tape exists it is the current one of its thread.
class Tape {
  public:
    // `seed` decides the dropout masks of everything recorded here.
    explicit Tape(std::uint64_t seed = 0);
    ~Tape();
    Tape(const Tape&) = delete;
    Tape& operator=(const Tape&) = delete;

    static Tape* current(); // null: nothing is recorded

    void record(std::function<void()> backward) { operations_.push_back(std::move(backward)); }
    // A number that differs for each call and each seed.
    std::uint64_t next_key();

    // Without dropout, what is recorded is the model as it translates. On at first.
    void set_dropout(bool on) { dropout_ = on; }
    // Whether values are dropped now: there is a tape, and its dropout is on.
    static bool drops();

    // To be set before anything is recorded; empty: nobody is told.
    void set_observer(StateObserver observer) { observer_ = std::move(observer); }
    const StateObserver& observer() const { return observer_; }

    // Walks back through the operations, once; gradients accumulate in the variables.
    void backward();

  private:
    std::vector<std::function<void()>> operations_;
    Tape* previous_;
    std::uint64_t seed_, drawn_ = 0;
    bool dropout_ = true;
    StateObserver observer_;
};

} // namespace nmt
