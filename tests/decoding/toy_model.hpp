// A model whose logits are any function of the source, the tokens so far and the next token: searches over it can be checked against
// enumeration. It counts what search asks of it, and gives NaN in its rows of padding, which search must not look at.
#pragma once

#include "nmt/base/random.hpp"
#include "nmt/models/model.hpp"
#include "nmt/tensor/context.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace nmt {

using Tokens = std::vector<std::int32_t>;
// The logit of `next` after `prefix`, for a source that ends in </s>.
using ToyLogit = std::function<float(std::span<const std::int32_t> source, const Tokens& prefix, std::int32_t next)>;

// The attention over the source's tokens, </s> included, with which what follows `prefix` is predicted.
using ToyAttention = std::function<std::vector<float>(std::span<const std::int32_t> source, const Tokens& prefix)>;

struct ToyCounts {
    std::vector<int> sentences; // of each call to encode
    std::vector<int> rows;      // of each step
    int reorders = 0;
};

class ToyEncoder final : public Encoder {
  public:
    explicit ToyEncoder(ToyCounts& counts) : counts_(counts) {}
    Memory encode(const Sequences& source) override {
        counts_.sentences.push_back(source.count());
        return {source, nullptr, {}, {}};
    }
    std::int64_t width() const override { return 0; }

  private:
    ToyCounts& counts_;
};

struct ToyState final : State {
    struct Row {
        int sentence;
        Tokens prefix;
        bool begun;
    };
    ToyState(const Memory& of, ToyCounts& to) : memory(of), counts(to) {}

    void reorder(std::span<const std::int32_t> from) override {
        ++counts.reorders;
        std::vector<Row> next;
        for (const std::int32_t row : from) next.push_back(rows.at(static_cast<std::size_t>(row)));
        rows = std::move(next);
    }

    const Memory& memory;
    ToyCounts& counts;
    std::vector<Row> rows;
};

class ToyDecoder final : public Decoder {
  public:
    ToyDecoder(Context& context, int vocabulary, ToyLogit logit, ToyAttention attention, ToyCounts& counts)
        : context_(context), vocabulary_(vocabulary), logit_(std::move(logit)), attention_(std::move(attention)), counts_(counts) {}

    std::unique_ptr<State> start(const Memory& memory) override {
        auto state = std::make_unique<ToyState>(memory, counts_);
        for (int sentence = 0; sentence < memory.source.count(); ++sentence) state->rows.push_back({sentence, {}, false});
        return state;
    }

    // The hidden vectors are the logits themselves: [padded R,V].
    StepOutput step(State& any_state, const Sequences& tokens) override {
        auto& state = dynamic_cast<ToyState&>(any_state);
        const int rows = tokens.count();
        check(rows == static_cast<int>(state.rows.size()) && tokens.total() == rows, "{} tokens for {} rows", rows, state.rows.size());
        counts_.rows.push_back(rows);
        Tensor hidden(context_, {padded_rows(rows) + 3, vocabulary_});
        hidden.fill(std::numeric_limits<float>::quiet_NaN());
        Tensor attention;
        if (attention_) {
            attention = Tensor(context_, {padded_rows(rows) + 3, state.memory.source.longest()});
            attention.fill(std::numeric_limits<float>::quiet_NaN());
        }
        for (int i = 0; i < rows; ++i) {
            ToyState::Row& row = state.rows[static_cast<std::size_t>(i)];
            const std::int32_t token = tokens[i].front();
            check((token == kBeginOfSentence) == !row.begun && (token > 0 || !row.begun), "token {} after a prefix of {}", token,
                  row.prefix.size());
            if (row.begun) row.prefix.push_back(token);
            row.begun = true;
            for (std::int32_t v = 0; v < vocabulary_; ++v) hidden.row(i)[v] = logit_(state.memory.source[row.sentence], row.prefix, v);
            if (!attention_) continue;
            const std::vector<float> weights = attention_(state.memory.source[row.sentence], row.prefix);
            std::copy(weights.begin(), weights.end(), attention.row(i));
        }
        return {Variable(std::move(hidden)), attention};
    }

    Variable logits(const Variable& hidden) override { return Variable(hidden.value().clone()); }
    CrossEntropy loss(const Variable&, const RowIndex&, LossOptions) override { fail("a toy model is not trained"); }

  private:
    Context& context_;
    int vocabulary_;
    ToyLogit logit_;
    ToyAttention attention_;
    ToyCounts& counts_;
};

// The model with all that it needs.
struct Toy {
    Toy(int vocabulary, ToyLogit logit, int threads = 1, ToyAttention attention = {})
        : context(threads), model("toy", {vocabulary, vocabulary, true}, std::make_unique<ParameterStore>(context, 1)) {
        model.set_encoder(std::make_unique<ToyEncoder>(counts));
        model.set_decoder(std::make_unique<ToyDecoder>(context, vocabulary, std::move(logit), std::move(attention), counts));
    }

    Context context;
    ToyCounts counts;
    Model model;
};

// Pseudo-random logits that depend on everything.
inline ToyLogit random_logit(std::uint64_t seed, double spread = 2) {
    return [seed, spread](std::span<const std::int32_t> source, const Tokens& prefix, std::int32_t next) {
        std::uint64_t hash = mix_bits(seed);
        const auto add = [&](std::int32_t value) { hash = mix_bits(hash ^ static_cast<std::uint64_t>(value + 7)) + 0x9e3779b97f4a7c15ULL; };
        for (const std::int32_t token : source) add(token);
        add(-5);
        for (const std::int32_t token : prefix) add(token);
        add(-6);
        add(next);
        return static_cast<float>(Random(hash).normal() * spread);
    };
}

// Copies the source token by token, then ends.
inline ToyLogit copy_logit() {
    return [](std::span<const std::int32_t> source, const Tokens& prefix, std::int32_t next) {
        const std::int32_t wanted = prefix.size() < source.size() ? source[prefix.size()] : 0;
        return next == wanted ? 10.0F : -static_cast<float>(next % 7) / 7;
    };
}

// Pseudo-random attention that depends on everything; some tokens get next to none.
inline ToyAttention random_attention(std::uint64_t seed) {
    return [logit = random_logit(seed, 3)](std::span<const std::int32_t> source, const Tokens& prefix) {
        std::vector<float> weights;
        float sum = 0;
        for (std::size_t s = 0; s < source.size(); ++s) sum += weights.emplace_back(std::exp(logit(source, prefix, static_cast<int>(s))));
        for (float& weight : weights) weight /= sum;
        return weights;
    };
}

// All attention on the source token at the position that is written, from the first on; on </s> beyond.
inline ToyAttention diagonal_attention() {
    return [](std::span<const std::int32_t> source, const Tokens& prefix) {
        std::vector<float> weights(source.size(), 0.0F);
        weights[std::min(prefix.size(), source.size() - 1)] = 1;
        return weights;
    };
}

inline Sequences sequences(const std::vector<Tokens>& sentences) {
    Sequences result;
    for (const Tokens& sentence : sentences) result.add(sentence);
    return result;
}

} // namespace nmt
