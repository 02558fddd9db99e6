// Beam search and sampling over any models, for all sentences of a batch at once. It knows models by their encoder and decoder alone.
// Used by the translator, and by whoever has token ids already.
#pragma once

#include "nmt/base/config.hpp"
#include "nmt/decoding/beam.hpp"
#include "nmt/decoding/ensemble.hpp"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace nmt {

// How translations are searched for: on the command line and in the section [search] of a configuration.
struct SearchOptions {
    int beam = 5;                                 // 1: greedy
    int n_best = 1;                               // hypotheses a sentence
    std::string length_normalization = "average"; // or "wu": scoring.hpp
    double length_penalty = 1.0;                  // its exponent; the length counts </s>
    double coverage_penalty = 0;                  // beta; needs a model with attention
    int min_length = 0;                           // a translation has at least so many tokens, </s> counted ...
    double min_length_factor = 0;                 // ... and at least factor * source tokens, but never more than it may have at most
    double max_length_factor = 2.0; // a translation has at most factor * source tokens + offset tokens, </s> counted on both sides,
    int max_length_offset = 10;
    int max_length = 0;      // and at most so many; 0: no such limit
    int no_repeat_ngram = 0; // no sequence of so many target tokens occurs twice in a translation; 0: off

    // Not in configurations: a recipe compares the best translations.
    bool alignment = false;                       // keep the attention's alignment; needs a model with attention
    bool forbid_unknown = false;                  // no <unk> but where a model finds nothing else possible
    std::optional<SamplingOptions> sampling = {}; // n_best samples instead of a beam search; `beam` does not apply

    void describe(OptionTable& table);
    // Throws Error for options that contradict each other, which no range of a single option can say.
    void validate() const;
    // The most tokens that the translation of a source of that many tokens may have; at least 1.
    int max_length_for(int source_tokens) const;
    // The fewest. Where that is more than the most, the most is meant.
    int min_length_for(int source_tokens) const;
    bool needs_attention() const { return alignment || coverage_penalty > 0; }
    Scoring scoring() const { return {length_normalization_from_name(length_normalization), length_penalty, coverage_penalty}; }
};

// What is asked of one sentence alone.
struct SentenceOptions {
    std::vector<std::int32_t> prefix = {}; // its translations begin with these tokens; shorter than the most that it may have
    std::shared_ptr<const std::vector<std::int32_t>> not_after_prefix = {}; // tokens that may not follow them, as Rules has them
    std::uint64_t stream = 0; // its samples depend on this and the seed, and on nothing else than the sentence
};

// For each sentence of `source` (each ends in </s>) its n best translations, best first; fewer where there are not as many.
// `sentences`: none, or one for each. The translations of a sentence do not depend on its neighbours in the batch, where the models'
// rows do not. Throws Error for options that do not fit together, where attention is needed and no model has it, for a model that
// gives NaN, and while a tape exists.
std::vector<std::vector<Hypothesis>> search(const Ensemble& models, const Sequences& source, const SearchOptions& options,
                                            std::span<const SentenceOptions> sentences = {});

} // namespace nmt
