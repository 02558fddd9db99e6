// The recurrent encoder-decoder: `rnn` (Sutskever et al., 2014) and, with attention, `rnn-attention` (Bahdanau et al., 2015;
// Luong et al., 2015; Wu et al., 2016).
#pragma once

#include "nmt/models/registry.hpp"

namespace nmt {

extern const EncoderKind kRecurrentEncoder;
extern const DecoderKind kRecurrentDecoder;          // sees the source through its initial state alone
extern const DecoderKind kAttentionRecurrentDecoder; // looks at the encoder's states at every step

} // namespace nmt
