// The hypotheses of one sentence in a beam search, as plain integers and floats: it is tested without a model.
// search.cpp feeds each sentence's beam with the log-probabilities of its model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace nmt {

struct Hypothesis {
    std::vector<std::int32_t> tokens;   // without </s>
    std::vector<float> token_log_probs; // of the tokens, in nats, then of </s> unless truncated
    double log_probability = 0;         // their sum
    double score = 0;                   // normalized_score(log_probability, their number, length penalty)
    bool truncated = false;             // it reached the maximum length before </s>
};

// log_probability / length^length_penalty; 1: the average of a token (Murray and Chiang, 2018), 0: the plain sum.
double normalized_score(double log_probability, std::size_t length, double length_penalty);

struct BeamOptions {
    int beam = 5;                // slots, at least 1
    int n_best = 1;              // hypotheses wanted, at most `beam`
    double length_penalty = 1.0; // at least 0
    int max_length = 100;        // tokens, </s> counted, at least 1
};

// Beam search as in Sutskever et al. (2014), section 3.2: of all continuations of all alive hypotheses the best k remain. One that
// ends in </s> is finished, and its slot goes with it (as in Marian): the beam shrinks until each of its slots has ended once. So
// beam 1 is greedy search, a beam of as many slots as there are translations is exhaustive search, and fewer and fewer rows have to
// be computed. What reaches `max_length` tokens is finished as it is, without </s>.
// It stops as soon as no alive hypothesis can be among the n best: log-probabilities only fall, so a hypothesis of sum s cannot
// score above s / max_length^length_penalty (Huang et al., 2017). Stopping early never changes the n best.
// Ties go to the earlier hypothesis, then to the lower token id; among finished ones to the one that finished first.
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
    std::span<const Alive> alive() const { return alive_; } // best first

    // log_probabilities [R,V], row-major: of every next token, after each alive hypothesis. Advances them all by one token.
    // -inf: impossible. Throws Error for a NaN or +inf, and when everything is impossible before anything has finished.
    void advance(std::span<const float> log_probabilities);

    // The n best finished hypotheses, best first; fewer if there are not as many.
    std::vector<Hypothesis> best() const;

  private:
    // Hypotheses share their beginnings: a tree, each node pointing to the one before it.
    struct Node {
        int parent; // -1: the first token
        std::int32_t token;
        float log_prob;
    };
    struct Finished {
        int node;
        double log_probability, score;
        bool truncated;
    };
    void finish(int node, double log_probability, bool truncated);
    bool can_improve() const;
    Hypothesis read_back(const Finished& finished) const;

    BeamOptions options_;
    int length_ = 0;                       // tokens of each alive hypothesis
    std::vector<Node> nodes_;              // every token that was ever chosen
    std::vector<Alive> alive_;             // best first
    std::vector<int> alive_nodes_ = {-1};  // of the alive ones
    std::vector<double> alive_sums_ = {0}; // log-probabilities of the alive ones
    std::vector<Finished> finished_;       // best first
};

} // namespace nmt
