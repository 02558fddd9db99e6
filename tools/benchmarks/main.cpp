// The benchmarks' program: Google Benchmark's options (--benchmark_filter=REGEX, --benchmark_format=json, ...), and the machine in its
// header.
#include "nmt/tensor/context.hpp"

#include <benchmark/benchmark.h>

int main(int argc, char** argv) {
    benchmark::AddCustomContext("instruction set", nmt::instruction_set());
    benchmark::AddCustomContext("oneDNN", nmt::onednn_version());
    benchmark::AddCustomContext("threads", std::to_string(nmt::available_threads()));
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return 0;
}
