// nmt translate.
#include "nmt/base/log.hpp"
#include "nmt/base/signals.hpp"
#include "nmt/decoding/translator.hpp"
#include "nmt/models/model_folder.hpp"
#include "nmt/tensor/context.hpp"
#include "tools/nmt/command.hpp"
#include "tools/nmt/commands.hpp"

namespace nmt {

int translate_command(const std::vector<std::string>& arguments) {
    std::string model, input = "-", output = "-";
    int threads = 0;
    bool quiet = false;
    TranslatorOptions translation;
    SearchOptions& search = translation.search;
    CommandOptions options(
        {"nmt translate", "--model DIR [--input FILE] [--output FILE] [options]",
         "Translates a text, a sentence a line. Line N of the output is the translation of line N of the input, whatever the input\n"
         "holds; an empty line stays empty. Lines are written as soon as they and those before them are done.",
         "  nmt translate --model german < test.en > test.de\n"
         "  nmt translate -m german -i test.en.gz -o test.de -b 1\n"
         "  nmt translate -m german --n-best 5 -i test.en    # LINE ||| TRANSLATION ||| F0= LOG-PROBABILITY ||| SCORE"});
    options.add("model,m", "DIR", model, "folder of the model").required();
    options.add("input,i", "FILE", input, "text to translate, plain or gzip; '-' is stdin");
    options.add("output,o", "FILE", output, "file to write; '-' is stdout");
    options.add("beam,b", "N", search.beam, "hypotheses kept at every step; 1 is greedy search", 1, 1000);
    options.add("n-best,n", "N", search.n_best, "translations a line, at most --beam; above 1 in the format of Moses", 1, 1000);
    options.add("length-penalty", "X", search.length_penalty, "a translation's score is its log-probability / length^X", 0, 10);
    options.add("max-length-factor", "X", search.max_length_factor, "a translation has at most X times the source's tokens ...", 0, 100);
    options.add("max-length-offset", "N", search.max_length_offset, "... plus N", 1, 10000);
    options.add("max-source-length", "N", translation.max_source_length,
                "a longer line, in tokens, is split, translated piece by piece and joined", 2, 100000);
    options.add("batch-size", "N", translation.batch_size, "sentences translated together", 1, 100000);
    options.add("window", "N", translation.window, "lines read ahead and sorted by length; 0: 16 batches", 0, 10000000);
    options.add("threads,t", "N", threads, "threads; 0: all cores", 0, 4096);
    options.add("quiet,q", "", quiet, "no progress and no summary on stderr");
    if (!options.parse(arguments)) return 0;
    if (search.n_best > search.beam)
        throw UsageError(fmt::format("nmt translate: --n-best {} needs a --beam of at least that, found {}", search.n_best, search.beam));
    set_quiet(quiet);
    catch_stop_signals();
    Context context(threads);
    const LoadedModel loaded = load_model(context, model);
    Translator translator(*loaded.model, loaded.tokenizers->source(), loaded.tokenizers->target(), translation);
    LineReader reader(input);
    LineWriter writer(output);
    Progress progress("translating");
    const auto rate = [](const TranslationStatistics& s) { return static_cast<double>(s.lines) / std::max(s.seconds, 1e-9); };
    translator.translate_stream(reader, writer, [&](const TranslationStatistics& s) {
        progress.update(s.lines, 0, fmt::format("{:.1f} sentences/s", rate(s)));
    });
    writer.close();
    const TranslationStatistics& s = translator.statistics();
    log_info("{} lines in {}: {:.1f} sentences/s, {:.0f} tokens/s; peak memory {:.0f} MiB{}", s.lines, format_duration(s.seconds), rate(s),
             static_cast<double>(s.target_tokens) / std::max(s.seconds, 1e-9), peak_memory_mib(),
             s.split_lines > 0 ? fmt::format("; {} lines were longer than {} tokens and were split", s.split_lines, translation.max_source_length)
                               : "");
    return 0;
}

} // namespace nmt
