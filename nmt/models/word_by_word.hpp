// `word-by-word`: a plain sequence-to-sequence RNN. One recurrent stack reads a source token and the last target token and
// writes the next target token, at every step, from the first step on; with lookahead k it has read k source tokens before it
// writes (wait-k: Ma et al., 2019). No attention, no separate encoder.
#pragma once

#include "nmt/models/registry.hpp"

namespace nmt {

extern const EncoderKind kSourceEmbeddings; // its memory is the embedded source
extern const DecoderKind kWordByWordDecoder;

} // namespace nmt
