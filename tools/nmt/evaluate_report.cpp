#include "tools/nmt/evaluate_report.hpp"

#include "nmt/base/table.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

#include <fmt/ranges.h>

namespace nmt {
namespace {

using Json = nlohmann::ordered_json;

// "34.12", and with an interval "34.12 (μ = 34.10 ± 0.61)".
std::string figure(const SystemScore& system, int decimals, const char* mean = "μ = ") {
    const std::string score = fmt::format("{:.{}f}", system.score, decimals);
    if (!system.interval) return score;
    return fmt::format("{} ({}{:.{}f} ± {:.{}f})", score, mean, system.interval->mean, decimals, system.interval->half_width, decimals);
}

// A line is "BLEU|signature" and " = 34.12 66.1/41.0/27.3/18.5 (BP = ...)".
std::string head(const MetricScores& metric) { return metric.name + "|" + metric.signature; }
std::string tail(const SystemScore& system, int decimals) {
    return fmt::format(" = {}{}{}", figure(system, decimals), system.parts.empty() ? "" : " ", system.parts);
}

std::string joined(const std::vector<std::string>& lines, const char* between = "\n") {
    return fmt::format("{}", fmt::join(lines, between));
}

// Where there is no difference there is nothing to test, though sacreBLEU's definition has a number for it, which JSON gives.
std::string p_cell(const SystemScore& system, const SystemScore& baseline) {
    if (!system.p_value) return "-";
    if (system.score == baseline.score) return "same ";
    return fmt::format("{:.4f}{}", *system.p_value, *system.p_value < kSignificanceLevel ? "*" : " ");
}

Json record(const std::string& name, double score, const std::string& signature) {
    return {{"name", name}, {"score", score}, {"signature", signature}};
}

// A file's name need not be valid UTF-8.
std::string dump(const Json& list) { return list.dump(1, ' ', false, Json::error_handler_t::replace); }

} // namespace

std::string format_lines(const Scores& scores, int decimals) {
    std::size_t widest = 0;
    for (const MetricScores& metric : scores.metrics) widest = std::max(widest, head(metric).size());
    std::vector<std::string> lines;
    for (const MetricScores& metric : scores.metrics)
        lines.push_back(fmt::format("{:>{}}{}", head(metric), widest, tail(metric.systems.front(), decimals)));
    return joined(lines);
}

std::string format_sentences(const MetricScores& sentences, int decimals) {
    std::vector<std::string> lines;
    for (const SystemScore& sentence : sentences.systems) lines.push_back(head(sentences) + tail(sentence, decimals));
    return joined(lines);
}

std::string format_bare_sentences(const MetricScores& sentences, int decimals) {
    std::vector<std::string> lines;
    for (const SystemScore& sentence : sentences.systems) lines.push_back(figure(sentence, decimals));
    return joined(lines);
}

std::string format_bare(const Scores& scores, int decimals) {
    std::vector<std::string> lines;
    for (std::size_t s = 0; s < scores.systems.size(); ++s) {
        std::vector<std::string> figures;
        for (const MetricScores& metric : scores.metrics) figures.push_back(figure(metric.systems[s], decimals));
        lines.push_back(joined(figures, scores.systems.size() == 1 ? "\n" : "\t"));
    }
    return joined(lines);
}

std::string format_systems(const Scores& scores, int decimals) {
    std::vector<std::vector<std::string>> rows{{"system"}};
    for (const std::string& name : scores.systems) rows.push_back({rows.size() == 1 && !scores.test.empty() ? "baseline: " + name : name});
    std::size_t widest = 0;
    for (const MetricScores& metric : scores.metrics) {
        widest = std::max(widest, metric.name.size());
        rows[0].push_back(metric.systems.front().interval ? metric.name + " (μ ± 95 %)" : metric.name);
        if (!scores.test.empty()) rows[0].push_back("p ");
        for (std::size_t s = 0; s < metric.systems.size(); ++s) {
            rows[s + 1].push_back(figure(metric.systems[s], decimals, ""));
            if (!scores.test.empty()) rows[s + 1].push_back(p_cell(metric.systems[s], metric.systems.front()) + (s == 0 ? " " : ""));
        }
    }
    std::string text = format_table(rows) + "\n";
    if (!scores.test.empty())
        text += fmt::format("p: {}, two-sided: the probability\n"
                            "under chance of a difference from the baseline as large as the one found.\n* p < {}\n\n",
                            scores.test, kSignificanceLevel);
    std::vector<std::string> signatures;
    for (const MetricScores& metric : scores.metrics)
        signatures.push_back(fmt::format("{:<{}}  {}", metric.name, widest, metric.signature));
    return text + joined(signatures);
}

std::string format_json(const Scores& scores) {
    Json list = Json::array();
    for (std::size_t s = 0; s < scores.systems.size(); ++s)
        for (const MetricScores& metric : scores.metrics) {
            const SystemScore& system = metric.systems[s];
            Json entry = record(metric.name, system.score, metric.signature);
            if (scores.systems.size() > 1) entry["system"] = scores.systems[s];
            if (!system.parts.empty()) entry["verbose_score"] = system.parts;
            if (system.interval) {
                entry["confidence_mean"] = system.interval->mean;
                entry["confidence_var"] = system.interval->half_width; // sacreBLEU's name for it
            }
            if (system.p_value) entry["p_value"] = *system.p_value;
            list.push_back(std::move(entry));
        }
    return dump(list);
}

std::string format_sentences_json(const MetricScores& sentences) {
    Json list = Json::array();
    for (const SystemScore& sentence : sentences.systems) {
        list.push_back(record(sentences.name, sentence.score, sentences.signature));
        list.back()["line"] = list.size();
    }
    return dump(list);
}

} // namespace nmt
