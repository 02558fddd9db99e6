#include "nmt/autograd/variable.hpp"

#include "nmt/base/random.hpp"

namespace nmt {
namespace {

thread_local Tape* current_tape = nullptr;

} // namespace

Variable::Variable(Tensor value, bool needs_gradient) : node_(std::make_shared<Node>(Node{std::move(value), Tensor(), needs_gradient})) {}

Tensor& Variable::gradient() const {
    if (node_->gradient.empty()) node_->gradient = Tensor::zeros(context(), value().shape());
    return node_->gradient;
}

Tensor& Variable::gradient_to_write(bool& fresh) const {
    fresh = node_->gradient.empty();
    if (fresh) node_->gradient = Tensor(context(), value().shape());
    return node_->gradient;
}

Parameter::Parameter(std::string name, Tensor value) : name_(std::move(name)), variable_(std::move(value), true) {}

void Parameter::changed() { for_outputs_ = for_inputs_ = PackedMatrix(); }

const PackedMatrix& Parameter::packed_for_outputs() {
    if (for_outputs_.empty()) for_outputs_ = PackedMatrix(value(), true);
    return for_outputs_;
}

const PackedMatrix& Parameter::packed_for_inputs() {
    if (for_inputs_.empty()) for_inputs_ = PackedMatrix(value(), false);
    return for_inputs_;
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
