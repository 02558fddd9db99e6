// How far back the loss of a translation reaches: the norm of its gradient with respect to the states of the model, by the steps that lie
// between. It shows whether gradients vanish (Hochreiter, 1991; Bengio, Simard and Frasconi, 1994) on one's own model and sentences, and
// what an LSTM, a GRU or attention does about it. Used by `nmt gradient-flow` and the report of a recipe.
#pragma once

#include "nmt/data/corpus.hpp"
#include "nmt/models/model.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace nmt {

// By distance, from 0: of the last state that a layer computes for a sentence, the one before it, ...
struct GradientCurve {
    std::vector<double> norm;       // mean over the pairs that have a state at this distance of the gradient's Euclidean norm
    std::vector<std::size_t> pairs; // that have one; never more than at the distance before
};

struct GradientFlow {
    // All layers and directions of a side at the same distance taken as one vector; empty where that side has no states.
    GradientCurve encoder, decoder;
    std::map<std::string, GradientCurve> layers; // each by the name of its parameters: "encoder.layers.0.backward"
    std::size_t pairs = 0;
    double loss = 0; // mean over the pairs of the loss that was followed back, in nats
};

enum class FollowedLoss {
    last, // of the last token of the target, </s>: all of its gradient comes from the end
    all   // the mean over all tokens of the target: each state also has the gradient of the words near it
};

// The loss is the cross-entropy -log p(token | source, tokens before it), without label smoothing and without dropout. States are:
//   of a recurrent layer, whatever its cell, the hidden state (of an LSTM not the cell), a state a token that it reads, and the gradient
//     is that of all it brings about, through later steps and through what reads it: attention, the layers above, the output. A layer's
//     last state is the one that it computes last: for one that reads backwards, or from the end, that of the first word. So distance 0
//     of the encoder is where the source has been read, and of an `rnn` all gradient of the encoder passes through there;
//   of a layer of a transformer, which has no steps, what other positions read of it at each token: in the encoder its output, in the
//     decoder its input. The distance is that of the token from the last one, </s>.
// Of the decoder distance 0 is the step that predicts </s>; states from before the first target token (lookahead) count on behind it.
// Leaves no gradients in the parameters. Throws Error for a model without gradients (dictionary), and for an empty corpus.
GradientFlow gradient_flow(Model& model, const ParallelCorpus& corpus, FollowedLoss followed = FollowedLoss::last);

// A verdict in words: whether a gradient fades, and how far back words can be learned from. Looks no further than a quarter of the pairs
// reach. Empty for a curve without states.
std::string describe_reach(const GradientCurve& curve);

} // namespace nmt
