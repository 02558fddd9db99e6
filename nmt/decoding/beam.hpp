// The hypotheses of one sentence in a beam search, as plain integers and floats: it is tested without a model.
// search.cpp feeds each sentence's beam with the distributions that its model gives.
#pragma once

#include "nmt/decoding/distribution.hpp"
#include "nmt/decoding/rules.hpp"
#include "nmt/decoding/scoring.hpp"
#include "nmt/decoding/selection.hpp"
#include "nmt/decoding/token_sampling.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace nmt {

struct Hypothesis {
    std::vector<std::int32_t> tokens;    // without </s>
    std::vector<float> token_log_probs;  // of the tokens, in nats, then of </s> unless truncated
    std::vector<std::int32_t> alignment; // of each token the source token with the largest attention, </s> aside; empty: no attention
    double log_probability = 0;          // the sum of token_log_probs
    double coverage = 0;                 // coverage_score of the attention of all token_log_probs.size() steps
    double score = 0;                    // normalized_score(log_probability, their number) + coverage
    int sample = 0;                      // which sample it is, from 0 on; 0 where no sampling was asked for
    bool truncated = false;              // it reached the maximum length before </s>
};

struct BeamOptions {
    int beam = 5;         // slots, at least 1
    int n_best = 1;       // hypotheses wanted, at most `beam`
    int max_length = 100; // tokens, </s> counted, at least 1
    Scoring scoring = {};
    Rules rules = {};                             // a prefix is shorter than max_length
    std::optional<SamplingOptions> sampling = {}; // draw n_best samples instead; `beam` does not apply
    std::uint64_t stream = 0;                     // tells the random numbers of sentences apart
};

// Beam search as in Sutskever et al. (2014), section 3.2: of all continuations of all alive hypotheses the best k remain. One that
// ends in </s> is finished, and its slot goes with it (as in Marian): the beam shrinks until each of its slots has ended once. So
// beam 1 is greedy search, a beam of as many slots as there are translations is exhaustive search, and fewer and fewer rows have to
// be computed. What reaches `max_length` tokens is finished as it is, without </s>.
// It stops as soon as no alive hypothesis can be among the n best: log-probabilities only fall, so a hypothesis of sum s cannot
// score above normalized_score(s, max_length), and coverage adds nothing (Huang et al., 2017). Stopping early never changes the n best.
// Ties go to the earlier hypothesis, then to the lower token id; among finished ones to the one that finished first.
// With `sampling` each of n_best slots holds a sample of its own, drawn token by token from the model's distribution.
class Beam {
  public:
    // An alive hypothesis: the row (of the last advance) that it continues, and the token that it continues it with.
    struct Alive {
        int origin;
        std::int32_t token;
    };

    // One alive hypothesis, empty. Throws Error for options out of their ranges.
    explicit Beam(const BeamOptions& options);

    int rows() const { return static_cast<int>(alive_.size()); } // R of this sentence
    bool done() const { return alive_.empty(); }
    std::span<const Alive> alive() const { return alive_; } // best first; samples in their order

    // next [R]: the distribution of the next token after each alive hypothesis. Advances them all by one token.
    // attention [R,S], or empty: the weights over the source, </s> last, with which these were computed; given at
    // every step or at none. Throws Error for a NaN or +inf, when everything is impossible before anything has finished, and when a
    // coverage penalty finds no attention.
    void advance(std::span<const Distribution> next, std::span<const float> attention = {});

    // The n best finished hypotheses, best first; fewer if there are not as many.
    std::vector<Hypothesis> best() const;

  private:
    // Hypotheses share their beginnings: a tree, each node pointing to the one before it.
    struct Node {
        int parent; // -1: the first token
        std::int32_t token;
        std::int32_t aligned; // source token; -1 without attention
        float log_prob;
    };
    struct Row { // of an alive hypothesis
        int node = -1;
        int sample = 0;
        double sum = 0;               // of its log-probabilities
        std::vector<double> coverage; // [S], its attention so far; empty unless there is a penalty
    };
    struct Finished {
        int node, sample;
        double log_probability, coverage, score;
        bool truncated;
    };
    std::vector<Continuation> choose(std::span<const Distribution> next) const;
    std::vector<Continuation> sample(std::span<const Distribution> next) const;
    NextTokens next_of(const Row& row, const Distribution& distribution) const;
    std::vector<std::int32_t> tokens_of(int node) const;
    void finish(const Row& row, bool truncated);
    bool can_improve() const;
    Hypothesis read_back(const Finished& finished) const;

    BeamOptions options_;
    int length_ = 0;                 // tokens of each alive hypothesis
    std::vector<Node> nodes_;        // every token that was ever chosen
    std::vector<Alive> alive_;       // best first
    std::vector<Row> rows_;          // of the alive ones
    std::vector<Finished> finished_; // best first
};

} // namespace nmt
