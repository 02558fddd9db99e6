// The transformer (Vaswani et al., 2017): encoder and decoder, pre- or post-normalized.
#pragma once

#include "nmt/models/registry.hpp"

namespace nmt {

extern const EncoderKind kTransformerEncoder;
extern const DecoderKind kTransformerDecoder;
extern const std::span<const Preset> kTransformerPresets; // tiny, small, base
void set_transformer_defaults(ModelOptions& options);       // those of small

} // namespace nmt
