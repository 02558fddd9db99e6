#include "nmt/training/optimizer.hpp"

#include "nmt/tensor/elementwise.hpp"
#include "nmt/training/gradient_workers.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace nmt {

void OptimizerOptions::describe(OptionTable& table) {
    table.add("optimizer", name, "adam, adamw or sgd", {"adam", "adamw", "sgd"});
    table.add("learning-rate", learning_rate, "learning rate at its highest", 0, 1e3);
    table.add("beta1", beta1, "adam: decay of the first moment", 0, 0.999999);
    table.add("beta2", beta2, "adam: decay of the second moment", 0, 0.999999);
    table.add("epsilon", epsilon, "adam: added to the square root of the second moment", 1e-30, 1);
    table.add("weight-decay", weight_decay, "adamw: share of each weight taken away, times the learning rate", 0, 1e3);
    table.add("schedule", schedule,
              "learning rate after the warm-up; linear and cosine fall to 0 at the end: that of max-updates or max-epochs, or else of "
              "max-minutes",
              {"inverse-sqrt", "constant", "linear", "cosine"});
    table.add("warmup", warmup, "updates over which the learning rate rises");
    table.add("clip-norm", clip_norm, "the gradient's norm is scaled down to this; 0: never", 0, 1e9);
    table.add("average-decay", average_decay,
              "keeps a running average of the weights with this decay, which is what is validated and saved; 0: none", 0, 0.999999);
}

void OptimizerOptions::validate() const {
    const OptimizerOptions defaults;
    check(weight_decay == 0 || name == "adamw", "weight-decay has an effect with optimizer = adamw alone, found optimizer = {}", name);
    check(name != "sgd" || (beta1 == defaults.beta1 && beta2 == defaults.beta2 && epsilon == defaults.epsilon),
          "beta1, beta2 and epsilon have no effect with optimizer = sgd; leave them out");
}

bool needs_end(const OptimizerOptions& options) { return options.schedule == "linear" || options.schedule == "cosine"; }

double learning_rate_at(const OptimizerOptions& options, std::int64_t update, double last_update) {
    const double t = static_cast<double>(update), warmup = std::max(1, options.warmup);
    if (t < warmup) return options.learning_rate * t / warmup;
    if (options.schedule == "constant") return options.learning_rate;
    if (!needs_end(options)) return options.learning_rate * std::sqrt(warmup / t);
    check(last_update >= t, "the schedule {} needs to know the last update; found {} at update {}", options.schedule, last_update, update);
    const double left = (last_update + 1 - t) / (last_update + 1 - warmup);
    return options.learning_rate * (options.schedule == "linear" ? left : (1 + std::cos(std::numbers::pi * (1 - left))) / 2);
}

Optimizer::Optimizer(ParameterStore& parameters, const OptimizerOptions& options) : parameters_(parameters), options_(options) {
    options.validate();
    for (Parameter& parameter : parameters.all()) {
        if (parameter.frozen()) continue;
        Slot slot{&parameter, {}, {}, {}};
        if (options.name != "sgd") {
            slot.first = Tensor::zeros(parameters.context(), parameter.value().shape());
            slot.second = slot.first.clone();
        }
        if (options.average_decay > 0) slot.average = parameter.value().clone();
        slots_.push_back(std::move(slot));
    }
}

// Calls body(number of the slot, context to compute in).
template <typename Body>
void Optimizer::for_each_slot(GradientWorkers* workers, const Body& body) const {
    if (workers != nullptr) return workers->share_out(slots_.size(), body);
    for (std::size_t i = 0; i < slots_.size(); ++i) body(i, parameters_.context());
}

double Optimizer::gradient_norm(GradientWorkers* workers) const {
    std::vector<double> squares(slots_.size());
    for_each_slot(workers, [&](std::size_t i, Context& context) {
        const Variable& variable = slots_[i].parameter->variable();
        if (variable.has_gradient()) squares[i] = sum_of_squares(variable.gradient().in(context));
    });
    return std::sqrt(std::accumulate(squares.begin(), squares.end(), 0.0));
}

void Optimizer::update(double gradient_norm, double last_update, GradientWorkers* workers) {
    ++updates_;
    const double t = static_cast<double>(updates_), rate = learning_rate_at(options_, updates_, last_update);
    const double scale = options_.clip_norm > 0 && gradient_norm > options_.clip_norm ? options_.clip_norm / gradient_norm : 1.0;
    const double correction1 = 1 - std::pow(options_.beta1, t), correction2 = std::sqrt(1 - std::pow(options_.beta2, t));
    const AdamStep step{static_cast<float>(rate * correction2 / correction1),
                        static_cast<float>(options_.beta1),
                        static_cast<float>(options_.beta2),
                        static_cast<float>(options_.epsilon * correction2),
                        static_cast<float>(rate * options_.weight_decay),
                        static_cast<float>(scale)};
    // A running average starts short, so that it forgets the first, random weights.
    const double decay = std::min(options_.average_decay, (1 + t) / (10 + t));
    for_each_slot(workers, [&](std::size_t i, Context& context) {
        Slot& slot = slots_[i];
        Parameter& parameter = *slot.parameter;
        if (parameter.variable().has_gradient()) {
            const Tensor& gradient = parameter.variable().gradient();
            Tensor value = parameter.value().in(context);
            if (options_.name == "sgd") add_scaled_in_place(value, static_cast<float>(-rate * scale), gradient);
            else adam_update(value, gradient, slot.first, slot.second, step);
            parameter.variable().clear_gradient();
            parameter.changed();
        }
        if (slot.average.empty()) return;
        Tensor average = slot.average.in(context);
        move_towards(average, parameter.value(), static_cast<float>(1 - decay));
    });
}

void Optimizer::swap_average() {
    if (!averages()) return;
    for (Slot& slot : slots_) {
        std::swap_ranges(slot.average.data(), slot.average.data() + slot.average.size(), slot.parameter->value().data());
        slot.parameter->changed();
    }
}

std::vector<Optimizer::NamedTensor> Optimizer::state() const {
    std::vector<NamedTensor> tensors;
    for (const Slot& slot : slots_) {
        const std::string& name = slot.parameter->name();
        if (!slot.first.empty()) tensors.push_back({"first_moment." + name, slot.first});
        if (!slot.second.empty()) tensors.push_back({"second_moment." + name, slot.second});
        if (!slot.average.empty()) tensors.push_back({"average." + name, slot.average});
    }
    return tensors;
}

} // namespace nmt
