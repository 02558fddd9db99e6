#include "nmt/experiments/report.hpp"

#include "nmt/base/table.hpp"
#include "nmt/evaluation/seeds.hpp"

#include <algorithm>

#include <fmt/ranges.h>

namespace nmt {
namespace {

constexpr const char* kLikeBest = "≈";

std::string score_cell(const ModelResult& model, const std::function<double(const RunResult&)>& score) {
    const MeanAndDeviation figure = mean_and_deviation(over_runs(model, score));
    return model.runs.size() == 1 ? fmt::format("{:.1f}", figure.mean) : fmt::format("{:.1f} ± {:.1f}", figure.mean, figure.deviation);
}

std::string bleu_cell(const ModelResult& model, std::size_t test) {
    return score_cell(model, [&](const RunResult& run) { return run.tests[test].bleu; });
}

std::string chrf_cell(const ModelResult& model, std::size_t test) {
    return score_cell(model, [&](const RunResult& run) { return run.tests[test].chrf; });
}

bool marks_any(const Results& results) {
    return std::any_of(results.comparisons.begin(), results.comparisons.end(), [](const TestComparison& comparison) {
        return std::find(comparison.like_best.begin(), comparison.like_best.end(), true) != comparison.like_best.end();
    });
}

// Behind the figure; blank for the others of a column with marks, so that its figures line up.
std::string mark(const Results& results, std::size_t model, std::size_t test) {
    if (results.comparisons.empty()) return "";
    const std::vector<bool>& marked = results.comparisons[test].like_best;
    if (std::find(marked.begin(), marked.end(), true) == marked.end()) return "";
    return fmt::format(" {}", marked[model] ? kLikeBest : " ");
}

std::string summary_table(const Results& results) {
    std::vector<std::vector<std::string>> rows{{"model", "parameters"}};
    const std::vector<TestResult>& tests = results.models.front().runs.front().tests;
    for (const TestResult& test : tests) {
        rows[0].push_back("BLEU " + test.name);
        rows[0].push_back("chrF2");
    }
    for (const char* column : {"training min", "in all", "target tokens/s", "sentences/s", "MiB training", "MiB translating"})
        rows[0].push_back(column);
    for (std::size_t m = 0; m < results.models.size(); ++m) {
        const ModelResult& model = results.models[m];
        std::vector<std::string> row{model.name, fmt::format("{}", model.runs.front().parameters)};
        for (std::size_t t = 0; t < tests.size(); ++t) {
            row.push_back(bleu_cell(model, t) + mark(results, m, t));
            row.push_back(chrf_cell(model, t));
        }
        row.push_back(fmt::format("{:.1f}", mean(model, [](const RunResult& r) { return r.training_minutes; })));
        row.push_back(fmt::format("{:.1f}", mean(model, [](const RunResult& r) { return r.training_minutes_in_all; })));
        const double rate = mean(model, [](const RunResult& r) { return r.target_tokens_per_second; });
        row.push_back(rate > 0 ? fmt::format("{:.0f}", rate) : "-");
        row.push_back(fmt::format("{:.0f}", mean(model, [](const RunResult& r) { return r.sentences_per_second; })));
        row.push_back(fmt::format("{:.0f}", highest(model, [](const RunResult& r) { return r.training_memory_mib; })));
        row.push_back(fmt::format("{:.0f}", highest(model, [](const RunResult& r) { return r.translation_memory_mib; })));
        rows.push_back(std::move(row));
    }
    return format_table(rows);
}

std::string phenomenon_table(const Results& results, std::size_t test) {
    const TestResult& first = results.models.front().runs.front().tests[test];
    if (first.by_phenomenon.empty()) return "";
    std::vector<std::vector<std::string>> rows{{"BLEU by phenomenon"}};
    for (const ModelResult& model : results.models) rows[0].push_back(model.name);
    for (std::size_t i = 0; i < first.by_phenomenon.size(); ++i) {
        std::vector<std::string> row{first.by_phenomenon[i].first};
        for (const ModelResult& model : results.models)
            row.push_back(
                fmt::format("{:.1f}", mean(model, [&](const RunResult& run) { return run.tests[test].by_phenomenon[i].second; })));
        rows.push_back(std::move(row));
    }
    return '\n' + format_table(rows);
}

std::string interval_cell(const Bounds& bounds) { return fmt::format("{:.1f} to {:.1f}", bounds.low, bounds.high); }

// The intervals of a test set's scores, and what two models at a time make of each other.
std::string comparison_tables(const Results& results, std::size_t test) {
    if (results.comparisons.empty()) return "";
    const TestComparison& comparison = results.comparisons[test];
    std::vector<std::vector<std::string>> rows{{comparison.test, "BLEU", "95 % interval", "chrF2", "95 % interval"}};
    for (std::size_t m = 0; m < results.models.size(); ++m)
        rows.push_back({results.models[m].name, bleu_cell(results.models[m], test), interval_cell(comparison.bleu[m]),
                        chrf_cell(results.models[m], test), interval_cell(comparison.chrf[m])});
    std::string text = '\n' + format_table(rows);
    if (comparison.pairs.empty()) return text;
    rows = {{"difference on " + comparison.test, "BLEU", "p by sentences", "p by seeds"}};
    for (const PairComparison& pair : comparison.pairs)
        rows.push_back({fmt::format("{} - {}", results.models[pair.second].name, results.models[pair.first].name),
                        fmt::format("{:+.1f}", pair.difference), fmt::format("{:.4f}", pair.p_by_sentences),
                        pair.p_by_seeds ? fmt::format("{:.4f}", *pair.p_by_seeds) : "-"});
    return text + '\n' + format_table(rows);
}

std::string explain_statistics(const Results& results) {
    if (results.comparisons.empty()) return "";
    const std::size_t seeds = results.models.front().runs.size();
    const std::vector<PairComparison>& pairs = results.comparisons.front().pairs;
    std::string text;
    if (marks_any(results))
        text += fmt::format("{} not significantly different from the column's best BLEU: p >= {} by sentences{}.\n", kLikeBest,
                            kSignificanceLevel, pairs.front().smallest_p_by_seeds < kSignificanceLevel ? ", or by seeds" : "");
    text += fmt::format("95 % interval: bootstrap over sentences, {} test sets drawn once for all models{}.\n", kBootstrapSamples,
                        seeds > 1 ? "; of the mean over the seeds" : "");
    if (pairs.empty()) return text;
    text += fmt::format("p by sentences: paired approximate randomization, {} trials, two-sided, of the difference in {}BLEU{}.\n",
                        kRandomizationTrials, seeds > 1 ? "mean " : "",
                        seeds > 1 ? "; all seeds'\ntranslations of a sentence change sides together" : "");
    if (pairs.front().p_by_seeds)
        text += fmt::format(
            "p by seeds: exact permutation test of the seeds' BLEU, two-sided; with {} seeds a model it is {:.2g} at the least.\n", seeds,
            pairs.front().smallest_p_by_seeds);
    else if (seeds == 1) text += "p by seeds: needs more than one seed; whether another training would give the same order is not known.\n";
    else text += fmt::format("p by seeds: left out; the test takes at most {} seeds a model.\n", kMostSeeds / 2);
    return text + "p-values are those of single comparisons, not corrected for their number.\n";
}

std::string explain_budget(const Results& results) {
    const Budget& budget = results.budget;
    std::string text;
    if (budget.parameters > 0) {
        text += fmt::format("Budget: {} parameters, to which each model's widths are scaled within {:.0f} %", budget.parameters,
                            100 * kParameterTolerance);
        std::vector<std::string> exempt;
        for (const ModelResult& model : results.models)
            if (model.exempt) exempt.push_back(model.name);
        if (!exempt.empty())
            text += fmt::format("; {} {} no widths and {} exempt", fmt::join(exempt, ", "), exempt.size() == 1 ? "has" : "have",
                                exempt.size() == 1 ? "is" : "are");
        text += ".\n";
    }
    if (budget.minutes > 0) text += fmt::format("Budget: {} minutes of updates for each training.\n", budget.minutes);
    return text;
}

std::string example_list(const Results& results) {
    std::string text;
    std::size_t width = 6;
    for (const ModelResult& model : results.models) width = std::max(width, model.name.size());
    for (std::size_t i = 0; i < results.examples.size(); ++i) {
        text += fmt::format("\n    {:<{}}  {}\n", "source", width, results.examples[i]);
        for (const ModelResult& model : results.models)
            text += fmt::format("    {:<{}}  {}\n", model.name, width, model.runs.front().examples.at(i));
    }
    return text.empty() ? text : "\nSome sentences (first seed):\n" + text;
}

// The precisions that the runs were trained in, each once.
} // namespace

std::string format_results(const Results& results) {
    std::string text = fmt::format("# {}\n\n{}", results.title.empty() ? results.recipe : results.title, summary_table(results));
    const std::vector<TestResult>& tests = results.models.front().runs.front().tests;
    for (std::size_t t = 0; t < tests.size(); ++t) text += comparison_tables(results, t) + phenomenon_table(results, t);
    std::vector<std::uint64_t> seeds;
    for (const RunResult& run : results.models.front().runs) seeds.push_back(run.seed);
    text += fmt::format(
        "\n{}{}BLEU: {}\nchrF2: {}\nBeam {}; {} {}. Training minutes: updates alone, and in all with validation.\n"
        "Memory: the peak of the process that trained, and of the one that translated. {} threads, {}, oneDNN {}, training in {}.\n",
        explain_statistics(results), explain_budget(results), tests.front().signature, tests.front().chrf_signature, results.beam,
        seeds.size() == 1 ? "one run, seed" : "mean ± standard deviation over seeds", fmt::join(seeds, ", "),
        fmt::join(distinct(results, &RunResult::threads), " and "), results.instruction_set, results.onednn,
        fmt::join(distinct(results, &RunResult::precision), " and "));
    return text + example_list(results);
}

} // namespace nmt
