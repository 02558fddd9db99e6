// What `nmt evaluate` prints: lines, tables and JSON.
#pragma once

#include "nmt/evaluation/significance.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nmt {

// A system under one metric.
struct SystemScore {
    double score = 0;
    std::string parts; // of a score, where the metric has some
    std::optional<Interval> interval;
    std::optional<double> p_value; // of the difference from the first system
};

struct MetricScores {
    std::string name, signature;
    std::vector<SystemScore> systems;
};

struct Scores {
    std::vector<std::string> systems; // names
    std::vector<MetricScores> metrics;
    std::string test; // the paired test that the p-values come from, in words; empty if there was none
};

// One line a metric, as sacreBLEU writes them: "BLEU|signature = 34.12 66.1/41.0/27.3/18.5 (BP = ...)". Of one system.
std::string format_lines(const Scores& scores, int decimals);

// The bare scores: of one system a line a metric, of several a line a system with the metrics parted by tabs.
std::string format_bare(const Scores& scores, int decimals);

// One row a system, and the signatures below.
std::string format_systems(const Scores& scores, int decimals);

// A list of {name, score, signature}, one for each system and metric, scores unrounded; "system" names it where there are several.
std::string format_json(const Scores& scores);

// The same for single sentences, which stand in place of the systems: lines as format_lines() has them, bare scores, and JSON with
// "line" for the number of the line, from 1.
std::string format_sentences(const MetricScores& sentences, int decimals);
std::string format_bare_sentences(const MetricScores& sentences, int decimals);
std::string format_sentences_json(const MetricScores& sentences);

} // namespace nmt
