// nmt evaluate: scores of translations against references, and whether systems differ.
#include "nmt/base/error.hpp"
#include "nmt/base/line_reader.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/paths.hpp"
#include "nmt/evaluation/bleu.hpp"
#include "nmt/evaluation/chrf.hpp"
#include "nmt/evaluation/python_text.hpp"
#include "nmt/evaluation/significance.hpp"
#include "nmt/evaluation/ter.hpp"
#include "tools/nmt/command.hpp"
#include "tools/nmt/commands.hpp"
#include "tools/nmt/evaluate_report.hpp"

#include <algorithm>
#include <memory>

#include <fmt/ranges.h>

namespace nmt {
namespace {

struct Evaluation {
    std::vector<std::string> hypotheses{"-"}, references, metrics{"bleu"};
    BleuOptions bleu;
    std::string encoding, tokenize = "13a", smooth_method = "exp";
    int references_a_line = 1; // of a file of references, parted by tabs
    bool force = false;
    double smooth_value = 0.1;
    ChrfOptions chrf;
    TerOptions ter;
    bool sentence_level = false, confidence = false, paired_bootstrap = false, paired_randomization = false;
    int confidence_samples = ResamplingOptions().samples, bootstrap_samples = ResamplingOptions().samples;
    int randomization_trials = kRandomizationTrials;
    std::uint64_t seed = ResamplingOptions().seed;
    bool bare = false, json = false;
    int decimals = 2, threads = 0;

    bool paired() const { return paired_bootstrap || paired_randomization; }
};

// The metrics by name; a new one is one line here and the group of its options below.
struct NamedMetric {
    const char* name;
    std::unique_ptr<Metric> (*make)(const Evaluation&);
};
constexpr NamedMetric kMetrics[] = {
    {"bleu", [](const Evaluation& e) -> std::unique_ptr<Metric> { return std::make_unique<Bleu>(e.bleu); }},
    {"chrf", [](const Evaluation& e) -> std::unique_ptr<Metric> { return std::make_unique<Chrf>(e.chrf); }},
    {"ter", [](const Evaluation& e) -> std::unique_ptr<Metric> { return std::make_unique<Ter>(e.ter); }},
};

std::vector<std::string> metric_names() {
    std::vector<std::string> names;
    for (const NamedMetric& metric : kMetrics) names.emplace_back(metric.name);
    return names;
}

void add_options(CommandOptions& options, Evaluation& e) {
    options.add("hypotheses,i", "FILE", e.hypotheses, "translations, one file a system, plain or compressed; '-' is stdin");
    options.add("references,r", "FILE", e.references, "reference translations, plain or compressed; '-' is stdin").required();
    options.add("encoding", "NAME", e.encoding,
                "the encoding of all of them, where it is not UTF-8: UTF-16, ISO-8859-1, WINDOWS-1252, GB18030, ...");
    options.add("num-refs,nr", "N", e.references_a_line,
                "each line of the one file of references holds up to N of them, parted by tabs; an empty one is none", 1, 1000);
    options.add("metrics,m", "NAME", e.metrics, fmt::format("what to compute: {}", fmt::join(metric_names(), ", ")));
    options.add("sentence-level,sl", "", e.sentence_level, "a score for each line; BLEU then leaves out the orders without n-grams");
    options.add("threads,t", "N", e.threads, "threads; 0: all cores", 0, 4096);

    options.group("BLEU");
    options.add("tokenize,tok", "NAME", e.tokenize,
                fmt::format("words: {}; none: what stands between spaces", fmt::join(BleuTokenizer::names(), ", ")));
    options.add("force", "", e.force, "no warning for translations that look tokenized");
    options.add("lowercase,lc", "", e.bleu.lowercase, "compare without regard to case");
    options.add("smooth-method,s", "NAME", e.smooth_method, "what counts where no n-gram matches", bleu_smoothing_names());
    options.add("smooth-value,sv", "X", e.smooth_value, "what floor puts in place of 0 matches, or add-k (default there: 1) adds", 0, 1e9);

    options.group("chrF");
    options.add("chrf-char-order,cc", "N", e.chrf.char_order, "longest n-gram of characters", 1, 100);
    options.add("chrf-word-order,cw", "N", e.chrf.word_order, "longest n-gram of words; 2: chrF++", 0, 100);
    options.add("chrf-beta", "N", e.chrf.beta, "weight of recall", 0, 1000);
    options.add("chrf-whitespace", "", e.chrf.whitespace, "white space counts among the characters");
    options.add("chrf-lowercase", "", e.chrf.lowercase, "compare without regard to case");
    options.add("chrf-eps-smoothing", "", e.chrf.eps_smoothing, "the mean of the orders' F-scores, as in chrF++.py");

    options.group("TER");
    options.add("ter-normalized", "", e.ter.normalized, "set punctuation apart");
    options.add("ter-no-punct", "", e.ter.no_punctuation, "remove punctuation");
    options.add("ter-asian-support", "", e.ter.asian_support, "with one of these two: do it for Asian writing too, ideograph by ideograph");
    options.add("ter-case-sensitive", "", e.ter.case_sensitive, "compare with regard to case");

    options.group("Significance");
    options.add("confidence,ci", "", e.confidence, "95 % intervals by the bootstrap");
    options.add("confidence-n,cin", "N", e.confidence_samples, "its samples", 2, 1e8);
    options.add("paired-bs,pbs", "", e.paired_bootstrap, "compare each system with the first by paired bootstrap resampling");
    options.add("paired-bs-n,pbsn", "N", e.bootstrap_samples, "its samples", 2, 1e8);
    options.add("paired-ar,par", "", e.paired_randomization, "compare each system with the first by paired approximate randomization");
    options.add("paired-ar-n,parn", "N", e.randomization_trials, "its trials", 1, 1e8);
    options.add("seed", "N", e.seed, "of the random numbers of these tests");

    options.group("Output");
    options.add("score-only,b", "", e.bare, "print the scores alone; for several systems a line each, parted by tabs");
    options.add("width,w", "N", e.decimals, "digits after the point", 0, 17);
    options.add("json", "", e.json, "print a JSON list of {name, score, signature}, scores unrounded");
}

// An option has no effect where what it needs is not there.
void check_effects(const CommandOptions& options, const Evaluation& e) {
    const auto needs = [&](const char* option, bool there, const std::string& what) {
        if (options.given(option) && !there) options.fail_usage(fmt::format("--{} has no effect without {}", option, what));
    };
    const auto excludes = [&](const char* option, bool other, const std::string& what) {
        if (options.given(option) && other)
            options.fail_usage(fmt::format("--{} has no effect with {}; leave one of them out", option, what));
    };
    const auto needs_metric = [&](std::initializer_list<const char*> names, const std::string& metric) {
        const bool there = std::find(e.metrics.begin(), e.metrics.end(), metric) != e.metrics.end();
        for (const char* option : names) needs(option, there, "--metrics " + metric);
    };
    needs_metric({"tokenize", "force", "lowercase", "smooth-method", "smooth-value"}, "bleu");
    needs_metric({"chrf-char-order", "chrf-word-order", "chrf-beta", "chrf-whitespace", "chrf-lowercase", "chrf-eps-smoothing"}, "chrf");
    needs_metric({"ter-normalized", "ter-no-punct", "ter-asian-support", "ter-case-sensitive"}, "ter");
    needs("smooth-value", e.smooth_method == "floor" || e.smooth_method == "add-k", "--smooth-method floor or add-k");
    needs("ter-asian-support", e.ter.normalized || e.ter.no_punctuation, "--ter-normalized or --ter-no-punct");
    needs("confidence-n", e.confidence, "--confidence");
    needs("paired-bs-n", e.paired_bootstrap, "--paired-bs");
    needs("paired-ar-n", e.paired_randomization, "--paired-ar");
    needs("seed", e.confidence || e.paired(), "--confidence, --paired-bs or --paired-ar");
    needs("paired-bs", e.hypotheses.size() > 1, "a second system in --hypotheses");
    needs("paired-ar", e.hypotheses.size() > 1, "a second system in --hypotheses");
    excludes("width", e.json, "--json, which does not round");
    excludes("score-only", e.json, "--json");
    excludes("confidence", e.paired_bootstrap, "--paired-bs, which gives the intervals too");
    excludes("score-only", e.paired(), "a paired test");
    if (e.paired_bootstrap && e.paired_randomization)
        options.fail_usage("--paired-bs and --paired-ar exclude each other; give one of them");
    try {
        BleuTokenizer::check_name(e.tokenize);
    } catch (const Error& error) {
        options.fail_usage(fmt::format("--tokenize: {}", error.what()));
    }
    if (e.references_a_line > 1 && e.references.size() > 1)
        options.fail_usage("--num-refs takes one file of --references, whose lines hold all of them; found several files");
    if (!e.sentence_level) return;
    if (e.confidence || e.paired()) options.fail_usage("--sentence-level has no intervals and no tests; leave it out, or those");
    if (e.hypotheses.size() > 1 || e.metrics.size() > 1) options.fail_usage("--sentence-level takes one system and one metric");
}

void check_usage(const CommandOptions& options, const Evaluation& e) {
    for (const std::string& name : e.metrics) {
        const std::vector<std::string> known = metric_names();
        if (std::find(known.begin(), known.end(), name) == known.end())
            options.fail_usage(fmt::format("--metrics '{}': expected {}{}", name, fmt::join(known, ", "), did_you_mean(name, known)));
    }
    options.check_distinct("metrics", e.metrics);
    options.check_distinct("hypotheses", e.hypotheses);
    options.check_distinct("references", e.references);
    check_effects(options, e);
    std::vector<std::pair<std::string, std::string>> files;
    for (const std::string& file : e.hypotheses) files.emplace_back("--hypotheses", file);
    for (const std::string& file : e.references) files.emplace_back("--references", file);
    check_standard_input(files);
}

// The lines of a file, without the white space at their ends, as sacreBLEU reads them.
std::vector<std::string> read_text(const Evaluation& e, const std::string& file) {
    std::vector<std::string> lines = read_lines(file, {.encoding = e.encoding});
    check(!lines.empty(), "'{}' has no lines; at least one is needed", input_name(file));
    for (std::string& line : lines) line.resize(strip_right(line).size());
    return lines;
}

// All files must have as many lines as the first one of the references.
void check_length(const Evaluation& e, const std::string& file, std::size_t found, std::size_t expected) {
    check(found == expected,
          "unequal files: '{}' has {} lines and '{}' has {}; line N of each file must be a translation of the same sentence",
          input_name(file), found, input_name(e.references.front()), expected);
}

// The references of one sentence, parted by tabs.
std::vector<std::string> part_references(const std::string& line, std::size_t most, const std::string& where) {
    std::vector<std::string> references;
    std::size_t cells = 0;
    for (std::size_t begin = 0; begin <= line.size(); ++cells) {
        const std::size_t end = std::min(line.find('\t', begin), line.size());
        if (end > begin) references.push_back(line.substr(begin, end - begin));
        begin = end + 1;
    }
    check(cells <= most, "{}: {} references parted by tabs; expected at most {} (--num-refs)", where, cells, most);
    check(!references.empty(), "{}: no reference; expected at least one", where);
    return references;
}

References read_references(const Evaluation& e) {
    const std::vector<std::string> first = read_text(e, e.references.front());
    if (e.references_a_line == 1) {
        References references(first);
        for (std::size_t i = 1; i < e.references.size(); ++i) {
            const std::vector<std::string> text = read_text(e, e.references[i]);
            check_length(e, e.references[i], text.size(), first.size());
            references.add_text(text);
        }
        return references;
    }
    References references;
    for (std::size_t i = 0; i < first.size(); ++i)
        references.add_sentence(part_references(first[i], static_cast<std::size_t>(e.references_a_line),
                                                fmt::format("'{}', line {}", input_name(e.references.front()), i + 1)));
    return references;
}

std::vector<std::vector<std::string>> read_hypotheses(const Evaluation& e, std::size_t lines) {
    std::vector<std::vector<std::string>> systems;
    for (const std::string& file : e.hypotheses) {
        systems.push_back(read_text(e, file));
        check_length(e, file, systems.back().size(), lines);
    }
    return systems;
}

// BLEU compares text as people write it; sacreBLEU looks for the same mark of text that is not, from as many lines on.
void warn_of_tokenized(const Evaluation& e, const std::vector<std::vector<std::string>>& systems) {
    constexpr std::ptrdiff_t kSuspicious = 100; // lines
    if (e.force || e.tokenize == "none" || std::find(e.metrics.begin(), e.metrics.end(), "bleu") == e.metrics.end()) return;
    for (std::size_t s = 0; s < systems.size(); ++s) {
        const auto lines =
            std::count_if(systems[s].begin(), systems[s].end(), [](const std::string& line) { return line.ends_with(" ."); });
        if (lines >= kSuspicious)
            log_warning("'{}' looks tokenized: {} lines end in ' .'; BLEU compares text as people write it, so detokenize it, or say "
                        "--tokenize none where it must be compared as it is (--force: no warning)",
                        input_name(e.hypotheses[s]), lines);
    }
}

// "bs:1000|seed:12345", what the signature says of random samples.
std::string test_signature(const Evaluation& e) {
    std::string text;
    if (e.confidence || e.paired_bootstrap) text += fmt::format("bs:{}|", e.confidence ? e.confidence_samples : e.bootstrap_samples);
    if (e.paired_randomization) text += fmt::format("ar:{}|", e.randomization_trials);
    return text.empty() ? text : text + fmt::format("seed:{}", e.seed);
}

std::string test_name(const Evaluation& e) {
    if (e.paired_bootstrap) return fmt::format("paired bootstrap resampling, {} samples", e.bootstrap_samples);
    return e.paired_randomization ? fmt::format("paired approximate randomization, {} trials", e.randomization_trials) : "";
}

void add_intervals_and_tests(const Evaluation& e, const Metric& metric, const std::vector<SystemStatistics>& statistics,
                             std::vector<SystemScore>& systems) {
    std::vector<double> p_values;
    if (e.confidence || e.paired_bootstrap) {
        const int samples = e.confidence ? e.confidence_samples : e.bootstrap_samples;
        const std::vector<std::vector<double>> scores = bootstrap_scores(metric, statistics, {samples, e.seed, e.threads});
        for (std::size_t s = 0; s < systems.size(); ++s) systems[s].interval = interval_of(scores[s]);
        if (e.paired_bootstrap) p_values = paired_bootstrap(metric, statistics, scores);
    }
    if (e.paired_randomization) p_values = paired_randomization(metric, statistics, {e.randomization_trials, e.seed, e.threads});
    for (std::size_t s = 0; s < p_values.size(); ++s) systems[s + 1].p_value = p_values[s];
}

MetricScores evaluate(const Evaluation& e, const Metric& metric, const std::vector<std::vector<std::string>>& hypotheses,
                      const References& references) {
    MetricScores result{metric.name(), metric.signature(references.each(), test_signature(e)), {}};
    std::vector<SystemStatistics> statistics;
    for (const std::vector<std::string>& system : hypotheses) {
        statistics.push_back(corpus_statistics(metric, system, references, e.threads));
        const Statistics sum = sum_of(metric, statistics.back());
        result.systems.push_back({metric.score(sum), metric.parts(sum), {}, {}});
    }
    add_intervals_and_tests(e, metric, statistics, result.systems);
    return result;
}

MetricScores evaluate_sentences(const Evaluation& e, const Metric& metric, const std::vector<std::string>& hypotheses,
                                const References& references) {
    MetricScores result{metric.name(), metric.signature(references.each()), {}};
    for (const Statistics& sentence : corpus_statistics(metric, hypotheses, references, e.threads))
        result.systems.push_back({metric.score(sentence), metric.parts(sentence), {}, {}});
    return result;
}

std::string report(const Evaluation& e, const Scores& scores) {
    if (e.json) return format_json(scores);
    if (e.bare) return format_bare(scores, e.decimals);
    return scores.systems.size() == 1 ? format_lines(scores, e.decimals) : format_systems(scores, e.decimals);
}

std::string report_sentences(const Evaluation& e, const MetricScores& sentences) {
    if (e.json) return format_sentences_json(sentences);
    return e.bare ? format_bare_sentences(sentences, e.decimals) : format_sentences(sentences, e.decimals);
}

void print_scores(const Evaluation& e, const std::string& text) {
    if (e.json || e.bare) print(text);
    else print_report(text);
}

} // namespace

int evaluate_command(const std::vector<std::string>& arguments) {
    Evaluation e;
    CommandOptions options(
        {"nmt evaluate", "[--hypotheses FILE ...] --references FILE ... [options]",
         "Compares translations with reference translations, line by line, and prints one line a metric: the score in percent "
         "and the signature that says how it was computed. Scores equal those of sacreBLEU under the same signature. Give it "
         "text as people write it: not tokenized, not lower-cased. Several systems are compared in a table; the first is the "
         "baseline of the tests of significance.",
         "  nmt translate --model model test.de | nmt evaluate --references test.en\n"
         "  nmt evaluate --hypotheses output.en --references test.en --lowercase --json\n"
         "  nmt evaluate -i baseline.en new.en -r test.en -m bleu chrf ter --paired-bs"});
    add_options(options, e);
    options.add_line_limit();
    if (!options.parse(arguments)) return 0;
    for (std::vector<std::string>* files : {&e.hypotheses, &e.references})
        std::replace(files->begin(), files->end(), std::string(), std::string("-"));
    check_usage(options, e);
    e.bleu.tokenizer = e.tokenize;
    e.bleu.smoothing = bleu_smoothing_from_name(e.smooth_method);
    e.bleu.effective_order = e.sentence_level;
    if (options.given("smooth-value")) e.bleu.smooth_value = e.smooth_value;

    const References references = read_references(e);
    const std::vector<std::vector<std::string>> hypotheses = read_hypotheses(e, references.sentences());
    warn_of_tokenized(e, hypotheses);
    Scores scores{e.hypotheses, {}, test_name(e)};
    for (const std::string& name : e.metrics) {
        const auto entry =
            std::find_if(std::begin(kMetrics), std::end(kMetrics), [&](const NamedMetric& metric) { return metric.name == name; });
        const std::unique_ptr<Metric> metric = entry->make(e);
        if (e.sentence_level) {
            print_scores(e, report_sentences(e, evaluate_sentences(e, *metric, hypotheses.front(), references)));
            return 0;
        }
        scores.metrics.push_back(evaluate(e, *metric, hypotheses, references));
    }
    print_scores(e, report(e, scores));
    return 0;
}

} // namespace nmt
