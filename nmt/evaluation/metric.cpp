#include "nmt/evaluation/metric.hpp"

#include "nmt/evaluation/parallel_for_each.hpp"

#include <algorithm>

namespace nmt {

std::string Metric::signature(std::size_t references_per_sentence, std::string_view test) const {
    return fmt::format("nrefs:{}|{}{}{}|version:{}", references_per_sentence > 0 ? std::to_string(references_per_sentence) : "var", test,
                       test.empty() ? "" : "|", settings(), kMetricVersion);
}

std::string Metric::parts(std::span<const double>) const { return ""; }

void Metric::check_references(std::span<const std::string> references) const {
    check(!references.empty(), "{}: a hypothesis has no reference; at least one is needed", name());
}

void Metric::check_size(std::span<const double> sum) const {
    check(sum.size() == statistics_size(), "{}: found {} statistics, expected {}", name(), sum.size(), statistics_size());
}

void References::add_text(const std::vector<std::string>& text) {
    if (of_sentence_.empty()) of_sentence_.resize(text.size());
    check(text.size() == of_sentence_.size(), "found {} and {} references; expected one of each text for every sentence",
          of_sentence_.size(), text.size());
    for (std::size_t i = 0; i < text.size(); ++i) of_sentence_[i].push_back(text[i]);
}

std::size_t References::each() const {
    const std::size_t first = of_sentence_.empty() ? 0 : of_sentence_.front().size();
    const auto same = [&](const std::vector<std::string>& references) { return references.size() == first; };
    return std::all_of(of_sentence_.begin(), of_sentence_.end(), same) ? first : 0;
}

std::vector<Statistics> corpus_statistics(const Metric& metric, const std::vector<std::string>& hypotheses, const References& references,
                                          int threads) {
    check(hypotheses.size() == references.sentences(),
          "{}: found {} hypotheses but {} references; line N of the references must translate the same sentence as line N of the "
          "hypotheses",
          metric.name(), hypotheses.size(), references.sentences());
    check(!hypotheses.empty(), "{}: the hypotheses and the references have no lines; at least one is needed", metric.name());
    std::vector<Statistics> result(hypotheses.size());
    parallel_for_each(hypotheses.size(), threads, [&](std::size_t i) { result[i] = metric.statistics(hypotheses[i], references[i]); });
    return result;
}

Statistics sum_of(const Metric& metric, std::span<const Statistics> sentences) {
    Statistics sum(metric.statistics_size(), 0.0);
    for (const Statistics& sentence : sentences)
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += sentence.at(i);
    return sum;
}

double corpus_score(const Metric& metric, const std::vector<std::string>& hypotheses, const std::vector<std::string>& references) {
    return metric.score(sum_of(metric, corpus_statistics(metric, hypotheses, references)));
}

} // namespace nmt
