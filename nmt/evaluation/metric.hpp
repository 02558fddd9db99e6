// What every metric of translation quality is: statistics of each sentence that add up, and a score of their sum.
// BLEU, chrF and TER implement it; the bootstrap and the paired tests know nothing else of a metric.
#pragma once

#include "nmt/base/error.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace nmt {

// The implementation that every signature names.
inline constexpr std::string_view kMetricVersion = "nmt-0.1.0";

// What a metric counts in one sentence, or in many added together. Counts are exact up to 2^53.
using Statistics = std::vector<double>;

// A corpus metric. Immutable: one object may serve several threads.
class Metric {
  public:
    virtual ~Metric() = default;

    // "BLEU", "chrF2", "TER".
    virtual std::string name() const = 0;

    // How the score was computed, as sacreBLEU writes it (Post 2018, "A Call for Clarity in Reporting BLEU Scores"):
    // nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:nmt-0.1.0
    std::string signature(std::size_t references_per_sentence = 1) const {
        return fmt::format("nrefs:{}|{}|version:{}", references_per_sentence, settings(), kMetricVersion);
    }

    // The length of every vector of statistics of this metric.
    virtual std::size_t statistics_size() const = 0;

    // What there is to count in one hypothesis against its references, in UTF-8. Bytes that are not valid UTF-8 are
    // characters of their own. Throws Error if there is no reference.
    virtual Statistics statistics(std::string_view hypothesis, std::span<const std::string> references) const = 0;

    // The score of added statistics, in percent. Throws Error unless `sum` has statistics_size() entries.
    virtual double score(std::span<const double> sum) const = 0;

  protected:
    // The part of the signature that is the metric's own: "key:value|key:value".
    virtual std::string settings() const = 0;
};

// The statistics of each sentence of a corpus with one reference a sentence.
// Throws Error if there are no lines, or not as many references as hypotheses.
inline std::vector<Statistics> corpus_statistics(const Metric& metric, const std::vector<std::string>& hypotheses,
                                                 const std::vector<std::string>& references) {
    check(
        hypotheses.size() == references.size(),
        "{}: found {} hypotheses but {} references; line N of the references must translate the same sentence as line N of the hypotheses",
        metric.name(), hypotheses.size(), references.size());
    check(!hypotheses.empty(), "{}: the hypotheses and the references have no lines; at least one is needed", metric.name());
    std::vector<Statistics> result;
    result.reserve(hypotheses.size());
    for (std::size_t i = 0; i < hypotheses.size(); ++i) result.push_back(metric.statistics(hypotheses[i], {&references[i], 1}));
    return result;
}

// The sum over sentences: what score() takes.
inline Statistics sum_of(const Metric& metric, std::span<const Statistics> sentences) {
    Statistics sum(metric.statistics_size(), 0.0);
    for (const Statistics& sentence : sentences)
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += sentence.at(i);
    return sum;
}

// The score of a corpus with one reference a sentence. Throws as corpus_statistics() does.
inline double corpus_score(const Metric& metric, const std::vector<std::string>& hypotheses, const std::vector<std::string>& references) {
    return metric.score(sum_of(metric, corpus_statistics(metric, hypotheses, references)));
}

} // namespace nmt
