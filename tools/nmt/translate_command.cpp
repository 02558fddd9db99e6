// nmt translate.
#include "nmt/base/error.hpp"
#include "nmt/base/line_reader.hpp"
#include "nmt/base/line_writer.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/progress.hpp"
#include "nmt/base/resources.hpp"
#include "nmt/base/signals.hpp"
#include "nmt/decoding/translator.hpp"
#include "nmt/decoding/workers.hpp"
#include "nmt/models/quantize.hpp"
#include "tools/nmt/command.hpp"
#include "tools/nmt/commands.hpp"

#include <memory>

namespace nmt {
namespace {

struct Arguments {
    std::vector<std::string> models, weights;
    std::string input = "-", output = "-", encoding, prefix, precision = "f32";
    int threads = 0;
    bool quiet = false, sampled = false;
    SamplingOptions sampling;
    TranslatorOptions translation = {.sentences = "auto"};
};

void declare(CommandOptions& options, Arguments& a) {
    const OptionTable translation = table_of(a.translation); // as configurations have it
    options
        .add("model,m", "DIR", a.models,
             "folder of the model; given several times, the models translate together: their probabilities are averaged")
        .required()
        .repeated();
    options.add("weights", "W", a.weights, "weights of the models in that average, one each; all alike if not given");
    options.add("input,i", "FILE", a.input, "text to translate, plain or compressed; '-' is stdin").positional();
    options.add("encoding", "NAME", a.encoding,
                "the encoding of the input, where it is not UTF-8: UTF-16, ISO-8859-1, WINDOWS-1252, GB18030, ...");
    options.add("output,o", "FILE", a.output, "file to write, compressed where it is called .gz, .zst, .xz or .bz2; '-' is stdout");
    options.add(
        "prefix", "FILE", a.prefix,
        "beginnings of the translations: what line N of it holds is what the translation of line N begins with, to the byte; an empty "
        "line leaves it free");
    options.add(
        "sentences", "MODE", a.translation.sentences,
        "lines of several sentences: auto splits one that holds more of them than 99 % of those that the model was trained on "
        "(not if the model does not tell, nor with --prefix, --n-best or --sampling); split splits all; whole none. Each sentence is "
        "then translated alone, and the translations are joined by the white space between them; one of",
        std::vector<std::string>{"auto", "split", "whole"});
    options.add("threads,t", "N", a.threads, "threads; 0: all cores", 0, 4096);
    options.add("precision", "TYPE", a.precision,
                "of the operands of products: f32, the same bytes on every run; bf16, faster where the processor has instructions for it; "
                "auto, the faster of them",
                std::vector<std::string>{"f32", "bf16", "auto"});
    options.add("quiet,q", "", a.quiet, "no progress and no summary on stderr");

    options.group("What is written");
    options.add("n-best,n", "N", translation);
    options.add("unknown", "HOW", translation);
    options.add("alignment", "UNIT", a.translation.alignment,
                "adds which source word each target word comes from (0-0 1-2: source-target, counted from 0), by the attention of a "
                "model that has it; in words between white space or in pieces of the tokenizers; one of",
                std::vector<std::string>{"words", "pieces"});
    options.add("word-scores", "", a.translation.word_scores,
                "adds the log-probability of each target piece and of the end of the sentence");

    options.group("Search");
    options.add("beam,b", "N", translation);
    options.add("length-normalization", "KIND", translation);
    options.add("length-penalty", "X", translation);
    options.add("coverage-penalty", "X", translation);
    options.add("no-repeat-ngram", "N", translation);

    options.group("Length of a translation");
    options.add("min-length", "N", translation);
    options.add("min-length-factor", "X", translation);
    options.add("max-length", "N", translation);
    options.add("max-length-factor", "X", translation);
    options.add("max-length-offset", "N", translation);

    options.group("Sampling");
    options.add("sampling", "", a.sampled,
                "draws each translation at random from the model's distribution, --n-best of them, instead of searching");
    options.add("sampling-topk", "N", a.sampling.top_k, "draws from the N most probable pieces; 0: from all", 0, 1e9);
    options.add("sampling-topp", "P", a.sampling.top_p, "draws from the fewest pieces that together have a probability of P; 1: from all",
                0, 1);
    options.add("temperature", "T", a.sampling.temperature, "below 1 the probable becomes more so, above 1 less", 0, 1e6);
    options.add("seed", "N", a.sampling.seed, "of the random numbers: the same seed gives the same samples");

    options.group("Batches");
    options.add("max-source-length", "N", translation);
    options.add("batch-size", "N", translation);
    options.add("batch-tokens", "N", translation);
    options.add("window", "N", translation);
}

void check_sampling(const CommandOptions& options, const Arguments& a) {
    for (const char* name : {"sampling-topk", "sampling-topp", "temperature", "seed"})
        if (!a.sampled && options.given(name)) options.fail_usage(fmt::format("--{} has no effect without --sampling", name));
    if (a.sampled && options.given("beam")) options.fail_usage("--beam has no effect with --sampling; give one of them");
    if (a.sampling.temperature <= 0)
        options.fail_usage(fmt::format("--temperature = {}: expected a number above 0", a.sampling.temperature));
    if (a.sampling.top_p <= 0)
        options.fail_usage(fmt::format("--sampling-topp = {}: expected a number above 0 and at most 1", a.sampling.top_p));
}

std::vector<double> parse_weights(const CommandOptions& options, const Arguments& a) {
    std::vector<double> weights;
    OptionTable table;
    double weight = 0;
    table.add("weights", weight, "", 0, 1e6);
    for (const std::string& text : a.weights) {
        try {
            assign_option(table.options().front(), text, "--weights");
        } catch (const Error& error) {
            options.fail_usage(error.what());
        }
        if (weight <= 0) options.fail_usage(fmt::format("--weights: '{}' is no weight: expected a number above 0", text));
        weights.push_back(weight);
    }
    if (!weights.empty() && a.models.size() == 1) options.fail_usage("--weights has no effect with one --model");
    if (!weights.empty() && weights.size() != a.models.size())
        options.fail_usage(fmt::format("{} --weights for {} models: expected one each", weights.size(), a.models.size()));
    return weights;
}

void check_usage(const CommandOptions& options, const Arguments& a) {
    check_sampling(options, a);
    try {
        a.translation.search.validate();
    } catch (const Error& error) {
        options.fail_usage(error.what());
    }
    if (options.given("prefix")) check_standard_input({{"--input", a.input}, {"--prefix", a.prefix}});
}

// Says once what becomes of lines of several sentences, when the first one has been met.
class SentenceNote {
  public:
    explicit SentenceNote(const TranslatorOptions& options) : options_(options) {}

    void update(const TranslationStatistics& s) {
        if (said_ || s.sentence_lines + s.unusual_lines == 0) return;
        said_ = true;
        const std::string more =
            fmt::format("more sentences than 99 % of those that the model was trained on ({})", options_.usual_sentences);
        if (options_.sentences == "split")
            log_info("lines of several sentences are translated sentence by sentence (--sentences whole: not)");
        else if (s.sentence_lines > 0) log_info("lines that hold {} are translated sentence by sentence (--sentences whole: not)", more);
        else if (options_.usual_sentences > 0)
            log_info("lines that hold {} are translated whole with --prefix, --n-best and --sampling; --sentences split splits them", more);
        else
            log_info(
                "there are lines of several sentences, which are translated whole: the model does not tell how many its training's lines "
                "held; if they held one each, translate with --sentences split");
    }

  private:
    const TranslatorOptions& options_;
    bool said_ = false;
};

double rate(const TranslationStatistics& s) { return static_cast<double>(s.lines) / std::max(s.seconds, 1e-9); }

std::string_view fate_of_unknown(const std::string& unknown) {
    if (unknown == "copy") return "were replaced by the source words that they are aligned to";
    if (unknown == "allow") return "stand as \u2047; --unknown copy writes the source words that they are aligned to, forbid none";
    return "were left out, since a model found nothing else possible; --unknown copy writes the source words";
}

void log_summary(const TranslationStatistics& s, const TranslatorOptions& options) {
    std::string notes;
    if (s.split_lines > 0)
        notes += fmt::format("; {} lines were longer than {} tokens and were split", s.split_lines, options.max_source_length);
    if (s.sentence_lines > 0) notes += fmt::format("; {} lines were translated sentence by sentence", s.sentence_lines);
    if (s.unusual_lines > 0) notes += fmt::format("; {} lines of several sentences were translated whole", s.unusual_lines);
    if (s.truncated > 0) notes += fmt::format("; {} translations reached their greatest length and were cut", s.truncated);
    if (s.unknown_tokens > 0) notes += fmt::format("; {} unknown words {}", s.unknown_tokens, fate_of_unknown(options.unknown));
    if (s.repeated_lines > 0) notes += fmt::format("; {} lines were equal to others and not translated again", s.repeated_lines);
    log_info("{} lines in {}: {:.1f} sentences/s, {:.0f} tokens/s; peak memory {:.0f} MiB{}", s.lines, format_duration(s.seconds), rate(s),
             static_cast<double>(s.target_tokens) / std::max(s.seconds, 1e-9), peak_memory_mib(), notes);
}

} // namespace

int translate_command(const std::vector<std::string>& arguments) {
    Arguments a;
    CommandOptions options(
        {"nmt translate", "--model DIR [[--input] FILE] [--output FILE] [options]",
         "Translates a text, a sentence a line or several (--sentences). Line N of the output is the translation of line "
         "N of the input, whatever the input holds; an empty line stays empty. Lines are written as soon as they and those "
         "before them are done.",
         "  nmt translate --model german    # what you type\n"
         "  nmt translate -m german < test.en > test.de\n"
         "  nmt translate -m german test.en.gz -o test.de -b 1\n"
         "  nmt translate -m german-1 -m german-2 test.en --weights 0.6 0.4 > test.de\n"
         "  nmt translate -m english --sampling --sampling-topk 10 < mono.de > new.en\n"
         "  # LINE ||| TRANSLATION ||| F0= LOG-PROBABILITY ||| SCORE\n"
         "  nmt translate -m german test.en --n-best 5\n"
         "  # TRANSLATION ||| 0-0 1-2 2-1\n"
         "  nmt translate -m german test.en --alignment words\n"
         "  # unknown names as they stand in the source\n"
         "  nmt translate -m german test.en --unknown copy"});
    declare(options, a);
    options.add_line_limit();
    if (!options.parse(arguments)) return 0;
    if (a.sampled) a.translation.search.sampling = a.sampling;
    check_usage(options, a);
    const std::vector<double> weights = parse_weights(options, a);
    set_quiet(a.quiet);
    catch_stop_signals();

    const TranslationWorkers workers(a.models, a.threads, weights, products_from_name(a.precision));
    for (std::size_t i = 0; i < a.models.size(); ++i)
        check(a.precision != "bf16" || !is_quantized(workers.ensembles().front().model(i)),
              "'{}' is quantized: its products are of integers, not of bf16; leave --precision out", a.models[i]);
    a.translation.usual_sentences = workers.usual_sentences();
    const TokenizerPair& tokenizers = workers.tokenizers();
    Translator translator(workers.ensembles(), tokenizers.source(), tokenizers.target(), a.translation);
    const ReadOptions reading{.encoding = a.encoding, .prompt = "> "};
    LineReader reader(a.input, reading);
    const std::unique_ptr<LineReader> prefixes = options.given("prefix") ? std::make_unique<LineReader>(a.prefix, reading) : nullptr;
    LineWriter writer(a.output);
    Progress progress("translating");
    SentenceNote sentence_note(translator.options());
    const auto report = [&](const TranslationStatistics& s) {
        if (!reader.is_typed()) progress.update(s.lines, 0, fmt::format("{:.1f} sentences/s", rate(s)));
        sentence_note.update(s);
    };
    translator.translate_stream(reader, writer, report, prefixes.get());
    writer.close();
    log_summary(translator.statistics(), translator.options());
    return 0;
}

} // namespace nmt
