// `dictionary`: each source token becomes its most probable target token under IBM model 1 (Brown et al., 1993, section 4.1),
// estimated by EM. No network: the floor that every other model must clear.
#pragma once

#include "nmt/models/registry.hpp"

namespace nmt {

extern const EncoderKind kSourceTokens; // its memory is the source itself
extern const DecoderKind kDictionaryDecoder;

// Sets the dictionary's table from a corpus.
void estimate_dictionary(Model& model, const ParallelCorpus& corpus);

// Throws Error unless the table's entries are tokens of the target vocabulary and probabilities.
void check_dictionary(Model& model);

} // namespace nmt
