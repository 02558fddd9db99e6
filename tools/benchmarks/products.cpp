// Products by shape and data type: the transformer's and the output layer's, forward, by inputs and by weights.
#include "nmt/tensor/bfloat16.hpp"
#include "nmt/tensor/matmul.hpp"
#include "tools/benchmarks/roofline.hpp"

#include <benchmark/benchmark.h>

namespace nmt {
namespace {

void report_rate(benchmark::State& state, std::int64_t m, std::int64_t k, std::int64_t n) {
    state.counters["GFLOP/s"] = benchmark::Counter(2e-9 * static_cast<double>(m * k * n), benchmark::Counter::kIsIterationInvariantRate);
}

// c [m,n] = a [m,k] b, packed: forward, and the gradient by inputs.
void packed_product(benchmark::State& state, DataType type) {
    if (type == DataType::bf16 && products_from_name("auto") != DataType::bf16) {
        state.SkipWithError("no instructions for bf16");
        return;
    }
    const std::int64_t m = state.range(0), k = state.range(1), n = state.range(2);
    Context context;
    Random random(1);
    const Tensor a = random_tensor(context, {m, k}, random), b = random_tensor(context, {n, k}, random);
    const PackedMatrix packed = type == DataType::s8 ? PackedMatrix(quantize_rows(b)) : PackedMatrix(b, true, type);
    const Tensor operand = type == DataType::bf16 ? to_bf16(a) : a;
    Tensor c(context, {m, n});
    for (auto _ : state) matmul(operand, packed, c);
    report_rate(state, m, k, n);
}

// c [k,n] = a^T b over m rows, plain: the gradient by weights.
void weight_gradient(benchmark::State& state) {
    const std::int64_t m = state.range(0), k = state.range(1), n = state.range(2);
    Context context;
    Random random(1);
    const Tensor a = random_tensor(context, {m, k}, random), b = random_tensor(context, {m, n}, random);
    Tensor c(context, {k, n});
    for (auto _ : state) matmul(a, b, c, {.transpose_a = true});
    report_rate(state, m, k, n);
}

void shapes(benchmark::internal::Benchmark* benchmark) {
    benchmark->ArgNames({"m", "k", "n"});
    for (const auto& [m, k, n] : {std::array<std::int64_t, 3>{4096, 256, 256},
                                  {4096, 256, 1024},
                                  {4096, 1024, 256},
                                  {512, 256, 8000},
                                  {64, 256, 1024},
                                  {64, 256, 8000}})
        benchmark->Args({m, k, n});
    benchmark->UseRealTime();
}

BENCHMARK_CAPTURE(packed_product, f32, DataType::f32)->Apply(shapes);
BENCHMARK_CAPTURE(packed_product, bf16, DataType::bf16)->Apply(shapes);
BENCHMARK_CAPTURE(packed_product, int8, DataType::s8)->Apply(shapes);
BENCHMARK(weight_gradient)->Apply(shapes);

} // namespace
} // namespace nmt
