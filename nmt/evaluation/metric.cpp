#include "nmt/evaluation/metric.hpp"

#include "nmt/evaluation/parallel.hpp"

namespace nmt {

std::string Metric::signature(std::size_t references_per_sentence, std::string_view test) const {
    return fmt::format("nrefs:{}|{}{}{}|version:{}", references_per_sentence, test, test.empty() ? "" : "|", settings(), kMetricVersion);
}

std::string Metric::parts(std::span<const double>) const { return ""; }

void Metric::check_references(std::span<const std::string> references) const {
    check(!references.empty(), "{}: a hypothesis has no reference; at least one is needed", name());
}

void Metric::check_size(std::span<const double> sum) const {
    check(sum.size() == statistics_size(), "{}: found {} statistics, expected {}", name(), sum.size(), statistics_size());
}

std::vector<Statistics> corpus_statistics(const Metric& metric, const std::vector<std::string>& hypotheses,
                                          std::span<const std::vector<std::string>> references, int threads) {
    check(!references.empty(), "{}: there are no references; at least one text is needed", metric.name());
    for (const std::vector<std::string>& text : references)
        check(hypotheses.size() == text.size(),
              "{}: found {} hypotheses but {} references; line N of the references must translate the same sentence as line N of the "
              "hypotheses",
              metric.name(), hypotheses.size(), text.size());
    check(!hypotheses.empty(), "{}: the hypotheses and the references have no lines; at least one is needed", metric.name());
    std::vector<Statistics> result(hypotheses.size());
    parallel_for_each(hypotheses.size(), threads, [&](std::size_t i) {
        std::vector<std::string> of_line;
        for (const std::vector<std::string>& text : references) of_line.push_back(text[i]);
        result[i] = metric.statistics(hypotheses[i], of_line);
    });
    return result;
}

std::vector<Statistics> corpus_statistics(const Metric& metric, const std::vector<std::string>& hypotheses,
                                          const std::vector<std::string>& references) {
    return corpus_statistics(metric, hypotheses, {&references, 1});
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
