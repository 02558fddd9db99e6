// Attention of a decoder over the encoder's states, with its projections.
#pragma once

#include "nmt/layers/dense.hpp"

#include <memory>
#include <string>

namespace nmt {

AttentionScore attention_score_from_name(const std::string& name); // "dot", "additive"; throws Error

// One head. Parameters NAME.query.weight [D,query], NAME.key.weight [D,E] and, for additive scores, NAME.key.bias and NAME.v [D]; the
// values are the states as they are. Dot scores have no bias of the keys: it would move all scores of a query alike.
class SingleHeadAttention {
  public:
    struct Widths {
        std::int64_t query = 0, memory = 0, attention = 0; // memory: E, attention: D
    };
    SingleHeadAttention(ParameterStore& parameters, const std::string& name, AttentionScore score, Widths widths);

    // The keys [M,D] of the states [M,E]: once a batch.
    Variable keys(const Variable& states) { return key_(states); }

    // queries [N,query] of sentences sentence_of_query [N].
    AttentionResult operator()(const Variable& queries, const RowIndex& sentence_of_query,
                               const std::shared_ptr<const SequenceLayout>& memory, const Variable& keys, const Variable& states) {
        return attention({score_, sentence_of_query, memory}, query_(queries), keys, states, v_);
    }

  private:
    AttentionScore score_;
    Linear query_, key_;
    Parameter* v_;
};

} // namespace nmt
