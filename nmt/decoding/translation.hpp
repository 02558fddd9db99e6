// A translation of a line, and how it is written. Made by the translator.
#pragma once

#include "nmt/decoding/alignment.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace nmt {

struct Translation {
    std::string text;                     // holds no LF
    double log_probability = 0;           // in nats
    double score = 0;                     // normalized by length, with the coverage penalty
    std::vector<float> token_log_probs;   // of its tokens, each </s> counted
    std::vector<AlignmentLink> alignment; // of pieces or of words, where it was asked for
};

struct TranslationFormat {
    bool n_best = false;      // the number of the line in front, the scores behind
    bool alignment = false;   // links
    bool word_scores = false; // the log-probability of each token
};

// As Marian writes it:
//   TEXT ||| 0-0 1-1 ||| WordScores= -0.1 -0.2
//   LINE ||| TEXT ||| 0-0 1-1 ||| WordScores= -0.1 -0.2 ||| F0= LOG-PROBABILITY ||| SCORE
// without the parts that are not asked for. The text may hold "|||" itself: read the other parts from both ends.
std::string format_translation(const Translation& translation, std::uint64_t line, const TranslationFormat& format);

} // namespace nmt
