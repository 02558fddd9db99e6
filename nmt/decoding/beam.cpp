#include "nmt/decoding/beam.hpp"

#include "nmt/base/error.hpp"
#include "tokenizer/tokenizer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace nmt {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The first index from `begin` on whose value is above the threshold or NaN; n if there is none. Whole blocks are compared without
// a branch, which the compiler turns into vector code: most of a row is passed over in this way.
std::int64_t find_above(const float* values, std::int64_t begin, std::int64_t n, float threshold) {
    constexpr std::int64_t kBlock = 64;
    for (; begin + kBlock <= n; begin += kBlock) {
        int above = 0;
        for (std::int64_t i = 0; i < kBlock; ++i) above |= static_cast<int>(!(values[begin + i] <= threshold));
        if (above != 0) break;
    }
    while (begin < n && values[begin] <= threshold) ++begin;
    return begin;
}

// A float at or below `value`, so that nothing is passed over that might be above.
float round_down(double value) { return std::nextafter(static_cast<float>(value), -std::numeric_limits<float>::infinity()); }

struct Continuation {
    int origin;
    std::int32_t token;
    float log_prob;
    double sum;
};

// The best continuations, at most `limit`, best first. Rows and tokens come in ascending order and only what is strictly better
// overtakes, which decides ties. With a limit of 1 this is a running argmax.
class BestContinuations {
  public:
    explicit BestContinuations(int limit) : limit_(static_cast<std::size_t>(limit)) {}

    // row: the log-probabilities [V] that follow hypothesis `origin`.
    void add_row(int origin, double sum, std::span<const float> row) {
        const auto size = static_cast<std::int64_t>(row.size());
        for (std::int64_t i = 0;; ++i) {
            i = find_above(row.data(), i, size, round_down(worst() - sum));
            if (i >= size) return;
            const float value = row[static_cast<std::size_t>(i)];
            check(value < kInfinity, "the model gave token {} a log-probability of {}; its weights or its arithmetic are broken", i, value);
            add({origin, static_cast<std::int32_t>(i), value, sum + static_cast<double>(value)});
        }
    }

    const std::vector<Continuation>& chosen() const { return chosen_; }

  private:
    double worst() const { return chosen_.size() < limit_ ? -kInfinity : chosen_.back().sum; }

    void add(const Continuation& continuation) {
        if (!(continuation.sum > worst())) return;
        if (chosen_.size() == limit_) chosen_.pop_back();
        const auto better = [](const Continuation& a, const Continuation& b) { return a.sum > b.sum; };
        chosen_.insert(std::upper_bound(chosen_.begin(), chosen_.end(), continuation, better), continuation);
    }

    std::size_t limit_;
    std::vector<Continuation> chosen_;
};

} // namespace

double normalized_score(double log_probability, std::size_t length, double length_penalty) {
    return log_probability / std::pow(static_cast<double>(length), length_penalty);
}

Beam::Beam(const BeamOptions& options) : options_(options), alive_{{0, -1}} {
    check(options.beam >= 1, "a beam of {}: expected at least 1", options.beam);
    check(options.n_best >= 1 && options.n_best <= options.beam,
          "{} best translations from a beam of {}: expected at least 1 and at most the beam", options.n_best, options.beam);
    check(options.length_penalty >= 0 && std::isfinite(options.length_penalty), "a length penalty of {}: expected 0 or more",
          options.length_penalty);
    check(options.max_length >= 1, "a maximum length of {} tokens: expected at least 1", options.max_length);
}

void Beam::advance(std::span<const float> log_probabilities) {
    check(!done() && !log_probabilities.empty() && log_probabilities.size() % alive_.size() == 0,
          "{} log-probabilities for a beam of {} alive hypotheses", log_probabilities.size(), alive_.size());
    const std::size_t vocabulary = log_probabilities.size() / alive_.size();
    BestContinuations best(options_.beam - static_cast<int>(finished_.size()));
    for (std::size_t i = 0; i < alive_.size(); ++i)
        best.add_row(static_cast<int>(i), alive_sums_[i], log_probabilities.subspan(i * vocabulary, vocabulary));
    check(!best.chosen().empty() || !finished_.empty(), "the model gave every continuation a probability of zero");

    ++length_;
    const std::vector<int> parents = std::move(alive_nodes_);
    alive_.clear();
    alive_nodes_.clear();
    alive_sums_.clear();
    for (const Continuation& next : best.chosen()) {
        const int node = static_cast<int>(nodes_.size());
        nodes_.push_back({parents[static_cast<std::size_t>(next.origin)], next.token, next.log_prob});
        const bool ended = next.token == Tokenizer::kEndOfSentence;
        if (ended || length_ == options_.max_length) {
            finish(node, next.sum, !ended);
        } else {
            alive_.push_back({next.origin, next.token});
            alive_nodes_.push_back(node);
            alive_sums_.push_back(next.sum);
        }
    }
    if (!can_improve()) alive_.clear();
}

void Beam::finish(int node, double log_probability, bool truncated) {
    const double score = normalized_score(log_probability, static_cast<std::size_t>(length_), options_.length_penalty);
    const auto better = [](const Finished& a, const Finished& b) { return a.score > b.score; };
    const Finished finished{node, log_probability, score, truncated};
    finished_.insert(std::upper_bound(finished_.begin(), finished_.end(), finished, better), finished);
}

bool Beam::can_improve() const {
    if (alive_.empty()) return false;
    const auto wanted = static_cast<std::size_t>(options_.n_best);
    if (finished_.size() < wanted) return true;
    const auto longest = static_cast<std::size_t>(options_.max_length);
    return normalized_score(alive_sums_.front(), longest, options_.length_penalty) > finished_[wanted - 1].score;
}

std::vector<Hypothesis> Beam::best() const {
    std::vector<Hypothesis> hypotheses;
    for (std::size_t i = 0; i < finished_.size() && i < static_cast<std::size_t>(options_.n_best); ++i)
        hypotheses.push_back(read_back(finished_[i]));
    return hypotheses;
}

Hypothesis Beam::read_back(const Finished& finished) const {
    Hypothesis hypothesis;
    for (int i = finished.node; i >= 0; i = nodes_[static_cast<std::size_t>(i)].parent) {
        const Node& node = nodes_[static_cast<std::size_t>(i)];
        hypothesis.tokens.push_back(node.token);
        hypothesis.token_log_probs.push_back(node.log_prob);
    }
    std::reverse(hypothesis.tokens.begin(), hypothesis.tokens.end());
    std::reverse(hypothesis.token_log_probs.begin(), hypothesis.token_log_probs.end());
    if (!finished.truncated) hypothesis.tokens.pop_back(); // </s>
    hypothesis.log_probability = finished.log_probability;
    hypothesis.score = finished.score;
    hypothesis.truncated = finished.truncated;
    return hypothesis;
}

} // namespace nmt
