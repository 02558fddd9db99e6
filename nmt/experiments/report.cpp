#include "nmt/experiments/report.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/line_reader.hpp"
#include "nmt/evaluation/bleu.hpp"
#include "nmt/evaluation/chrf.hpp"
#include "nmt/evaluation/seeds.hpp"

#include <algorithm>

namespace nmt {

std::vector<double> over_runs(const ModelResult& model, const std::function<double(const RunResult&)>& figure) {
    std::vector<double> values;
    for (const RunResult& run : model.runs) values.push_back(figure(run));
    return values;
}

double mean(const ModelResult& model, const std::function<double(const RunResult&)>& figure) {
    return mean_and_deviation(over_runs(model, figure)).mean;
}

double highest(const ModelResult& model, const std::function<double(const RunResult&)>& figure) {
    const std::vector<double> values = over_runs(model, figure);
    return *std::max_element(values.begin(), values.end());
}

TestResult evaluate_test(const TestSet& test, const std::filesystem::path& hypotheses, const std::string& tokenize, int threads) {
    const Bleu bleu({.tokenizer = tokenize});
    const Chrf chrf;
    const std::vector<std::string> hypothesis_lines = read_lines(hypotheses.string()), reference_lines = read_lines(test.target.string());
    check(hypothesis_lines.size() == reference_lines.size(), "'{}' has {} lines and '{}' has {}; remove the first, and it is made again",
          hypotheses.string(), hypothesis_lines.size(), test.target.string(), reference_lines.size());
    TestResult result{test.name, 0, bleu.signature(), {}, 0, chrf.signature()};
    result.bleu_statistics = corpus_statistics(bleu, hypothesis_lines, reference_lines, threads);
    result.chrf_statistics = corpus_statistics(chrf, hypothesis_lines, reference_lines, threads);
    result.bleu = bleu.score(sum_of(bleu, result.bleu_statistics));
    result.chrf = chrf.score(sum_of(chrf, result.chrf_statistics));
    const SystemStatistics& statistics = result.bleu_statistics;
    if (test.labels.empty()) return result;
    const std::vector<std::string> label_lines = read_lines(test.labels.string());
    check(label_lines.size() == statistics.size(), "'{}' has {} labels for {} sentences", test.labels.string(), label_lines.size(),
          statistics.size());
    std::vector<std::pair<std::string, std::vector<Statistics>>> groups;
    for (std::size_t i = 0; i < statistics.size(); ++i) {
        auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.first == label_lines[i]; });
        if (group == groups.end()) group = groups.insert(groups.end(), {label_lines[i], {}});
        group->second.push_back(statistics[i]);
    }
    std::sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [label, members] : groups) result.by_phenomenon.emplace_back(label, bleu.score(sum_of(bleu, members)));
    return result;
}

std::vector<TestComparison> compare_models(const Results& results, int threads) {
    std::vector<TestComparison> comparisons;
    const std::vector<TestResult>& tests = results.models.front().runs.front().tests;
    for (std::size_t t = 0; t < tests.size(); ++t) {
        std::vector<ModelOutputs> models;
        for (const ModelResult& model : results.models) {
            ModelOutputs outputs;
            for (const RunResult& run : model.runs) {
                outputs.bleu.push_back(run.tests[t].bleu);
                outputs.bleu_statistics.push_back(run.tests[t].bleu_statistics);
                outputs.chrf_statistics.push_back(run.tests[t].chrf_statistics);
            }
            models.push_back(std::move(outputs));
        }
        comparisons.push_back(compare_models(tests[t].name, models, threads));
    }
    return comparisons;
}

} // namespace nmt
