#include "nmt/experiments/comparison.hpp"

#include "nmt/evaluation/bleu.hpp"
#include "nmt/evaluation/chrf.hpp"
#include "nmt/evaluation/seeds.hpp"

#include <algorithm>

namespace nmt {
namespace {

std::vector<Bounds> intervals(const Metric& metric, const std::vector<SeededStatistics>& models, int threads) {
    std::vector<Bounds> all;
    for (const std::vector<double>& scores : bootstrap_mean_scores(metric, models, {.samples = kBootstrapSamples, .threads = threads}))
        all.push_back(bounds_of(scores));
    return all;
}

PairComparison compare_pair(const std::vector<ModelOutputs>& models, std::size_t first, std::size_t second, int threads) {
    PairComparison pair{first, second};
    const std::vector<double>&ours = models[first].bleu, &theirs = models[second].bleu;
    pair.difference = mean_and_deviation(theirs).mean - mean_and_deviation(ours).mean;
    pair.p_by_sentences = paired_randomization_over_seeds(Bleu(), models[first].bleu_statistics, models[second].bleu_statistics,
                                                          {.samples = kRandomizationTrials, .threads = threads});
    if (ours.size() > 1 && ours.size() + theirs.size() <= kMostSeeds) {
        const SeedComparison seeds = compare_seeds(ours, theirs);
        pair.p_by_seeds = seeds.p_value;
        pair.smallest_p_by_seeds = seeds.smallest_p_value;
    }
    return pair;
}

bool is_significant(const PairComparison& pair) {
    const bool seeds_can_tell = pair.p_by_seeds && pair.smallest_p_by_seeds < kSignificanceLevel;
    return pair.p_by_sentences < kSignificanceLevel && (!seeds_can_tell || *pair.p_by_seeds < kSignificanceLevel);
}

} // namespace

TestComparison compare_models(const std::string& test, const std::vector<ModelOutputs>& models, int threads) {
    TestComparison comparison{test, {}, {}, {}, 0, std::vector<bool>(models.size(), false)};
    std::vector<SeededStatistics> bleu, chrf;
    std::vector<double> means;
    for (const ModelOutputs& model : models) {
        bleu.push_back(model.bleu_statistics);
        chrf.push_back(model.chrf_statistics);
        means.push_back(mean_and_deviation(model.bleu).mean);
    }
    // Of the settings of a metric its score depends on none that a recipe changes.
    comparison.bleu = intervals(Bleu(), bleu, threads);
    comparison.chrf = intervals(Chrf(), chrf, threads);
    comparison.best = static_cast<std::size_t>(std::max_element(means.begin(), means.end()) - means.begin());
    for (std::size_t first = 0; first < models.size(); ++first)
        for (std::size_t second = first + 1; second < models.size(); ++second) {
            comparison.pairs.push_back(compare_pair(models, first, second, threads));
            if (is_significant(comparison.pairs.back())) continue;
            if (first == comparison.best) comparison.like_best[second] = true;
            if (second == comparison.best) comparison.like_best[first] = true;
        }
    return comparison;
}

} // namespace nmt
