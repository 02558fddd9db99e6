// Beam search over any model, for all sentences of a batch at once. It knows models by their encoder and decoder alone.
// Used by the translator, and by whoever has token ids already.
#pragma once

#include "nmt/base/config.hpp"
#include "nmt/decoding/beam.hpp"
#include "nmt/models/model.hpp"

#include <vector>

namespace nmt {

// How translations are searched for: on the command line and in the section [search] of a configuration.
struct SearchOptions {
    int beam = 5;                   // 1: greedy
    int n_best = 1;                 // hypotheses a sentence
    double length_penalty = 1.0;    // score = log-probability / length^length_penalty; the length counts </s>
    double max_length_factor = 2.0; // a translation has at most factor * source tokens + offset tokens, </s> counted on both sides
    int max_length_offset = 10;

    void describe(OptionTable& table);
    // Throws Error for n_best > beam, which no range of a single option can say.
    void validate() const;
    // The most tokens that the translation of a source of that many tokens may have; at least 1.
    int max_length(int source_tokens) const;
};

// For each sentence of `source` (each ends in </s>) its n best translations, best first; fewer where there are not as many.
// The translations of a sentence do not depend on its neighbours in the batch, where the model's rows do not.
// Throws Error for options that do not fit together, for a model that gives NaN, and while a tape exists.
std::vector<std::vector<Hypothesis>> search(Model& model, const Sequences& source, const SearchOptions& options);

} // namespace nmt
