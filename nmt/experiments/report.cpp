#include "nmt/experiments/report.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/files.hpp"
#include "nmt/base/table.hpp"
#include "nmt/evaluation/bleu.hpp"
#include "nmt/evaluation/seeds.hpp"

#include <algorithm>
#include <functional>
#include <set>

namespace nmt {
namespace {

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

std::string bleu_cell(const ModelResult& model, std::size_t test) {
    const MeanAndDeviation bleu = mean_and_deviation(over_runs(model, [&](const RunResult& run) { return run.tests[test].bleu; }));
    return model.runs.size() == 1 ? fmt::format("{:.1f}", bleu.mean) : fmt::format("{:.1f} ± {:.1f}", bleu.mean, bleu.deviation);
}

std::string summary_table(const Results& results) {
    std::vector<std::vector<std::string>> rows{{"model", "parameters"}};
    const std::vector<TestResult>& tests = results.models.front().runs.front().tests;
    for (const TestResult& test : tests) rows[0].push_back("BLEU " + test.name);
    for (const char* column : {"training min", "in all", "target tokens/s", "sentences/s", "MiB training", "MiB translating"})
        rows[0].push_back(column);
    for (const ModelResult& model : results.models) {
        std::vector<std::string> row{model.name, fmt::format("{}", model.runs.front().parameters)};
        for (std::size_t t = 0; t < tests.size(); ++t) row.push_back(bleu_cell(model, t));
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

} // namespace

TestResult evaluate_test(const std::string& name, const std::filesystem::path& hypotheses, const std::filesystem::path& references,
                         const std::filesystem::path& labels, const std::string& tokenize) {
    const Bleu bleu({.tokenizer = bleu_tokenizer_from_name(tokenize)});
    const std::vector<std::string> hypothesis_lines = read_lines(hypotheses.string()), reference_lines = read_lines(references.string());
    const std::vector<Statistics> statistics = corpus_statistics(bleu, hypothesis_lines, reference_lines);
    TestResult result{name, bleu.score(sum_of(bleu, statistics)), bleu.signature(), {}};
    if (labels.empty()) return result;
    const std::vector<std::string> label_lines = read_lines(labels.string());
    check(label_lines.size() == statistics.size(), "'{}' has {} labels for {} sentences", labels.string(), label_lines.size(),
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

namespace {

// The precisions that the runs were trained in, each once.
std::set<std::string> precisions_of(const Results& results) {
    std::set<std::string> precisions;
    for (const ModelResult& model : results.models)
        for (const RunResult& run : model.runs) precisions.insert(run.precision);
    return precisions;
}

} // namespace

std::string format_results(const Results& results) {
    std::string text = fmt::format("# {}\n\n{}", results.title.empty() ? results.recipe : results.title, summary_table(results));
    const std::vector<TestResult>& tests = results.models.front().runs.front().tests;
    for (std::size_t t = 0; t < tests.size(); ++t) text += phenomenon_table(results, t);
    std::vector<std::uint64_t> seeds;
    for (const RunResult& run : results.models.front().runs) seeds.push_back(run.seed);
    text += fmt::format(
        "\nBLEU: {}; beam {}; {} {}{}. Training minutes: updates alone, and in all with validation.\n"
        "Memory: the peak of the process that trained, and of the one that translated. {} threads, {}, oneDNN {}, training in {}.\n",
        tests.front().signature, results.beam, seeds.size() == 1 ? "one run, seed" : "mean ± standard deviation over seeds",
        fmt::join(seeds, ", "), "", results.threads, results.instruction_set, results.onednn, fmt::join(precisions_of(results), " and "));
    return text + example_list(results);
}

nlohmann::ordered_json results_json(const Results& results) {
    using Json = nlohmann::ordered_json;
    Json json{{"recipe", results.recipe}, {"threads", results.threads}, {"instruction_set", results.instruction_set},
              {"onednn", results.onednn}, {"beam", results.beam},       {"models", Json::array()}};
    for (const ModelResult& model : results.models) {
        Json entry{{"name", model.name},
                   {"parameters", model.runs.front().parameters},
                   {"precision", model.runs.front().precision},
                   {"training_minutes", mean(model, [](const RunResult& r) { return r.training_minutes; })},
                   {"training_minutes_in_all", mean(model, [](const RunResult& r) { return r.training_minutes_in_all; })},
                   {"target_tokens_per_second", mean(model, [](const RunResult& r) { return r.target_tokens_per_second; })},
                   {"translation_sentences_per_second", mean(model, [](const RunResult& r) { return r.sentences_per_second; })},
                   {"peak_memory_mib", highest(model, [](const RunResult& r) { return r.training_memory_mib; })},
                   {"translation_peak_memory_mib", highest(model, [](const RunResult& r) { return r.translation_memory_mib; })}};
        for (std::size_t t = 0; t < model.runs.front().tests.size(); ++t) {
            const TestResult& test = model.runs.front().tests[t];
            Json by_phenomenon = Json::object(), by_seed = Json::object();
            for (std::size_t i = 0; i < test.by_phenomenon.size(); ++i)
                by_phenomenon[test.by_phenomenon[i].first] =
                    mean(model, [&](const RunResult& r) { return r.tests[t].by_phenomenon[i].second; });
            for (const RunResult& run : model.runs) by_seed[std::to_string(run.seed)] = run.tests[t].bleu;
            entry["tests"][test.name] = {{"bleu", mean(model, [&](const RunResult& r) { return r.tests[t].bleu; })},
                                         {"bleu_by_seed", by_seed},
                                         {"signature", test.signature},
                                         {"by_phenomenon", by_phenomenon}};
        }
        json["models"].push_back(std::move(entry));
    }
    return json;
}

} // namespace nmt
