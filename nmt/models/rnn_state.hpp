// The state that recurrent decoders share: layers' states by row.
#pragma once

#include "nmt/layers/recurrent_layers.hpp"
#include "nmt/models/row_state.hpp"

#include <memory>
#include <utility>
#include <vector>

namespace nmt {

// How the tokens of one call of Decoder::step are laid out.
struct StepLayout {
    explicit StepLayout(const Sequences& tokens)
        : rows(tokens.lengths), time_major(std::make_shared<const TimeMajorLayout>(rows)), to_time_major(time_major->from_sequence_major()),
          single(rows.longest() == 1 && rows.total() == rows.count()) {}

    SequenceLayout rows; // sequence-major
    std::shared_ptr<const TimeMajorLayout> time_major;
    RowIndex to_time_major;
    bool single; // one token a row, as in search: both orders are the same
};

class RecurrentDecoderState : public RowState {
  public:
    RecurrentDecoderState(const Memory& memory_of, std::vector<RecurrentState> initial) : RowState(memory_of), layers(std::move(initial)) {}

    void reorder(std::span<const std::int32_t> rows) override {
        RowState::reorder(rows);
        const RowIndex index(rows.begin(), rows.end());
        for (RecurrentState& layer : layers) {
            if (layer.hidden.defined()) layer.hidden = gather_rows(layer.hidden, index);
            if (layer.cell.defined()) layer.cell = gather_rows(layer.cell, index);
        }
    }

    // The layers' states by rank, to start a step from; and, from the states after all its tokens, those of each row's last.
    std::vector<RecurrentState> by_rank(const StepLayout& layout) const {
        return layout.single ? layers : gathered(layers, layout.time_major->order());
    }
    void advance(const std::vector<RecurrentState>& after, const StepLayout& layout) {
        layers = layout.single ? after : gathered(after, layout.time_major->last_rows());
    }

    std::vector<RecurrentState> layers; // [R,H] by row; undefined for zeros

  private:
    static std::vector<RecurrentState> gathered(const std::vector<RecurrentState>& states, const RowIndex& index) {
        const auto gather = [&](const Variable& state) { return state.defined() ? gather_rows(state, index) : Variable(); };
        std::vector<RecurrentState> result;
        for (const RecurrentState& state : states) result.push_back({gather(state.hidden), gather(state.cell)});
        return result;
    }
};

} // namespace nmt
