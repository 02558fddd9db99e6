#include "nmt/experiments/report.hpp"

#include <string>

namespace nmt {

nlohmann::ordered_json results_json(const Results& results) {
    using Json = nlohmann::ordered_json;
    const std::set<int> threads = distinct(results, &RunResult::threads);
    Json json{{"recipe", results.recipe},
              {"threads", threads.size() == 1 ? Json(*threads.begin()) : Json(threads)},
              {"instruction_set", results.instruction_set},
              {"onednn", results.onednn},
              {"beam", results.beam},
              {"models", Json::array()}};
    if (results.budget.parameters > 0) json["budget"]["parameters"] = results.budget.parameters;
    if (results.budget.minutes > 0) json["budget"]["minutes"] = results.budget.minutes;
    for (std::size_t m = 0; m < results.models.size(); ++m) {
        const ModelResult& model = results.models[m];
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
            Json by_phenomenon = Json::object(), by_seed = Json::object(), chrf_by_seed = Json::object();
            for (std::size_t i = 0; i < test.by_phenomenon.size(); ++i)
                by_phenomenon[test.by_phenomenon[i].first] =
                    mean(model, [&](const RunResult& r) { return r.tests[t].by_phenomenon[i].second; });
            for (const RunResult& run : model.runs) {
                by_seed[std::to_string(run.seed)] = run.tests[t].bleu;
                chrf_by_seed[std::to_string(run.seed)] = run.tests[t].chrf;
            }
            entry["tests"][test.name] = {{"bleu", mean(model, [&](const RunResult& r) { return r.tests[t].bleu; })},
                                         {"bleu_by_seed", by_seed},
                                         {"signature", test.signature},
                                         {"by_phenomenon", by_phenomenon},
                                         {"chrf", mean(model, [&](const RunResult& r) { return r.tests[t].chrf; })},
                                         {"chrf_by_seed", chrf_by_seed},
                                         {"chrf_signature", test.chrf_signature}};
            if (results.comparisons.empty()) continue;
            const TestComparison& comparison = results.comparisons[t];
            entry["tests"][test.name]["bleu_interval"] = {comparison.bleu[m].low, comparison.bleu[m].high};
            entry["tests"][test.name]["chrf_interval"] = {comparison.chrf[m].low, comparison.chrf[m].high};
            entry["tests"][test.name]["best"] = comparison.best == m;
            entry["tests"][test.name]["like_best"] = static_cast<bool>(comparison.like_best[m]);
        }
        if (results.budget.parameters > 0) entry["exempt_from_parameter_budget"] = model.exempt;
        json["models"].push_back(std::move(entry));
    }
    if (results.comparisons.empty()) return json;
    json["statistics"] = {{"bootstrap_samples", kBootstrapSamples},
                          {"randomization_trials", kRandomizationTrials},
                          {"significance_level", kSignificanceLevel}};
    json["comparisons"] = Json::array();
    for (const TestComparison& comparison : results.comparisons)
        for (const PairComparison& pair : comparison.pairs)
            json["comparisons"].push_back({{"test", comparison.test},
                                           {"metric", "BLEU"},
                                           {"first", results.models[pair.first].name},
                                           {"second", results.models[pair.second].name},
                                           {"difference", pair.difference},
                                           {"p_by_sentences", pair.p_by_sentences},
                                           {"p_by_seeds", pair.p_by_seeds ? Json(*pair.p_by_seeds) : Json()},
                                           {"smallest_p_by_seeds", pair.p_by_seeds ? Json(pair.smallest_p_by_seeds) : Json()}});
    return json;
}

} // namespace nmt
