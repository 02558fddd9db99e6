// What a translation model is: an encoder and a decoder. One definition serves training, scoring and search; only these
// interfaces are known to them.
#pragma once

#include "nmt/autograd/operations.hpp"
#include "nmt/data/batch.hpp"
#include "nmt/layers/parameters.hpp"

#include <limits>
#include <memory>
#include <span>
#include <string>

namespace nmt {

// The token before the first: decoders give it a zero embedding.
inline constexpr std::int32_t kBeginOfSentence = -1;

// What the encoder leaves to the decoder. Hypotheses of a sentence share it; nothing in it is copied per hypothesis.
struct Memory {
    Sequences source;                             // the sentences themselves, each ending in </s>
    std::shared_ptr<const SequenceLayout> layout; // of the rows of `states`, sequence-major
    Variable states;                              // [M,D]; undefined where the model has none
    Variable summary;                             // [B,D]: the sentences as one vector each; undefined where the model has none
};

// A memory of the source and its layout, as every encoder's begins.
Memory memory_of(const Sequences& source);

// The tokens as rows of a layout of them: -1 in rows of padding.
RowIndex token_rows(const Sequences& tokens, const SequenceLayout& layout);

// Target tokens of a micro-batch in training: about `usual`, as more leave the processor's cache and take memory; where fewer than `least`
// would be left to a thread, threads do better to share them. As measured with two cores.
struct MicroBatchSize {
    std::int64_t usual = 1024, least = 512;
};
// For what computes one position of all sentences after another: its products have a row a sentence.
inline constexpr MicroBatchSize kRecurrentMicroBatch{768, 2048};

class Encoder {
  public:
    virtual ~Encoder() = default;
    virtual Memory encode(const Sequences& source) = 0;
    virtual std::int64_t width() const = 0; // D of Memory::states, and of Memory::summary where there is one
    virtual int max_length() const { return std::numeric_limits<int>::max(); } // tokens that a source may have, </s> counted
    virtual MicroBatchSize micro_batch_size() const { return {}; }
};

// What a decoder remembers of R rows of unfinished translations. Search calls reorder, and says whether it wants attention.
class State {
  public:
    virtual ~State() = default;
    // Row i becomes what row rows[i] was, sentence included; rows may be repeated, left out, fewer or more.
    virtual void reorder(std::span<const std::int32_t> rows) = 0;

    bool wants_attention = true; // where nobody wants it, step() may leave it out
};

struct StepOutput {
    Variable hidden;  // [N,D], for logits() and loss(): a row a token, in the order of the tokens; rows of padding follow
    Tensor attention; // [N,S]: the weights over the source, or empty where the model has no attention, or it is not wanted
};

class Decoder {
  public:
    virtual ~Decoder() = default;

    // One row a sentence, in their order. The memory must outlive the state.
    virtual std::unique_ptr<State> start(const Memory& memory) = 0;
    virtual int max_length() const { return std::numeric_limits<int>::max(); } // tokens that a row may be advanced by in all
    virtual MicroBatchSize micro_batch_size() const { return {}; }

    // Advances each row r by tokens[r], the tokens before the ones to predict: kBeginOfSentence at first, then the target.
    // Training passes all tokens of each target at once, search one a row.
    virtual StepOutput step(State& state, const Sequences& tokens) = 0;

    // hidden [N,D] to logits [N,V].
    virtual Variable logits(const Variable& hidden) = 0;

    // The loss of the next tokens, targets [N] (negative: the row does not count), with its gradient on the tape.
    virtual CrossEntropy loss(const Variable& hidden, const RowIndex& targets, LossOptions options) = 0;
};

// Sizes of the vocabularies; `shared` where both sides have one tokenizer, so that embeddings may be tied across them.
struct Vocabulary {
    int source = 0, target = 0;
    bool shared = false;
};

class Model {
  public:
    Model(std::string architecture, Vocabulary vocabulary, std::unique_ptr<ParameterStore> parameters)
        : architecture_(std::move(architecture)), vocabulary_(vocabulary), parameters_(std::move(parameters)) {}

    const std::string& architecture() const { return architecture_; } // its name in the registry
    const Vocabulary& vocabulary() const { return vocabulary_; }
    ParameterStore& parameters() { return *parameters_; }
    const ParameterStore& parameters() const { return *parameters_; }
    Context& context() { return parameters_->context(); }
    Encoder& encoder() { return *encoder_; }
    Decoder& decoder() { return *decoder_; }

    void set_encoder(std::unique_ptr<Encoder> encoder) { encoder_ = std::move(encoder); }
    void set_decoder(std::unique_ptr<Decoder> decoder) { decoder_ = std::move(decoder); }

  private:
    std::string architecture_;
    Vocabulary vocabulary_;
    std::unique_ptr<ParameterStore> parameters_;
    std::unique_ptr<Encoder> encoder_;
    std::unique_ptr<Decoder> decoder_;
};

// The decoder's inputs for given targets: each sentence shifted by one, with kBeginOfSentence in front.
Sequences shifted_targets(const Sequences& targets);

// What the decoder makes of a batch's given targets, each token read after those before it (teacher forcing): a row of `hidden` predicts
// the target of the same row. Attention where it is asked for, and the model has it.
StepOutput teacher_forced(Model& model, const Sequences& source, const Sequences& target, bool with_attention = false);

// The summed loss of a batch; with a tape, the tape holds its gradient.
CrossEntropy batch_loss(Model& model, const Batch& batch, LossOptions options);

} // namespace nmt
