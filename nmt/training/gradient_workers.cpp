#include "nmt/training/gradient_workers.hpp"

#include "nmt/base/parallel_failure.hpp"
#include "nmt/base/random.hpp"
#include "nmt/data/batcher.hpp"
#include "nmt/models/registry.hpp"
#include "nmt/tensor/elementwise.hpp"

#include <algorithm>
#include <atomic>
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
        by_each_worker([&](Worker& worker, std::size_t first) {
            ParameterStore& parameters = worker.model->parameters();
            parameters.share(model_.parameters());
            for (std::size_t i = first; i < parameters.all().size(); i += workers_.size()) parameters.all()[i].pack_again();
            for (std::size_t part = first; part < parts.size(); part += workers_.size()) compute(*worker.model, part);
        });
        share_out(model_.parameters().all().size(), [&](std::size_t parameter, Context&) { collect_gradient(parameter); });
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

// The model's gradient becomes that of the first worker, and those of the others are added.
void GradientWorkers::collect_gradient(std::size_t parameter) {
    const Variable& whole = model_.parameters().all()[parameter].variable();
    for (Worker& worker : workers_) {
        const Variable& part = worker.model->parameters().all()[parameter].variable();
        if (!part.has_gradient()) continue;
        if (!whole.has_gradient()) {
            whole.set_gradient(part.gradient().in(model_.context()));
        } else {
            Tensor sum = whole.gradient().in(worker.context); // of one thread
            add_in_place(sum, part.gradient());
        }
        part.clear_gradient();
    }
}

// Calls body(worker, its number) in a thread for each worker, and waits for all of them.
template <typename Body>
void GradientWorkers::by_each_worker(const Body& body) {
    ParallelFailure failure;
    std::latch done(std::ssize(workers_));
    for (std::size_t i = 0; i < workers_.size(); ++i)
        threads_.add([&, i](std::size_t) {
            failure.guard([&] {
                workers_[i].context.enter();
                body(workers_[i], i);
            });
            done.count_down();
        });
    done.wait();
    failure.rethrow();
}

void GradientWorkers::share_out(std::size_t count, const std::function<void(std::size_t, Context&)>& body) {
    if (workers_.empty()) {
        for (std::size_t i = 0; i < count; ++i) body(i, model_.context());
        return;
    }
    std::atomic<std::size_t> next = 0;
    by_each_worker([&](Worker& worker, std::size_t) {
        for (std::size_t i = next++; i < count; i = next++) body(i, worker.context);
    });
}

template <typename Function>
void GradientWorkers::for_each_context(const Function& function) const {
    if (workers_.empty()) function(model_.context());
    for (const Worker& worker : workers_) function(worker.context);
}

void GradientWorkers::free_idle_storage() {
    model_.context().free_idle_storage();
    for (Worker& worker : workers_) worker.context.free_idle_storage();
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
