// Kernels that memory limits: bytes that have to move, as a share of the bandwidth of a copy.
#include "nmt/tensor/bfloat16.hpp"
#include "nmt/tensor/elementwise.hpp"
#include "nmt/tensor/normalize.hpp"
#include "nmt/tensor/quantized_matrix.hpp"
#include "tools/benchmarks/roofline.hpp"

#include <benchmark/benchmark.h>

#include <functional>
#include <vector>

namespace nmt {
namespace {

constexpr std::int64_t kRows = 4096, kWidth = 1024, kVocabulary = 8000;

double bandwidth(Context& context) {
    static const double measured = memory_bandwidth(context);
    return measured;
}

void run(benchmark::State& state, Context& context, double bytes, const std::function<void()>& kernel) {
    const double limit = bandwidth(context);
    for (auto _ : state) kernel();
    state.counters["GB/s"] = benchmark::Counter(bytes * 1e-9, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["of_copy"] = benchmark::Counter(bytes / limit, benchmark::Counter::kIsIterationInvariantRate);
}

double bytes_of(const Tensor& tensor) { return static_cast<double>(tensor.size()) * static_cast<double>(size_of(tensor.type())); }

void dropout(benchmark::State& state) {
    Context context;
    Random random(1);
    const Tensor a = random_tensor(context, {kRows, kWidth}, random);
    Tensor c(context, a.shape());
    run(state, context, 2 * bytes_of(a), [&] { dropout_forward(a, 0.3F, 7, c); });
}

void residual_with_dropout(benchmark::State& state) {
    Context context;
    Random random(1);
    const Tensor a = random_tensor(context, {kRows, kWidth}, random), b = random_tensor(context, {kRows, kWidth}, random);
    Tensor c(context, a.shape());
    run(state, context, 3 * bytes_of(a), [&] { add_dropped_forward(a, b, 0.3F, 7, c); });
}

void layer_norm(benchmark::State& state) {
    Context context;
    Random random(1);
    const Tensor a = random_tensor(context, {kRows, kWidth}, random), gain = random_tensor(context, {kWidth}, random);
    Tensor c(context, a.shape()), statistics(context, {kRows, 2});
    run(state, context, 2 * bytes_of(a), [&] { layer_norm_forward(a, gain, gain, c, statistics); });
}

void softmax_cross_entropy(benchmark::State& state) {
    Context context;
    Random random(1);
    Tensor logits = random_tensor(context, {512, kVocabulary}, random);
    const std::vector<std::int32_t> targets(512, 3);
    run(state, context, 2 * bytes_of(logits), [&] { cross_entropy(logits, targets, 0.1F, &logits, 1e-3F); });
}

void adam(benchmark::State& state) {
    Context context;
    Random random(1);
    Tensor value = random_tensor(context, {kRows, kWidth}, random), first = Tensor::zeros(context, value.shape()),
           second = Tensor::zeros(context, value.shape());
    const Tensor gradient = random_tensor(context, value.shape(), random);
    run(state, context, 7 * bytes_of(value), [&] { adam_update(value, gradient, first, second, {1e-4F, 0.9F, 0.98F, 1e-9F, 0, 1}); });
}

void round_to_bf16(benchmark::State& state) {
    Context context;
    Random random(1);
    const Tensor a = random_tensor(context, {kRows, kWidth}, random);
    run(state, context, 1.5 * bytes_of(a), [&] { to_bf16(a); });
}

void round_to_int8(benchmark::State& state) {
    Context context;
    Random random(1);
    const Tensor a = random_tensor(context, {kRows, kWidth}, random);
    std::vector<std::uint8_t> codes(static_cast<std::size_t>(a.size()));
    std::vector<float> scales(kRows);
    run(state, context, 1.25 * bytes_of(a), [&] { quantize_activations(a, codes.data(), scales.data()); });
}

BENCHMARK(dropout)->UseRealTime();
BENCHMARK(residual_with_dropout)->UseRealTime();
BENCHMARK(layer_norm)->UseRealTime();
BENCHMARK(softmax_cross_entropy)->UseRealTime();
BENCHMARK(adam)->UseRealTime();
BENCHMARK(round_to_bf16)->UseRealTime();
BENCHMARK(round_to_int8)->UseRealTime();

} // namespace
} // namespace nmt
