#include "nmt/training/gradient_workers.hpp"

#include "nmt/base/parallel_failure.hpp"
#include "nmt/base/random.hpp"
#include "nmt/data/batcher.hpp"
#include "nmt/models/registry.hpp"
#include "nmt/tensor/elementwise.hpp"

#include <algorithm>
#include <latch>
#include <optional>

namespace nmt {
namespace {

// What suits both halves of a model.
MicroBatchSize micro_batch_size(Model& model) {
    const MicroBatchSize encoder = model.encoder().micro_batch_size(), decoder = model.decoder().micro_batch_size();
    return {std::max(encoder.usual, decoder.usual), std::max(encoder.least, decoder.least)};
}

int worker_count(Model& model, std::int64_t tokens_of_update) {
    return static_cast<int>(std::clamp<std::int64_t>(tokens_of_update / micro_batch_size(model).least, 1, model.context().threads()));
}

CrossEntropy micro_batch_gradient(Model& model, const Batch& batch, LossOptions options, std::uint64_t key) {
    Tape tape(key);
    const CrossEntropy loss = batch_loss(model, batch, options);
    tape.backward();
    return loss;
}

} // namespace

GradientWorkers::GradientWorkers(Model& model, const ModelOptions& options, std::int64_t tokens_of_update)
    : model_(model), micro_batch_tokens_(micro_batch_size(model).usual),
      threads_(static_cast<std::size_t>(worker_count(model, tokens_of_update))) {
    const int count = worker_count(model, tokens_of_update);
    if (count == 1) return;
    for (int i = 0; i < count; ++i) {
        Worker& worker = workers_.emplace_back(model.context().threads() / count, model.context().products());
        worker.model = make_model(worker.context, options, model.vocabulary(), std::nullopt);
    }
    model.context().enter();
}

CrossEntropy GradientWorkers::run(const std::vector<Batch>& batches, LossOptions options, std::uint64_t key) {
    const std::vector<Batch> parts = micro_batches(batches);
    std::vector<CrossEntropy> losses(parts.size());
    const auto compute = [&](Model& model, std::size_t part) {
        losses[part] = micro_batch_gradient(model, parts[part], options, mix_bits(key + part));
    };
    if (workers_.empty()) {
        for (std::size_t part = 0; part < parts.size(); ++part) compute(model_, part);
    } else {
        ParallelFailure failure;
        std::latch done(std::ssize(workers_));
        for (std::size_t first = 0; first < workers_.size(); ++first)
            threads_.add([&, first](std::size_t) {
                failure.guard([&] {
                    Worker& worker = workers_[first];
                    worker.context.enter();
                    worker.model->parameters().share(model_.parameters());
                    for (std::size_t part = first; part < parts.size(); part += workers_.size()) compute(*worker.model, part);
                });
                done.count_down();
            });
        done.wait();
        failure.rethrow();
        collect_gradients();
    }
    CrossEntropy total;
    for (const CrossEntropy& loss : losses) {
        total.loss += loss.loss;
        total.log_likelihood += loss.log_likelihood;
    }
    return total;
}

// As many from each batch for every worker.
std::vector<Batch> GradientWorkers::micro_batches(const std::vector<Batch>& batches) {
    std::vector<Batch> parts;
    for (const Batch& batch : batches) {
        const std::int64_t tokens = std::max(batch.source.total(), batch.target.total());
        const std::int64_t round = micro_batch_tokens_ * count(), rounds = (tokens + round / 2) / round;
        for (Batch& part : cut_evenly(batch, static_cast<int>(std::max<std::int64_t>(rounds, 1)) * count())) {
            for (const Sequences* side : {&part.source, &part.target}) {
                tokens_ += side->total();
                rows_ += padded_rows(side->total());
            }
            parts.push_back(std::move(part));
        }
    }
    return parts;
}

// The model's gradients become those of the first worker, and those of the others are added.
void GradientWorkers::collect_gradients() {
    for (Worker& worker : workers_) {
        auto from = worker.model->parameters().all().begin();
        for (Parameter& parameter : model_.parameters().all()) {
            const Variable& part = (from++)->variable();
            if (!part.has_gradient()) continue;
            if (parameter.variable().has_gradient()) add_in_place(parameter.variable().gradient(), part.gradient());
            else parameter.variable().set_gradient(part.gradient().in(model_.context()));
            part.clear_gradient();
        }
    }
}

template <typename Function>
void GradientWorkers::for_each_context(const Function& function) const {
    if (workers_.empty()) function(model_.context());
    for (const Worker& worker : workers_) function(worker.context);
}

std::uint64_t GradientWorkers::primitive_hits() const {
    std::uint64_t hits = 0;
    for_each_context([&](const Context& context) { hits += context.primitive_hits(); });
    return hits;
}

std::uint64_t GradientWorkers::primitive_misses() const {
    std::uint64_t misses = 0;
    for_each_context([&](const Context& context) { misses += context.primitive_misses(); });
    return misses;
}

std::vector<ProductUse> GradientWorkers::products_used() const {
    std::vector<ProductUse> all;
    for_each_context([&](const Context& context) {
        for (const ProductUse& use : context.products_used()) add_use(all, use);
    });
    return all;
}

void GradientWorkers::count_products_from_here() {
    hits_before_ = primitive_hits();
    misses_before_ = primitive_misses();
}

double GradientWorkers::hit_rate() const {
    const auto hits = static_cast<double>(primitive_hits() - hits_before_);
    const auto misses = static_cast<double>(primitive_misses() - misses_before_);
    return hits > 0 ? hits / (hits + misses) : 0;
}

} // namespace nmt
