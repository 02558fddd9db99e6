#include "nmt/experiments/run_analysis.hpp"

#include "nmt/base/checksum.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/line_reader.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/evaluation/bleu_tokenizer.hpp"
#include "nmt/evaluation/python_text.hpp"
#include "nmt/experiments/child_process.hpp"
#include "nmt/experiments/learning_curve.hpp"
#include "nmt/experiments/model_analysis.hpp"
#include "nmt/experiments/score_significance.hpp"
#include "nmt/experiments/setup_table.hpp"
#include "nmt/experiments/test_set_analysis.hpp"
#include "nmt/experiments/work_folder.hpp"

#include <algorithm>
#include <fstream>

namespace nmt {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kGradientPairs = 200; // a mean over more of them looks the same
// Test sentences whose attention is shown where the recipe has no examples: long enough to show something, short enough to read.
constexpr std::size_t kShownSentences = 3, kFewestWords = 6, kMostWords = 16;

// As its maker calls it; empty where the system does not say.
std::string processor_name() {
    std::ifstream information("/proc/cpuinfo");
    for (std::string line; std::getline(information, line);)
        if (line.starts_with("model name"))
            if (const std::size_t colon = line.find(": "); colon != std::string::npos) return line.substr(colon + 2);
    return "";
}

class Analyst {
  public:
    explicit Analyst(const FinishedRun& run) : run_(run), recipe_(run.recipe) {}

    Json document() const {
        Json document = run_.results;
        document["title"] = recipe_.title.empty() ? recipe_.name : recipe_.title;
        document["source"] = recipe_.data.source;
        document["target"] = recipe_.data.target;
        document["seeds"] = recipe_.seeds;
        document["processor"] = processor_name();
        document["day"] = last_day();
        document["tests"] = tests();
        const ModelAnalysisOptions options = model_options();
        Json attention{{"sentences", options.sentences}, {"models", Json::array()}};
        for (std::size_t m = 0; m < recipe_.models.size(); ++m) {
            Json& entry = document["models"][m];
            entry["architecture"] = recipe_.models[m].model.architecture;
            entry["learning"] = learning(recipe_.models[m].name);
            const Json looked_at = model_analysis(recipe_.models[m].name, options);
            entry["gradient_flow"] = looked_at["gradient_flow"];
            if (!looked_at["attention"].is_null()) attention["models"].push_back({{"model", m}, {"sentences", looked_at["attention"]}});
        }
        document["attention"] = std::move(attention);
        document["setup"] = setup_table(recipe_, run_.data);
        return document;
    }

  private:
    fs::path folder(const std::string& model, std::uint64_t seed) const { return run_folder(recipe_, run_.work, model, seed); }

    Json tests() const {
        const BleuTokenizer tokenizer = recipe_.tokenize;
        WordFrequencies frequencies;
        LineReader training(run_.data.files.train_target);
        for (std::string line; training.next(line);) frequencies.add(tokenizer(line));
        Json tests = Json::array();
        for (const TestSet& test : run_.data.tests) {
            TestOutputs outputs{test.name, read_lines(test.source.string()), read_lines(test.target.string()), {}, {}};
            if (!test.labels.empty()) outputs.labels = read_lines(test.labels.string());
            for (const RecipeModel& model : recipe_.models) {
                outputs.runs.emplace_back();
                for (const std::uint64_t seed : recipe_.seeds)
                    outputs.runs.back().push_back(read_lines(hypotheses_file(folder(model.name, seed), test.name).string()));
            }
            tests.push_back(analyse_test_set(outputs, frequencies, recipe_.tokenize));
            tests.back()["significance"] = significance_in(run_.results, test.name);
        }
        return tests;
    }

    // Of the last training; not today's, so that the same results are the same page.
    std::string last_day() const {
        std::string day;
        for (const RecipeModel& model : recipe_.models)
            for (const std::uint64_t seed : recipe_.seeds) day = std::max(day, nmt::last_day(folder(model.name, seed)));
        return day;
    }

    Json learning(const std::string& model) const {
        Json curves = Json::array();
        for (const std::uint64_t seed : recipe_.seeds) {
            Json curve{{"seed", seed}};
            curve.update(learning_curve(folder(model, seed)));
            curves.push_back(std::move(curve));
        }
        return curves;
    }

    ModelAnalysisOptions model_options() const {
        ModelAnalysisOptions options;
        const TestSet& test = run_.data.tests.front();
        options.source = read_lines(test.source.string());
        options.target = read_lines(test.target.string());
        options.sentences = recipe_.examples;
        for (std::size_t i = 0; i < options.source.size() && recipe_.examples.empty() && options.sentences.size() < kShownSentences; ++i) {
            const std::size_t words = split_words(options.source[i]).size();
            if (words >= kFewestWords && words <= kMostWords) options.sentences.push_back(options.source[i]);
        }
        options.source.resize(std::min(options.source.size(), kGradientPairs));
        options.target.resize(std::min(options.target.size(), kGradientPairs));
        options.search = recipe_.translation.search;
        options.search.forbid_unknown = recipe_.translation.unknown == "forbid";
        options.threads = run_.threads;
        return options;
    }

    // Of a model's first seed; done again only where the model or what is asked has changed.
    Json model_analysis(const std::string& model, ModelAnalysisOptions options) const {
        const fs::path folder = this->folder(model, recipe_.seeds.front()), file = folder / "analysis.json";
        const std::string how = sha256(Json{sha256_of_file(folder / "model.safetensors"), options.source, options.target, options.sentences,
                                            format_section("search", options.search)}
                                           .dump(-1, ' ', false, Json::error_handler_t::replace));
        if (fs::exists(file)) {
            const Json kept = Json::parse(read_file(file), nullptr, false);
            if (is_model_analysis(kept) && kept.contains("how") && kept["how"] == how) return kept; // else of another time, or damaged
        }
        log_info("{}: gradient flow and attention", model);
        run_in_child([&] {
            Json found = analyse_model(folder, options);
            found["how"] = how;
            write_file(file, found.dump(-1, ' ', false, Json::error_handler_t::replace));
        });
        return Json::parse(read_file(file));
    }

    const FinishedRun& run_;
    const Recipe& recipe_;
};

} // namespace

Json analyse_run(const FinishedRun& run) { return Analyst(run).document(); }

} // namespace nmt
