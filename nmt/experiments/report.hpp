// The results of a recipe: what was measured, as a table for people and as JSON for programs.
#pragma once

#include "nmt/experiments/budget.hpp"
#include "nmt/experiments/comparison.hpp"
#include "nmt/experiments/recipe_data.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace nmt {

struct TestResult {
    std::string name;
    double bleu = 0;
    std::string signature;
    std::vector<std::pair<std::string, double>> by_phenomenon; // BLEU of the sentences with each label, sorted by label
    double chrf = 0;
    std::string chrf_signature = {};
    SystemStatistics bleu_statistics = {}, chrf_statistics = {}; // of each sentence
};

// One model, trained once.
struct RunResult {
    std::uint64_t seed = 0;
    int threads = 0;       // of the training
    std::string precision; // of the training's products: "f32" or "bf16"
    std::int64_t parameters = 0;
    double training_minutes = 0; // of updates alone
    double training_minutes_in_all = 0;
    double target_tokens_per_second = 0;
    double sentences_per_second = 0;                            // of translating the test sets
    double training_memory_mib = 0, translation_memory_mib = 0; // peaks
    std::vector<TestResult> tests;
    std::vector<std::string> examples; // translations of Results::examples
};

struct ModelResult {
    std::string name;
    std::vector<RunResult> runs; // one a seed
    bool exempt = false;         // from the budget of parameters, because it has no widths
};

struct Results {
    std::string recipe, title, instruction_set, onednn;
    int beam = 0;
    std::vector<ModelResult> models;
    std::vector<std::string> examples; // source sentences
    Budget budget = {};
    std::vector<TestComparison> comparisons = {}; // one a test set; empty: the models were not compared
};

// BLEU and chrF of a file of translations of a test set, BLEU over words as `tokenize` makes them (BleuTokenizer), and by phenomenon
// where there is a file of labels. threads: 0 means all cores. Throws Error for unequal files.
TestResult evaluate_test(const TestSet& test, const std::filesystem::path& hypotheses, const std::string& tokenize = "13a",
                         int threads = 1);

// The comparison of the models on each test set: for Results::comparisons. threads as above. Throws as compare_models() does.
std::vector<TestComparison> compare_models(const Results& results, int threads);

// What the runs of all models have for a member, each value once: several where the work was resumed in another way.
template <typename Value>
std::set<Value> distinct(const Results& results, Value RunResult::*member) {
    std::set<Value> values;
    for (const ModelResult& model : results.models)
        for (const RunResult& run : model.runs) values.insert(run.*member);
    return values;
}

// Figures of the runs of a model: all, their mean, and the highest.
std::vector<double> over_runs(const ModelResult& model, const std::function<double(const RunResult&)>& figure);
double mean(const ModelResult& model, const std::function<double(const RunResult&)>& figure);
double highest(const ModelResult& model, const std::function<double(const RunResult&)>& figure);

std::string format_results(const Results& results); // Markdown that reads well as plain text
nlohmann::ordered_json results_json(const Results& results);

} // namespace nmt
