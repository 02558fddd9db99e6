#include "nmt/models/model.hpp"

#include <vector>

namespace nmt {

Memory memory_of(const Sequences& source) {
    Memory memory;
    memory.source = source;
    memory.layout = std::make_shared<const SequenceLayout>(source.lengths);
    return memory;
}

RowIndex token_rows(const Sequences& tokens, const SequenceLayout& layout) {
    RowIndex rows = tokens.tokens;
    rows.resize(static_cast<std::size_t>(layout.rows()), -1);
    return rows;
}

StepOutput teacher_forced(Model& model, const Sequences& source, const Sequences& target, bool with_attention) {
    const Memory memory = model.encoder().encode(source);
    const std::unique_ptr<State> state = model.decoder().start(memory);
    state->wants_attention = with_attention;
    return model.decoder().step(*state, shifted_targets(target));
}

CrossEntropy batch_loss(Model& model, const Batch& batch, LossOptions options) {
    const StepOutput output = teacher_forced(model, batch.source, batch.target);
    RowIndex targets = batch.target.tokens;
    targets.resize(static_cast<std::size_t>(output.hidden.rows()), -1);
    return model.decoder().loss(output.hidden, targets, options);
}

Sequences shifted_targets(const Sequences& targets) {
    Sequences shifted;
    std::vector<std::int32_t> row;
    for (int i = 0; i < targets.count(); ++i) {
        const std::span<const std::int32_t> target = targets[i];
        row.assign(1, kBeginOfSentence);
        if (!target.empty()) row.insert(row.end(), target.begin(), target.end() - 1);
        shifted.add(row);
    }
    return shifted;
}

} // namespace nmt
