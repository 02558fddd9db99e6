// The options of all architectures. Each encoder and decoder lists those that it reads: the others are unknown keys to it.
#pragma once

#include "nmt/base/config.hpp"

#include <string>

namespace nmt {

struct ModelOptions {
    std::string architecture = "rnn-attention";
    std::string preset = "none";
    std::string cell = "lstm";
    int embedding_size = 256;
    int hidden_size = 512;
    int encoder_layers = 1;
    int decoder_layers = 2;
    bool bidirectional = true;
    bool reversed = false;
    bool residual = false;
    std::string attention = "additive";
    int attention_size = 512;
    std::string wiring = "first-layer";
    int lookahead = 1;
    double dropout = 0.3;
    int width = 256;
    int feed_forward = 1024;
    int heads = 4;
    std::string normalization = "pre";
    std::string activation = "relu";
    std::string positions = "sinusoidal";
    int max_positions = 1024;
    double attention_dropout = 0;
    double activation_dropout = 0;
    std::string tied_embeddings = "decoder";
};

} // namespace nmt
