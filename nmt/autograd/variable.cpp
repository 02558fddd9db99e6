#include "nmt/autograd/variable.hpp"

#include "nmt/base/random.hpp"
#include "nmt/tensor/bfloat16.hpp"
#include "nmt/tensor/context.hpp"

#include <utility>

namespace nmt {
namespace {

thread_local Tape* current_tape = nullptr;

} // namespace

Variable::Variable(Tensor value, bool needs_gradient, DataType gradient_type)
    : node_(std::make_shared<Node>(Node{std::move(value), Tensor(), needs_gradient, gradient_type, Tensor(), PackedMatrix()})) {}

Tensor& Variable::gradient() const {
    if (node_->gradient.empty()) node_->gradient = Tensor::zeros(context(), value().shape(), node_->gradient_type);
    return node_->gradient;
}

Tensor& Variable::gradient_to_write(bool& fresh) const {
    fresh = node_->gradient.empty();
    if (fresh) node_->gradient = Tensor(context(), value().shape(), node_->gradient_type);
    return node_->gradient;
}

void Variable::set_gradient(const Tensor& gradient) const {
    check(gradient.type() == node_->gradient_type, "a gradient in {} for a variable whose gradient is in {}", name_of(gradient.type()),
          name_of(node_->gradient_type));
    node_->gradient = gradient;
}

const Tensor& Variable::operand() const {
    if (node_->operand.empty()) {
        const bool as_it_is = value().type() == DataType::bf16 || context().products() == DataType::f32;
        node_->operand = as_it_is ? value() : to_bf16(value());
    }
    return node_->operand;
}

const PackedMatrix& Variable::packed_operand() const {
    if (node_->packed_operand.empty()) node_->packed_operand = PackedMatrix(operand());
    return node_->packed_operand;
}

Parameter::Parameter(std::string name, Tensor value) : name_(std::move(name)), variable_(std::move(value), true) {}

void Parameter::changed() {
    const std::shared_ptr<Packed> before = std::exchange(packed_, std::make_shared<Packed>());
    packed_->outputs_expected = !before->for_outputs.empty();
    packed_->inputs_expected = !before->for_inputs.empty();
}

void Parameter::pack_again() {
    if (packed_->outputs_expected) packed_for_outputs();
    if (packed_->inputs_expected) packed_for_inputs();
}

void Parameter::share(const Parameter& other) {
    check(value().shape() == other.value().shape(), "parameter '{}' {} cannot share a value {}", name_, value().shape().to_string(),
          other.value().shape().to_string());
    Context& context = value().context();
    value() = other.value().in(context);
    if (other.is_quantized()) scales_ = other.scales_.in(context);
    packed_ = other.packed_;
    variable_.set_needs_gradient(!other.frozen());
}

void Parameter::set_quantized(const QuantizedMatrix& quantized) {
    check(value().shape() == quantized.values.shape(), "parameter '{}' {} cannot take a quantized value {}", name_,
          value().shape().to_string(), quantized.values.shape().to_string());
    value() = quantized.values;
    scales_ = quantized.scales;
    changed();
}

const PackedMatrix& Parameter::packed_for_outputs() {
    std::call_once(packed_->made_for_outputs, [this] {
        packed_->for_outputs = is_quantized() ? PackedMatrix(quantized()) : PackedMatrix(value(), true, value().context().products());
    });
    return packed_->for_outputs;
}

const PackedMatrix& Parameter::packed_for_inputs() {
    std::call_once(packed_->made_for_inputs, [this] {
        check(!is_quantized(), "parameter '{}' is quantized: gradients do not pass it", name_);
        packed_->for_inputs = PackedMatrix(value(), false, value().context().products());
    });
    return packed_->for_inputs;
}

Tape::Tape(std::uint64_t seed) : previous_(current_tape), seed_(seed) { current_tape = this; }

Tape::~Tape() { current_tape = previous_; }

Tape* Tape::current() { return current_tape; }

bool Tape::drops() { return current_tape != nullptr && current_tape->dropout_; }

std::uint64_t Tape::next_key() { return mix_bits(seed_ + mix_bits(++drawn_)); }

void Tape::backward() {
    while (!operations_.empty()) {
        operations_.back()();
        operations_.pop_back(); // lets go of what only this operation needed
    }
}

} // namespace nmt
