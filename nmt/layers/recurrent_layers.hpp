// Recurrent layers over packed sequences, alone, stacked and in both directions.
#pragma once

#include "nmt/layers/dense.hpp"

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace nmt {

// One layer. Parameters NAME.input.weight [G*H,in], NAME.input.bias [G*H], NAME.hidden.weight [G*H,H] and, for the gru,
// NAME.hidden.bias [H] of its new gate. Gate order: tensor/recurrent.hpp. An lstm's forget gate starts with bias 1
// (Jozefowicz et al., 2015).
class RecurrentLayer {
  public:
    RecurrentLayer(ParameterStore& parameters, const std::string& name, Cell cell, std::int64_t in, std::int64_t hidden);

    // x [N,in] time-major; initial states [B,H] by rank, undefined for zeros.
    RecurrentState operator()(const Variable& x, const std::shared_ptr<const TimeMajorLayout>& layout, const RecurrentState& initial = {});

  private:
    Cell cell_;
    Linear input_;
    Parameter& hidden_weight_;
    Parameter* hidden_bias_;
};

struct RecurrentStackOptions {
    Cell cell = Cell::lstm;
    int layers = 1;
    std::int64_t in = 0, hidden = 0;
    std::int64_t extra = 0; // columns of an input that every layer of the stack gets besides the output of the layer below
    float dropout = 0;      // on the input of every layer but the first
    bool residual = false;  // a layer's input is added to its output, where both are `hidden` wide (He et al., 2016)
};

// Layers on top of one another. Parameters NAME.0..., NAME.1..., ...
class RecurrentStack {
  public:
    RecurrentStack(ParameterStore& parameters, const std::string& name, const RecurrentStackOptions& options);

    struct Result {
        Variable output;                    // [N,H], time-major: of the top layer
        std::vector<RecurrentState> states; // [N,H] of each layer
    };
    // x [N,in] and extra [N,extra] (undefined if there is none), time-major; a state by rank for each layer, or none at all.
    Result operator()(const Variable& x, const Variable& extra, const std::shared_ptr<const TimeMajorLayout>& layout,
                      const std::vector<RecurrentState>& initial);
    int layers() const { return options_.layers; }

  private:
    RecurrentStackOptions options_;
    std::deque<RecurrentLayer> layers_;
};

// Layers that read each sentence forwards and, if asked to, backwards (Schuster and Paliwal, 1997); each direction starts at the
// sentence's own end, whatever its neighbours' lengths. Parameters NAME.0.forward..., NAME.0.backward..., ...
struct RecurrentEncoderOptions {
    Cell cell = Cell::lstm;
    int layers = 1;
    std::int64_t in = 0, hidden = 0; // hidden: of one direction
    bool bidirectional = true;
    bool reversed = false; // reads from the last token to the first (Sutskever et al., 2014); not with bidirectional
    float dropout = 0;     // between layers
    bool residual = false; // from the second layer on
};

class RecurrentEncoder {
  public:
    RecurrentEncoder(ParameterStore& parameters, const std::string& name, const RecurrentEncoderOptions& options);
    std::int64_t width() const { return options_.hidden * (options_.bidirectional ? 2 : 1); }

    struct Result {
        Variable states; // [N,width], sequence-major
        Variable last;   // [B,width]: where each direction of the top layer has read its whole sentence
    };
    // x [N,in], sequence-major.
    Result operator()(const Variable& x, const SequenceLayout& sequences);

  private:
    RecurrentEncoderOptions options_;
    std::deque<RecurrentLayer> forward_, backward_;
};

} // namespace nmt
