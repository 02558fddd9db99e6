// Work on text that is done for each line: lines a second.
#include "nmt/data/sentence_splitter.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace nmt {
namespace {

void split_line(benchmark::State& state, const std::string& line) {
    for ([[maybe_unused]] const auto _ : state) benchmark::DoNotOptimize(split_sentences(line));
    state.SetItemsProcessed(state.iterations());
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(line.size()));
}

BENCHMARK_CAPTURE(split_line, one_sentence, std::string("Two young, White males are outside near many bushes."));
BENCHMARK_CAPTURE(
    split_line, five_sentences,
    std::string("Dr. Smith came at 5 p.m. and left. \"Where is he?\" she asked. Nobody knew... Am 3. Mai war er wieder da! Was nun?"));
BENCHMARK_CAPTURE(split_line, chinese, std::string("今天天气很好。你觉得呢？我们去公园吧！"));

} // namespace
} // namespace nmt
