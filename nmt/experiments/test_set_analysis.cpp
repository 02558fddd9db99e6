#include "nmt/experiments/test_set_analysis.hpp"

#include "nmt/evaluation/bleu.hpp"
#include "nmt/evaluation/chrf.hpp"
#include "nmt/evaluation/disagreement.hpp"
#include "nmt/evaluation/length_buckets.hpp"
#include "nmt/evaluation/output_faults.hpp"
#include "nmt/evaluation/python_text.hpp"
#include "nmt/evaluation/seeds.hpp"
#include "nmt/evaluation/significance.hpp"
#include "nmt/experiments/rounding.hpp"

#include <algorithm>
#include <functional>
#include <map>

namespace nmt {
namespace {

using Json = nlohmann::ordered_json;
using Lines = std::vector<std::string>;

// Sentences that have a score of their own.
struct Group {
    std::string name;
    std::vector<std::size_t> sentences;
};

Json groups_json(const std::vector<Group>& groups) {
    Json json = Json::array();
    for (const Group& group : groups) json.push_back({{"name", group.name}, {"count", group.sentences.size()}});
    return json;
}

// Sorted by label.
std::vector<Group> groups_by_label(const Lines& labels) {
    std::map<std::string, std::vector<std::size_t>> by_label;
    for (std::size_t i = 0; i < labels.size(); ++i) by_label[labels[i]].push_back(i);
    std::vector<Group> groups;
    for (const auto& [label, sentences] : by_label) groups.push_back({label, sentences});
    return groups;
}

std::vector<Group> groups_by_length(const Lines& source) {
    std::vector<Group> groups;
    for (const LengthBucket& bucket : length_buckets(source)) groups.push_back({bucket.name(), bucket.sentences});
    return groups;
}

class Analysis {
  public:
    Analysis(const TestOutputs& test, const WordFrequencies& frequencies, const std::string& tokenize)
        : test_(test), frequencies_(frequencies), tokenizer_(tokenize), bleu_({.tokenizer = tokenizer_}),
          words_of_reference_(words_of(test.reference)), by_length_(groups_by_length(test.source)),
          by_label_(groups_by_label(test.labels)) {
        check(!test.source.empty() && test.source.size() == test.reference.size(),
              "test set {}: {} sources and {} references; expected as many of both, and one at least", test.name, test.source.size(),
              test.reference.size());
        check(test.labels.empty() || test.labels.size() == test.source.size(), "test set {}: {} labels for {} sentences", test.name,
              test.labels.size(), test.source.size());
        for (const std::vector<Lines>& seeds : test.runs) {
            bleu_statistics_.emplace_back();
            chrf_statistics_.emplace_back();
            for (const Lines& hypotheses : seeds) {
                bleu_statistics_.back().push_back(corpus_statistics(bleu_, hypotheses, test.reference));
                chrf_statistics_.back().push_back(corpus_statistics(chrf_, hypotheses, test.reference));
            }
        }
    }

    Json document() const {
        Json json{{"name", test_.name},
                  {"signatures", {bleu_.signature(), chrf_.signature()}},
                  {"sentences", test_.source.size()},
                  {"lengths", groups_json(by_length_)},
                  {"frequencies", Json::array()},
                  {"phenomena", groups_json(by_label_)},
                  {"numbers_expected", numbers_kept(test_.source, test_.reference, test_.reference).expected},
                  {"systems", Json::array()}};
        for (const FrequencyBucket& bucket : words_by_frequency(frequencies_, words_of_reference_, words_of_reference_))
            json["frequencies"].push_back({{"name", bucket.name()}, {"count", bucket.reference}});
        for (std::size_t m = 0; m < test_.runs.size(); ++m) json["systems"].push_back(system(m));
        json["list"] = list();
        return json;
    }

  private:
    Lines words_of(const Lines& lines) const {
        Lines words;
        for (const std::string& line : lines) words.push_back(tokenizer_(line));
        return words;
    }

    // The mean over a model's seeds of what `figures` gives for one of them.
    Json mean_over_seeds(std::size_t model, const std::function<std::vector<double>(std::size_t)>& figures) const {
        const std::size_t seeds = test_.runs[model].size();
        std::vector<double> sum;
        for (std::size_t k = 0; k < seeds; ++k) {
            const std::vector<double> values = figures(k);
            sum.resize(values.size(), 0.0);
            for (std::size_t i = 0; i < values.size(); ++i) sum[i] += values[i];
        }
        Json json = Json::array();
        for (const double value : sum) json.push_back(rounded(value / static_cast<double>(seeds), 4));
        return json;
    }

    std::vector<double> scores_of(const std::vector<Group>& groups, const SystemStatistics& statistics) const {
        std::vector<double> scores;
        for (const Group& group : groups) scores.push_back(score_of_sentences(bleu_, statistics, group.sentences));
        return scores;
    }

    static std::vector<double> corpus_scores(const Metric& metric, const std::vector<SystemStatistics>& seeds) {
        std::vector<double> scores;
        for (const SystemStatistics& seed : seeds) scores.push_back(metric.score(sum_of(metric, seed)));
        return scores;
    }

    Json system(std::size_t m) const {
        const std::vector<double> bleu = corpus_scores(bleu_, bleu_statistics_[m]), chrf = corpus_scores(chrf_, chrf_statistics_[m]);
        const MeanAndDeviation of_bleu = mean_and_deviation(bleu), of_chrf = mean_and_deviation(chrf);
        Json json{{"bleu", of_bleu.mean},
                  {"bleu_deviation", of_bleu.deviation},
                  {"bleu_by_seed", bleu},
                  {"chrf", of_chrf.mean},
                  {"chrf_deviation", of_chrf.deviation}};
        add_faults(json, m);
        json["by_length"] = mean_over_seeds(m, [&](std::size_t k) { return scores_of(by_length_, bleu_statistics_[m][k]); });
        json["by_phenomenon"] = mean_over_seeds(m, [&](std::size_t k) { return scores_of(by_label_, bleu_statistics_[m][k]); });
        return json;
    }

    void add_faults(Json& json, std::size_t m) const {
        std::vector<Lines> words; // by seed
        for (const Lines& hypotheses : test_.runs[m]) words.push_back(words_of(hypotheses));
        const bool has_words = std::any_of(words_of_reference_.begin(), words_of_reference_.end(),
                                           [](const std::string& line) { return !split_words(line).empty(); });
        const auto one = [&](const std::function<double(std::size_t)>& figure) {
            return mean_over_seeds(m, [&](std::size_t k) { return std::vector<double>{figure(k)}; }).front();
        };
        json["length_ratio"] = has_words ? one([&](std::size_t k) { return length_ratio(words[k], words_of_reference_); }) : Json();
        json["repeating"] =
            one([&](std::size_t k) { return static_cast<double>(repeating_sentences(words[k], words_of_reference_).size()); });
        json["numbers_lost"] =
            one([&](std::size_t k) { return static_cast<double>(numbers_kept(test_.source, test_.reference, test_.runs[m][k]).lost()); });
        json["f1_by_frequency"] = mean_over_seeds(m, [&](std::size_t k) {
            std::vector<double> percent;
            for (const FrequencyBucket& bucket : words_by_frequency(frequencies_, words[k], words_of_reference_))
                percent.push_back(100 * bucket.f1());
            return percent;
        });
    }

    // The sentences by number, those on which the models' first seeds differ most in front.
    std::vector<std::size_t> order() const {
        std::vector<SystemStatistics> systems;
        for (const std::vector<SystemStatistics>& seeds : chrf_statistics_) systems.push_back(seeds.front());
        std::vector<std::size_t> order;
        std::vector<bool> taken(test_.source.size(), false);
        const auto take = [&](std::size_t sentence) {
            order.push_back(sentence);
            taken[sentence] = true;
        };
        if (systems.size() > 1)
            for (const Disagreement& found : largest_disagreements(chrf_, systems, kListedSentences)) take(found.sentence);
        for (std::size_t i = 0; i < taken.size() && order.size() < kListedSentences; ++i)
            if (!taken[i]) take(i);
        return order;
    }

    Json list() const {
        Json list{{"number", Json::array()}, {"source", Json::array()}, {"reference", Json::array()}};
        const std::vector<std::size_t> sentences = order();
        for (const std::size_t i : sentences) {
            list["number"].push_back(i + 1);
            list["source"].push_back(test_.source[i]);
            list["reference"].push_back(test_.reference[i]);
            if (!test_.labels.empty()) list["label"].push_back(test_.labels[i]);
        }
        for (std::size_t m = 0; m < test_.runs.size(); ++m) {
            Json hypotheses = Json::array(), chrf = Json::array();
            for (const std::size_t i : sentences) {
                hypotheses.push_back(test_.runs[m].front()[i]);
                chrf.push_back(rounded(chrf_.score(chrf_statistics_[m].front()[i]), 4));
            }
            list["hypotheses"].push_back(std::move(hypotheses));
            list["chrf"].push_back(std::move(chrf));
        }
        return list;
    }

    const TestOutputs& test_;
    const WordFrequencies& frequencies_;
    BleuTokenizer tokenizer_;
    Bleu bleu_;
    Chrf chrf_;
    Lines words_of_reference_;
    std::vector<Group> by_length_, by_label_;
    std::vector<std::vector<SystemStatistics>> bleu_statistics_, chrf_statistics_; // [model][seed]
};

} // namespace

Json analyse_test_set(const TestOutputs& test, const WordFrequencies& frequencies, const std::string& tokenize) {
    return Analysis(test, frequencies, tokenize).document();
}

} // namespace nmt
