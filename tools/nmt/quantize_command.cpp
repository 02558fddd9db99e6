// nmt quantize.
#include "nmt/base/error.hpp"
#include "nmt/base/line_reader.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/table.hpp"
#include "nmt/decoding/translator.hpp"
#include "nmt/decoding/workers.hpp"
#include "nmt/evaluation/bleu.hpp"
#include "nmt/models/model_folder.hpp"
#include "nmt/models/quantize.hpp"
#include "tools/nmt/command.hpp"
#include "tools/nmt/commands.hpp"

#include <filesystem>

namespace nmt {
namespace {

double weights_in_mib(const std::string& folder) {
    return static_cast<double>(std::filesystem::file_size(std::filesystem::path(folder) / "model.safetensors")) / (1 << 20);
}

struct Trial {
    double bleu = 0, sentences_per_second = 0;
};

// Translates the development set with a model.
Trial try_model(const std::string& folder, const std::vector<std::string>& source, const std::vector<std::string>& references,
                const TranslatorOptions& options, int threads) {
    const TranslationWorkers workers({folder}, threads);
    Translator translator(workers.ensembles(), workers.tokenizers().source(), workers.tokenizers().target(), options);
    const std::vector<std::string> translations = translator.translate(source);
    const double seconds = std::max(translator.statistics().seconds, 1e-9);
    return {corpus_score(Bleu(), translations, references), static_cast<double>(source.size()) / seconds};
}

std::string report(const std::string& model, const std::string& output, const Trial& before, const Trial& after) {
    std::vector<std::vector<std::string>> rows{{"weights", "MiB", "BLEU", "sentences/s"}};
    const auto add_row = [&](const char* name, const std::string& folder, const Trial& trial) {
        rows.push_back({name, fmt::format("{:.1f}", weights_in_mib(folder)), fmt::format("{:.2f}", trial.bleu),
                        fmt::format("{:.1f}", trial.sentences_per_second)});
    };
    add_row("float", model, before);
    add_row("int8", output, after);
    rows.push_back({"change", fmt::format("{:.2f}x", weights_in_mib(output) / weights_in_mib(model)),
                    fmt::format("{:+.2f}", after.bleu - before.bleu),
                    fmt::format("{:.2f}x", after.sentences_per_second / before.sentences_per_second)});
    return format_table(rows) + Bleu().signature();
}

} // namespace

int quantize_command(const std::vector<std::string>& arguments) {
    std::string model, output;
    std::vector<std::string> dev;
    TranslatorOptions translation;
    int threads = 0;
    CommandOptions options(
        {"nmt quantize", "[--model] DIR --output DIR [--dev SOURCE REFERENCE]",
         "Writes a model for translating whose weights are 8-bit integers, with a scale for each row: a quarter of the size, and "
         "faster where the processor multiplies integers (AVX-512 VNNI, AMX). It translates like any other model; it cannot be "
         "trained further. With a development set, both models translate it, and their BLEU, speed and size are compared.",
         "  nmt quantize german --output german-int8\n"
         "  nmt quantize german --output german-int8 --dev valid.en valid.de"});
    options.add("model,m", "DIR", model, "folder of the model").required().positional();
    options.add("output,o", "DIR", output, "folder of the quantized model, which must not hold a model yet").required();
    options.add("dev", "FILE", dev, "a source text and its reference translation, plain or compressed, to compare the two models on");
    options.group("With --dev");
    options.add("beam,b", "N", table_of(translation));
    options.add("threads,t", "N", threads, "threads; 0: all cores", 0, 4096);
    options.add_line_limit();
    if (!options.parse(arguments)) return 0;
    if (!dev.empty() && dev.size() != 2)
        options.fail_usage(fmt::format("--dev takes a source and a reference, found {} files", dev.size()));
    for (const char* name : {"beam", "threads"})
        if (dev.empty() && options.given(name)) options.fail_usage(fmt::format("--{} has no effect without --dev", name));

    if (!dev.empty()) check_standard_input({{"--dev SOURCE", dev[0]}, {"--dev REFERENCE", dev[1]}});
    check_no_model(output);
    std::vector<std::string> source, references;
    if (!dev.empty()) {
        source = read_lines(dev[0]);
        references = read_lines(dev[1]);
        check(source.size() == references.size() && !source.empty(),
              "'{}' has {} lines and '{}' has {}; expected as many, and one at least", dev[0], source.size(), dev[1], references.size());
    }
    {
        Context context(1);
        const LoadedModel loaded = load_model(context, model);
        try {
            quantize_weights(*loaded.model);
        } catch (const Error& error) {
            fail("'{}' cannot be quantized: {}", model, error.what());
        }
        Metadata metadata = loaded.metadata;
        metadata["quantized"] = "int8";
        save_model(loaded, model, output, metadata);
    }
    log_info("'{0}': {1:.1f} MiB of weights, from {2:.1f}; translate with it: 'nmt translate --model {0} FILE'{3}", output,
             weights_in_mib(output), weights_in_mib(model),
             dev.empty() ? "; --dev would have told what that changes in BLEU and speed" : "");
    if (dev.empty()) return 0;
    const Trial before = try_model(model, source, references, translation, threads);
    print_report(report(model, output, before, try_model(output, source, references, translation, threads)));
    return 0;
}

} // namespace nmt
