// A training step and a translation batch of whole models, of the sizes of the README's comparison with other toolkits, over random
// sentences: target tokens or sentences a second, and the share of the time that the step's products alone would take.
#include "nmt/data/batch.hpp"
#include "nmt/decoding/search.hpp"
#include "nmt/models/quantize.hpp"
#include "nmt/models/registry.hpp"
#include "nmt/training/gradient_workers.hpp"
#include "nmt/training/optimizer.hpp"
#include "tokenizer/tokenizer.hpp"
#include "tools/benchmarks/roofline.hpp"

#include <benchmark/benchmark.h>

namespace nmt {
namespace {

constexpr int kVocabulary = 8000;

ModelOptions transformer_small() {
    ModelOptions options = default_model_options("transformer"); // 3+3 layers, width 256, feed-forward 1024, 4 heads
    options.tied_embeddings = "all";
    return options;
}

ModelOptions lstm_attention() {
    ModelOptions options = default_model_options("rnn-attention"); // first-layer wiring
    options.embedding_size = 256;
    options.hidden_size = 512;
    options.attention_size = 512;
    options.tied_embeddings = "all";
    return options;
}

// Sentences of 6 to 26 tokens, 16 on average, </s> counted.
Sequences random_sentences(int count, Random& random) {
    Sequences sentences;
    for (int i = 0; i < count; ++i) {
        std::vector<std::int32_t> tokens(5 + random.below(21));
        for (std::int32_t& token : tokens) token = 2 + static_cast<std::int32_t>(random.below(kVocabulary - 2));
        tokens.push_back(Tokenizer::kEndOfSentence);
        sentences.add(tokens);
    }
    return sentences;
}

void report(benchmark::State& state, Context& context, const std::vector<ProductUse>& uses, const char* unit, double done) {
    const auto iterations = static_cast<double>(state.iterations());
    const double products = seconds_of_products(context, uses);
    state.counters[unit] = benchmark::Counter(done, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["of_products"] = benchmark::Counter(products / iterations, benchmark::Counter::kIsIterationInvariantRate);
}

void training_step(benchmark::State& state, const ModelOptions& options, const char* precision) {
    Context context(0, products_from_name(precision));
    const auto model = make_model(context, options, {kVocabulary, kVocabulary, true}, 1);
    Optimizer optimizer(model->parameters(), {});
    Random random(2);
    const std::vector<Batch> batch{{random_sentences(256, random), random_sentences(256, random)}};
    const int tokens = batch.front().target.total();
    GradientWorkers workers(*model, options, tokens);
    std::uint64_t key = 0;
    const auto step = [&] {
        workers.run(batch, {.smoothing = 0.1F, .gradient_scale = 1 / static_cast<float>(tokens)}, ++key);
        optimizer.update(optimizer.gradient_norm(&workers), 0, &workers);
    };
    step(); // makes the primitives
    const std::vector<ProductUse> before = workers.products_used();
    for (auto _ : state) step();
    report(state, context, uses_since(workers.products_used(), before), "target_tokens/s", tokens);
}

void translation(benchmark::State& state, const ModelOptions& options, bool integers) {
    Context context(1);
    const auto model = make_model(context, options, {kVocabulary, kVocabulary, true}, 1);
    if (integers) quantize_weights(*model);
    Random random(2);
    const Sequences source = random_sentences(64, random);
    SearchOptions search_options;
    search_options.beam = static_cast<int>(state.range(0));
    search_options.max_length_factor = 1; // random weights seldom end a sentence: each gets as long as its source
    search_options.max_length_offset = 0;
    const auto translate = [&] { search(*model, source, search_options); };
    translate();
    const std::vector<ProductUse> before = context.products_used();
    for (auto _ : state) translate();
    report(state, context, uses_since(context.products_used(), before), "sentences/s", source.count());
}

BENCHMARK_CAPTURE(training_step, transformer_f32, transformer_small(), "f32")->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(training_step, transformer_auto, transformer_small(), "auto")->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(training_step, rnn_attention_f32, lstm_attention(), "f32")->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(training_step, rnn_attention_auto, lstm_attention(), "auto")->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(translation, transformer_f32, transformer_small(), false)->ArgName("beam")->Arg(1)->Arg(5)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(translation, transformer_int8, transformer_small(), true)->ArgName("beam")->Arg(1)->Arg(5)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(translation, rnn_attention_f32, lstm_attention(), false)->ArgName("beam")->Arg(1)->Arg(5)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(translation, rnn_attention_int8, lstm_attention(), true)->ArgName("beam")->Arg(1)->Arg(5)->Unit(benchmark::kMillisecond);

} // namespace
} // namespace nmt
