// nmt score.
#include "nmt/base/line_writer.hpp"
#include "nmt/data/corpus.hpp"
#include "nmt/models/model_folder.hpp"
#include "nmt/tensor/context.hpp"
#include "nmt/training/rescoring.hpp"
#include "nmt/training/validation.hpp"
#include "tools/nmt/command.hpp"
#include "tools/nmt/commands.hpp"

#include <cmath>

namespace nmt {
namespace {

void score_lines(const LoadedModel& loaded, const std::string& source, const std::string& target, LineWriter& writer,
                 const RescoringOptions& options, bool summary) {
    const ParallelCorpus corpus =
        ParallelCorpus::load({{source, target}, loaded.tokenizers->source(), loaded.tokenizers->target()}, {.keep_empty = true});
    check_lengths(*loaded.model, corpus, options.max_length);
    const std::vector<PairScore> scores = score_pairs(*loaded.model, corpus, options.batch_tokens);
    double sum = 0, tokens = 0;
    for (const PairScore& score : scores) {
        sum += score.log_probability;
        tokens += score.tokens;
        if (!summary) writer.write(fmt::format("{:.6f}", options.normalize ? score.log_probability / score.tokens : score.log_probability));
    }
    if (summary)
        writer.write(fmt::format("cross-entropy {:.6f} perplexity {:.4f} tokens {:.0f}", -sum / tokens, std::exp(-sum / tokens), tokens));
}

} // namespace

int score_command(const std::vector<std::string>& arguments) {
    std::string model, source, target, n_best, output = "-";
    RescoringOptions scoring;
    scoring.max_length = kUsualMaxLength;
    bool summary = false;
    int threads = 0;
    CommandOptions options(
        {"nmt score", "--model DIR --source FILE (--target FILE | --n-best FILE) [options]",
         "Prints the log-probability (natural logarithm) of each line of the target as a translation of the same line of the source, "
         "</s> included. Unequal files are an error. With --summary it prints the perplexity of the whole instead. With --n-best it adds "
         "that log-probability to each line of an n-best list (LINE ||| TEXT ||| NAME= VALUE ... ||| SCORE, LINE from 0) as one more "
         "feature before the score, and leaves all else as it is.",
         "  nmt score --model german --source test.en --target test.de > test.scores\n"
         "  nmt score -m german --source test.en --target test.de --summary\n"
         "  nmt score -m german --source test.en --n-best test.list --feature Reverse > test.rescored"});
    options.add("model,m", "DIR", model, "folder of the model").required();
    options.add("source", "FILE", source, "source text, plain or compressed").required();
    options.add("target", "FILE", target, "its translation, line by line");
    options.add("n-best", "FILE", n_best, "an n-best list of translations, plain or compressed, instead of --target");
    options.add("feature", "NAME", scoring.feature, "with --n-best: name of the feature; without it the first F0, F1, ... that is free");
    options.add("output,o", "FILE", output, "file to write; '-' is stdout");
    options.add("normalize", "", scoring.normalize, "divide each log-probability by the number of target tokens");
    options.add("summary", "", summary, "print one line: cross-entropy and perplexity of a target token, and tokens");
    options.add("batch-tokens", "N", scoring.batch_tokens, "target tokens scored together", 1, 1000000);
    options.add("max-length", "N", scoring.max_length,
                "a sentence of more tokens is an error, before anything is scored: memory and time grow with their square", 1, 1000000);
    options.add("threads,t", "N", threads, "threads; 0: all cores", 0, 4096);
    options.add_line_limit();
    if (!options.parse(arguments)) return 0;
    if (scoring.normalize && summary) options.fail_usage("--normalize has no effect with --summary; give one of them");
    const bool list = options.given("n-best");
    if (!list && !options.given("target")) options.fail_usage("--target FILE is missing, or --n-best FILE");
    if (list && options.given("target")) options.fail_usage("--target and --n-best exclude each other; give one of them");
    if (list && summary) options.fail_usage("--summary has no effect on a list; give --target, or leave it out");
    if (!list && options.given("feature")) options.fail_usage("--feature has no effect without --n-best");
    if (options.given("feature") && (scoring.feature.empty() || scoring.feature.find_first_of(" \t\r\n=|") != std::string::npos))
        options.fail_usage(fmt::format("--feature '{}': expected a name without blanks, '=' and '|'", scoring.feature));
    check_standard_input({{"--source", source}, list ? std::pair("--n-best", n_best) : std::pair("--target", target)});
    LineWriter writer(output); // a name that cannot be written fails before the work
    Context context(threads);
    const LoadedModel loaded = load_model(context, model);
    if (list) rescore_n_best(loaded, source, n_best, writer, scoring);
    else score_lines(loaded, source, target, writer, scoring, summary);
    writer.close();
    return 0;
}

} // namespace nmt
