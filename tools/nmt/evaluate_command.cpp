// nmt evaluate: scores of translations against references.
#include "nmt/base/error.hpp"
#include "nmt/base/files.hpp"
#include "nmt/evaluation/bleu.hpp"
#include "tools/nmt/command.hpp"
#include "tools/nmt/commands.hpp"

#include <nlohmann/json.hpp>

namespace nmt {
namespace {

struct Evaluation {
    std::string hypotheses = "-", references, tokenize = "13a";
    std::vector<std::string> metrics{"bleu"};
    bool lowercase = false, json = false;
};

// One metric's result, for programs and for people.
struct Result {
    std::string name, signature, line;
    double score = 0;
};

Result evaluate_bleu(const Evaluation& evaluation, const std::vector<std::string>& hypotheses, const std::vector<std::string>& references) {
    BleuOptions options;
    options.tokenizer = bleu_tokenizer_from_name(evaluation.tokenize);
    options.lowercase = evaluation.lowercase;
    const Bleu bleu(options);
    const Statistics sum = sum_of(bleu, corpus_statistics(bleu, hypotheses, references));
    const std::string line = fmt::format("BLEU|{} = {:.2f} {}", bleu.signature(), bleu.score(sum), bleu.parts(sum));
    return {bleu.name(), bleu.signature(), line, bleu.score(sum)};
}

// A new metric is one line here.
struct NamedMetric {
    std::string name;
    Result (*evaluate)(const Evaluation&, const std::vector<std::string>& hypotheses, const std::vector<std::string>& references);
};

const std::vector<NamedMetric>& all_metrics() {
    static const std::vector<NamedMetric> metrics{
        {"bleu", evaluate_bleu},
    };
    return metrics;
}

std::vector<std::string> metric_names() {
    std::vector<std::string> names;
    for (const NamedMetric& metric : all_metrics()) names.push_back(metric.name);
    return names;
}

const NamedMetric& find_metric(const std::string& name) {
    for (const NamedMetric& metric : all_metrics())
        if (metric.name == name) return metric;
    throw UsageError(
        fmt::format("--metrics '{}': expected {}{}", name, fmt::join(metric_names(), ", "), did_you_mean(name, metric_names())));
}

std::string display_name(const std::string& path) { return path.empty() || path == "-" ? "standard input" : path; }

void print_results(const std::vector<Result>& results, bool json) {
    if (!json) {
        for (const Result& result : results) print(result.line);
        return;
    }
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const Result& result : results) list.push_back({{"name", result.name}, {"score", result.score}, {"signature", result.signature}});
    print(list.dump(1));
}

} // namespace

int evaluate_command(const std::vector<std::string>& arguments) {
    Evaluation evaluation;
    CommandOptions options(
        {"nmt evaluate", "[--hypotheses FILE] --references FILE [options]",
         "Compares translations with reference translations, line by line, and prints one line a metric: the score in percent\n"
         "and the signature that says how it was computed. Scores equal those of sacreBLEU under the same signature. Give it\n"
         "text as people write it: not tokenized, not lower-cased.",
         "  nmt translate --model model -i test.de | nmt evaluate --references test.en\n"
         "  nmt evaluate --hypotheses output.en --references test.en --lowercase --json"});
    options.add("hypotheses", "FILE", evaluation.hypotheses, "translations, plain or gzip; '-' is stdin");
    options.add("references", "FILE", evaluation.references, "reference translations, plain or gzip; '-' is stdin").required();
    options.add("metrics", "NAME", evaluation.metrics, fmt::format("what to compute: {}", fmt::join(metric_names(), ", ")));
    options.add("tokenize", "NAME", evaluation.tokenize, "words of BLEU; none: what stands between spaces",
                bleu_tokenizer_names());
    options.add("lowercase", "", evaluation.lowercase, "compare without regard to case");
    options.add("json", "", evaluation.json, "print a JSON list of {name, score, signature}, scores unrounded");
    if (!options.parse(arguments)) return 0;
    for (const std::string& name : evaluation.metrics) find_metric(name);
    const std::string hypothesis_name = display_name(evaluation.hypotheses), reference_name = display_name(evaluation.references);
    if (hypothesis_name == reference_name && hypothesis_name == "standard input")
        throw UsageError("--hypotheses and --references cannot both be standard input; name a file for one of them");
    const std::vector<std::string> hypotheses = read_lines(evaluation.hypotheses), references = read_lines(evaluation.references);
    check(hypotheses.size() == references.size(),
          "unequal files: '{}' has {} lines and '{}' has {}; line N of the hypotheses must translate the sentence of line N of the "
          "references",
          hypothesis_name, hypotheses.size(), reference_name, references.size());
    std::vector<Result> results;
    for (const std::string& name : evaluation.metrics) results.push_back(find_metric(name).evaluate(evaluation, hypotheses, references));
    print_results(results, evaluation.json);
    return 0;
}

} // namespace nmt
