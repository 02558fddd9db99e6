#include "nmt/decoding/beam.hpp"

#include "nmt/base/error.hpp"
#include "tokenizer/tokenizer.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace nmt {
namespace {

void check_options(const BeamOptions& options) {
    check(options.sampling || options.beam >= 1, "a beam of {}: expected at least 1", options.beam);
    check(options.n_best >= 1 && (options.sampling || options.n_best <= options.beam),
          "{} best translations from a beam of {}: expected at least 1 and at most the beam", options.n_best, options.beam);
    const Scoring& scoring = options.scoring;
    check(scoring.length_penalty >= 0 && std::isfinite(scoring.length_penalty), "a length penalty of {}: expected 0 or more",
          scoring.length_penalty);
    check(scoring.coverage_penalty >= 0 && std::isfinite(scoring.coverage_penalty), "a coverage penalty of {}: expected 0 or more",
          scoring.coverage_penalty);
    check(options.max_length >= 1, "a maximum length of {} tokens: expected at least 1", options.max_length);
    const std::vector<std::int32_t>& prefix = options.rules.prefix;
    check(prefix.size() < static_cast<std::size_t>(options.max_length),
          "a prefix of {} tokens has no room in a translation of at most {} tokens, </s> counted", prefix.size(), options.max_length);
    check(std::all_of(prefix.begin(), prefix.end(), [](std::int32_t token) { return token > Tokenizer::kEndOfSentence; }),
          "a prefix holds the end of the sentence");
    if (!options.sampling) return;
    check(options.sampling->temperature > 0, "a temperature of {}: expected above 0", options.sampling->temperature);
    check(options.sampling->top_p > 0 && options.sampling->top_p <= 1,
          "the most probable {} of the distribution: expected above 0 and at most 1", options.sampling->top_p);
}

// The source token with the largest weight of a row [S], the first of equal ones; </s>, the last, only where it is alone.
std::int32_t aligned_source(std::span<const float> weights) {
    const auto words = weights.first(std::max<std::size_t>(weights.size() - 1, 1));
    return static_cast<std::int32_t>(std::max_element(words.begin(), words.end()) - words.begin());
}

} // namespace

Beam::Beam(const BeamOptions& options) : options_(options), alive_{{0, -1}}, rows_(1) { check_options(options); }

void Beam::advance(std::span<const Distribution> next_tokens, std::span<const float> attention) {
    check(!done() && next_tokens.size() == alive_.size() && next_tokens.front().size() > 0,
          "{} distributions for a beam of {} alive hypotheses", next_tokens.size(), alive_.size());
    check(attention.size() % alive_.size() == 0, "{} attention weights for a beam of {} alive hypotheses", attention.size(), alive_.size());
    const bool covers = options_.scoring.coverage_penalty > 0;
    check(!covers || !attention.empty(), "a coverage penalty needs attention, but the model has none");
    const std::size_t source = attention.size() / alive_.size();
    const std::vector<Continuation> chosen = options_.sampling ? sample(next_tokens) : choose(next_tokens);
    check(!chosen.empty() || !finished_.empty(), "the model gave every continuation a probability of zero");

    ++length_;
    alive_.clear();
    const std::vector<Row> parents = std::exchange(rows_, {});
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        const Continuation& next = chosen[i];
        const Row& parent = parents[static_cast<std::size_t>(next.origin)];
        const std::span<const float> weights = attention.subspan(static_cast<std::size_t>(next.origin) * source, source);
        Row row{static_cast<int>(nodes_.size()), parent.sample, next.sum, {}};
        if (options_.sampling && length_ == 1) row.sample = static_cast<int>(i);
        nodes_.push_back({parent.node, next.token, weights.empty() ? -1 : aligned_source(weights), next.log_prob});
        if (covers) {
            row.coverage = parent.coverage;
            row.coverage.resize(source);
            for (std::size_t s = 0; s < source; ++s) row.coverage[s] += static_cast<double>(weights[s]);
        }
        const bool ended = next.token == Tokenizer::kEndOfSentence;
        if (ended || length_ == options_.max_length) {
            finish(row, !ended);
        } else {
            alive_.push_back({next.origin, next.token});
            rows_.push_back(std::move(row));
        }
    }
    if (!can_improve()) alive_.clear();
}

// The best continuations, best first.
std::vector<Continuation> Beam::choose(std::span<const Distribution> next) const {
    BestContinuations best(options_.beam - static_cast<int>(finished_.size()));
    for (std::size_t i = 0; i < rows_.size(); ++i) best.add_row(static_cast<int>(i), rows_[i].sum, next[i], next_of(rows_[i], next[i]));
    return best.chosen();
}

// A continuation of each sample; at first all samples continue the one row.
std::vector<Continuation> Beam::sample(std::span<const Distribution> next) const {
    const bool first = length_ == 0;
    std::vector<Continuation> chosen;
    for (std::size_t i = 0; i < (first ? static_cast<std::size_t>(options_.n_best) : rows_.size()); ++i) {
        const std::size_t origin = first ? 0 : i;
        const Row& row = rows_[origin];
        const Distribution& distribution = next[origin];
        const double uniform =
            sampling_uniform(options_.sampling->seed, options_.stream, first ? static_cast<int>(i) : row.sample, length_);
        const std::int32_t token = sample_token(distribution, next_of(row, distribution), *options_.sampling, uniform);
        const float log_prob = distribution[static_cast<std::size_t>(token)];
        chosen.push_back({static_cast<int>(origin), token, log_prob, row.sum + static_cast<double>(log_prob)});
    }
    return chosen;
}

NextTokens Beam::next_of(const Row& row, const Distribution& distribution) const {
    if (!options_.rules.any()) return {};
    const bool by_tokens = options_.rules.depend_on_tokens(); // else a row's tokens are not gathered at every step
    NextTokens next = next_tokens(options_.rules, by_tokens ? tokens_of(row.node) : std::vector<std::int32_t>(), distribution.size());
    check(next.forced < std::ssize(distribution), "a prefix holds token {}, outside the vocabulary of {}", next.forced,
          distribution.size());
    // What a model finds certain, all else being impossible, cannot be forbidden: a dictionary that has no entry.
    if (options_.rules.forbid_unknown && distribution[Tokenizer::kUnknown] >= 0) std::erase(next.forbidden, Tokenizer::kUnknown);
    return next;
}

// The tokens from the beginning to a node, which they include.
std::vector<std::int32_t> Beam::tokens_of(int node) const {
    std::vector<std::int32_t> tokens;
    for (int i = node; i >= 0; i = nodes_[static_cast<std::size_t>(i)].parent) tokens.push_back(nodes_[static_cast<std::size_t>(i)].token);
    std::reverse(tokens.begin(), tokens.end());
    return tokens;
}

void Beam::finish(const Row& row, bool truncated) {
    const double coverage = coverage_score(row.coverage, options_.scoring);
    const double score = normalized_score(row.sum, static_cast<std::size_t>(length_), options_.scoring) + coverage;
    const auto better = [](const Finished& a, const Finished& b) { return a.score > b.score; };
    const Finished finished{row.node, row.sample, row.sum, coverage, score, truncated};
    finished_.insert(std::upper_bound(finished_.begin(), finished_.end(), finished, better), finished);
}

bool Beam::can_improve() const {
    if (alive_.empty()) return false;
    const auto wanted = static_cast<std::size_t>(options_.n_best);
    if (options_.sampling || finished_.size() < wanted) return true;
    return normalized_score(rows_.front().sum, static_cast<std::size_t>(options_.max_length), options_.scoring) >
           finished_[wanted - 1].score;
}

std::vector<Hypothesis> Beam::best() const {
    std::vector<Hypothesis> hypotheses;
    for (std::size_t i = 0; i < finished_.size() && i < static_cast<std::size_t>(options_.n_best); ++i)
        hypotheses.push_back(read_back(finished_[i]));
    return hypotheses;
}

Hypothesis Beam::read_back(const Finished& finished) const {
    Hypothesis hypothesis;
    hypothesis.tokens = tokens_of(finished.node);
    for (int i = finished.node; i >= 0; i = nodes_[static_cast<std::size_t>(i)].parent) {
        const Node& node = nodes_[static_cast<std::size_t>(i)];
        hypothesis.token_log_probs.push_back(node.log_prob);
        if (node.aligned >= 0) hypothesis.alignment.push_back(node.aligned);
    }
    std::reverse(hypothesis.token_log_probs.begin(), hypothesis.token_log_probs.end());
    std::reverse(hypothesis.alignment.begin(), hypothesis.alignment.end());
    if (!finished.truncated) { // </s>
        hypothesis.tokens.pop_back();
        if (!hypothesis.alignment.empty()) hypothesis.alignment.pop_back();
    }
    hypothesis.log_probability = finished.log_probability;
    hypothesis.coverage = finished.coverage;
    hypothesis.score = finished.score;
    hypothesis.sample = finished.sample;
    hypothesis.truncated = finished.truncated;
    return hypothesis;
}

} // namespace nmt
