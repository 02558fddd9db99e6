// The gradient of an update, worked out in micro-batches by several workers at a time. Used by the trainer.
#pragma once

#include "nmt/base/work_queue.hpp"
#include "nmt/models/model.hpp"
#include "nmt/models/model_options.hpp"
#include "nmt/tensor/context.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

namespace nmt {

// Each worker computes with threads, a context and gradients of its own, and reads the one copy of the weights and of their packed forms.
// Workers need not wait for one another within a step: measured with two cores, that saves a transformer a fifth of the time. Which worker
// takes which micro-batch, and in what order gradients are added, depends on their number alone and not on timing.
class GradientWorkers {
  public:
    // Workers for updates of about so many target tokens, at most as many as the model's context has threads, which they share; they
    // compute in its precision. The model must outlive them.
    GradientWorkers(Model& model, const ModelOptions& options, std::int64_t tokens_of_update);

    // Adds the gradient of options.gradient_scale times the summed loss of the batches to that of the model's parameters, and returns
    // the loss. `key` decides what is dropped.
    CrossEntropy run(const std::vector<Batch>& batches, LossOptions options, std::uint64_t key);

    // Calls body(i, context) for each i below `count`, shared out among the workers, each with its context. Which worker takes which must
    // not matter.
    void share_out(std::size_t count, const std::function<void(std::size_t, Context&)>& body);

    // Gives storage that is not in use back to the system, before work of another kind.
    void free_idle_storage();

    int count() const { return workers_.empty() ? 1 : static_cast<int>(workers_.size()); }

    // How well shapes repeat: the share of rows that are padding so far, and of the products since `count_products_from_here`, or the
    // start, that found their primitive.
    double padding() const { return rows_ > 0 ? 1 - static_cast<double>(tokens_) / static_cast<double>(rows_) : 0; }
    void count_products_from_here();
    double hit_rate() const;
    std::uint64_t primitive_hits() const;
    std::uint64_t primitive_misses() const;
    // The products so far of all workers, for profiles.
    std::vector<ProductUse> products_used() const;

  private:
    struct Worker {
        Worker(int threads, DataType products) : context(threads, products) {}
        Context context;
        std::unique_ptr<Model> model; // shares the weights of model_
    };

    std::vector<Batch> micro_batches(const std::vector<Batch>& batches);
    template <typename Body>
    void by_each_worker(const Body& body);
    void collect_gradient(std::size_t parameter);
    template <typename Function>
    void for_each_context(const Function& function) const;

    Model& model_;
    std::int64_t micro_batch_tokens_; // about
    std::deque<Worker> workers_;      // empty: one alone, which is the caller with the model itself
    WorkQueue threads_;
    std::int64_t tokens_ = 0, rows_ = 0; // rows of packed tokens without and with padding
    std::uint64_t hits_before_ = 0, misses_before_ = 0;
};

} // namespace nmt
