// Optimizers and learning rate schedules.
#pragma once

#include "nmt/base/config.hpp"
#include "nmt/layers/parameters.hpp"

#include <string>
#include <vector>

namespace nmt {

struct OptimizerOptions {
    std::string name = "adam"; // adam (Kingma and Ba, 2015), adamw (Loshchilov and Hutter, 2019), sgd
    double learning_rate = 1e-3;
    double beta1 = 0.9, beta2 = 0.98, epsilon = 1e-9;
    double weight_decay = 0; // adamw
    std::string schedule = "inverse-sqrt";
    int warmup = 400;     // updates
    double clip_norm = 1; // of the gradient of all parameters; 0: no clipping
    double average_decay = 0;

    void describe(OptionTable& table);
    void validate() const; // throws Error for what has no effect
};

// Whether a schedule's rate depends on where the training ends (linear, cosine).
bool needs_end(const OptimizerOptions& options);

// The learning rate of update t = 1, 2, ...: it rises linearly over the W updates of the warm-up, then stays (constant), falls with the
// inverse square root of t (inverse-sqrt; Vaswani et al., 2017), or falls towards 0, which the update after the last one would have:
//   linear  (E - t) / (E - W),   cosine  (1 + cos(pi (t - W) / (E - W))) / 2   (Loshchilov and Hutter, 2017),   E = last_update + 1.
// `last_update` need not be whole where it is foreseen from epochs; schedules that need it throw Error unless last_update >= t.
double learning_rate_at(const OptimizerOptions& options, std::int64_t update, double last_update = 0);

class GradientWorkers;

// Updates the parameters of a model that are not frozen from their gradients; with `workers`, who share out the parameters.
class Optimizer {
  public:
    // What is frozen by now has no moments and no average.
    Optimizer(ParameterStore& parameters, const OptimizerOptions& options);

    // The norm of the gradient of all parameters together; not a number if any part is not.
    double gradient_norm(GradientWorkers* workers = nullptr) const;

    // One update with the gradients as they are, clipped where `gradient_norm` is above the limit; then they are cleared.
    // `last_update`: as learning_rate_at takes it.
    void update(double gradient_norm, double last_update = 0, GradientWorkers* workers = nullptr);
    std::int64_t updates() const { return updates_; }

    // Where a running average of the weights is kept (average-decay), exchanges it with the weights; twice is no change.
    void swap_average();
    bool averages() const { return options_.average_decay > 0; }

    // What must be kept for going on: moments and averages, each with a name. The count of updates is set apart.
    struct NamedTensor {
        std::string name;
        Tensor tensor;
    };
    std::vector<NamedTensor> state() const;
    void set_updates(std::int64_t updates) { updates_ = updates; }

  private:
    struct Slot {
        Parameter* parameter;
        Tensor first, second, average; // moments and running average; empty where the method has none
    };
    template <typename Body>
    void for_each_slot(GradientWorkers* workers, const Body& body) const;

    ParameterStore& parameters_;
    OptimizerOptions options_;
    std::vector<Slot> slots_;
    std::int64_t updates_ = 0;
};

} // namespace nmt
