#include "nmt/experiments/score_significance.hpp"

#include "nmt/evaluation/bleu.hpp"
#include "nmt/evaluation/seeds.hpp"
#include "nmt/evaluation/significance.hpp"

#include <algorithm>

namespace nmt {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostSeeds = 24; // of two models together that compare_seeds() takes

std::vector<double> corpus_scores(const Metric& metric, const std::vector<SystemStatistics>& seeds) {
    std::vector<double> scores;
    for (const SystemStatistics& seed : seeds) scores.push_back(metric.score(sum_of(metric, seed)));
    return scores;
}

// For each resampled test set the mean over some systems, of which the first is number `first`.
std::vector<double> mean_over_systems(const std::vector<std::vector<double>>& scores, std::size_t first, std::size_t count) {
    std::vector<double> means(scores.front().size(), 0.0);
    for (std::size_t s = first; s < first + count; ++s)
        for (std::size_t k = 0; k < means.size(); ++k) means[k] += scores[s][k] / static_cast<double>(count);
    return means;
}

// Paired bootstrap of two systems, from their scores on the resampled test sets. Outputs that score alike everywhere differ by nothing.
double p_by_sentences(const Metric& metric, const SystemStatistics& first, const SystemStatistics& second,
                      const std::vector<double>& first_scores, const std::vector<double>& second_scores) {
    if (first_scores == second_scores) return 1;
    return paired_bootstrap(metric, std::vector<SystemStatistics>{first, second}, {first_scores, second_scores}).front();
}

} // namespace

Json score_significance(const TestOutputs& test, const std::string& tokenize) {
    const Bleu metric({.tokenizer = bleu_tokenizer_from_name(tokenize)});
    std::vector<std::vector<SystemStatistics>> models;
    for (const std::vector<std::vector<std::string>>& seeds : test.runs) {
        models.emplace_back();
        for (const std::vector<std::string>& hypotheses : seeds)
            models.back().push_back(corpus_statistics(metric, hypotheses, test.reference));
    }
    const ResamplingOptions options;
    std::vector<SystemStatistics> systems; // the seeds of all models, one after another
    std::vector<std::size_t> first;        // of each model
    std::vector<std::vector<double>> by_seed;
    for (const std::vector<SystemStatistics>& seeds : models) {
        first.push_back(systems.size());
        systems.insert(systems.end(), seeds.begin(), seeds.end());
        by_seed.push_back(corpus_scores(metric, seeds));
    }
    const std::vector<std::vector<double>> scores = bootstrap_scores(metric, systems, options);
    Json result{{"method", "paired bootstrap, first seed of both"},
                {"samples", options.samples},
                {"intervals", Json::array()},
                {"pairs", Json::array()}};
    for (std::size_t m = 0; m < models.size(); ++m) {
        const Interval interval = interval_of(mean_over_systems(scores, first[m], models[m].size()));
        result["intervals"].push_back({{"low", interval.mean - interval.half_width}, {"high", interval.mean + interval.half_width}});
    }
    for (std::size_t a = 0; a < models.size(); ++a) {
        for (std::size_t b = a + 1; b < models.size(); ++b) {
            const double difference = mean_and_deviation(by_seed[b]).mean - mean_and_deviation(by_seed[a]).mean;
            Json pair{{"first", a},
                      {"second", b},
                      {"difference", difference},
                      {"p_sentences", p_by_sentences(metric, models[a].front(), models[b].front(), scores[first[a]], scores[first[b]])},
                      {"p_seeds", nullptr},
                      {"smallest_p_seeds", nullptr}};
            if (by_seed[a].size() > 1 && by_seed[b].size() > 1 && by_seed[a].size() + by_seed[b].size() <= kMostSeeds) {
                const SeedComparison seeds = compare_seeds(by_seed[a], by_seed[b]);
                pair["p_seeds"] = seeds.p_value;
                pair["smallest_p_seeds"] = seeds.smallest_p_value;
            }
            result["pairs"].push_back(std::move(pair));
        }
    }
    return result;
}

Json significance_in(const Json& results, const std::string& test) {
    Json result{{"method", "paired approximate randomization, all seeds"},
                {"samples", results.at("statistics").at("bootstrap_samples")},
                {"intervals", Json::array()},
                {"pairs", Json::array()}};
    const Json& models = results.at("models");
    const auto number_of = [&](const Json& name) {
        return std::find_if(models.begin(), models.end(), [&](const Json& model) { return model.at("name") == name; }) - models.begin();
    };
    for (const Json& model : models) {
        const Json& interval = model.at("tests").at(test).at("bleu_interval");
        result["intervals"].push_back({{"low", interval[0]}, {"high", interval[1]}});
    }
    for (const Json& pair : results.at("comparisons")) {
        if (pair.at("test") != test) continue;
        result["pairs"].push_back({{"first", number_of(pair.at("first"))},
                                   {"second", number_of(pair.at("second"))},
                                   {"difference", pair.at("difference")},
                                   {"p_sentences", pair.at("p_by_sentences")},
                                   {"p_seeds", pair.at("p_by_seeds")},
                                   {"smallest_p_seeds", pair.at("smallest_p_by_seeds")}});
    }
    return result;
}

} // namespace nmt
