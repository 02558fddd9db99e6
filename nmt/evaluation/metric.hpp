// What every metric of translation quality is: statistics of each sentence that add up, and a score of their sum.
// BLEU, chrF and TER implement it; the bootstrap and the paired tests know nothing else of a metric.
#pragma once

#include "nmt/base/error.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
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
    // References a sentence: 0 where their number varies ("nrefs:var"). `test` is what a test of significance adds:
    // "bs:1000|seed:12345".
    std::string signature(std::size_t references_per_sentence = 1, std::string_view test = {}) const;

    // The length of every vector of statistics of this metric.
    virtual std::size_t statistics_size() const = 0;

    // What there is to count in one hypothesis against its references, in UTF-8. Bytes that are not valid UTF-8 are
    // characters of their own. Throws Error if there is no reference.
    virtual Statistics statistics(std::string_view hypothesis, std::span<const std::string> references) const = 0;

    // The score of added statistics, in percent. Throws Error unless `sum` has statistics_size() entries.
    virtual double score(std::span<const double> sum) const = 0;

    // What a score is made of, for people; empty where there is nothing to say.
    virtual std::string parts(std::span<const double> sum) const;

  protected:
    // The part of the signature that is the metric's own: "key:value|key:value".
    virtual std::string settings() const = 0;

    // Throw Error for a hypothesis without a reference, and for a sum of another size.
    void check_references(std::span<const std::string> references) const;
    void check_size(std::span<const double> sum) const;
};

// The reference translations of a corpus: those of each sentence, one or more.
class References {
  public:
    References() = default;
    // A text with a line for each sentence. Not explicit: where references are wanted, a text will do.
    References(const std::vector<std::string>& text) { add_text(text); }

    // One more reference for each sentence. Throws Error for a text of another number of lines than the ones before.
    void add_text(const std::vector<std::string>& text);
    // The next sentence.
    void add_sentence(std::vector<std::string> references) { of_sentence_.push_back(std::move(references)); }

    std::size_t sentences() const { return of_sentence_.size(); }
    const std::vector<std::string>& operator[](std::size_t sentence) const { return of_sentence_[sentence]; }
    std::size_t each() const; // references a sentence; 0 where their number varies

  private:
    std::vector<std::vector<std::string>> of_sentence_;
};

// The statistics of each sentence of a corpus. threads: 0 means all cores; the result does not depend on it.
// Throws Error if there are no sentences, not as many references as hypotheses, or one without a reference.
std::vector<Statistics> corpus_statistics(const Metric& metric, const std::vector<std::string>& hypotheses, const References& references,
                                          int threads = 1);

// The sum over sentences: what score() takes.
Statistics sum_of(const Metric& metric, std::span<const Statistics> sentences);

// The score of a corpus with one reference a sentence. Throws as corpus_statistics() does.
double corpus_score(const Metric& metric, const std::vector<std::string>& hypotheses, const std::vector<std::string>& references);

} // namespace nmt
