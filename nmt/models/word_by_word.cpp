#include "nmt/models/word_by_word.hpp"

#include "nmt/models/rnn_state.hpp"

#include <algorithm>

namespace nmt {
namespace {

class SourceEmbeddings : public Encoder {
  public:
    explicit SourceEmbeddings(ModelBuilder& builder)
        : embedding_(builder.parameters, "encoder.embedding", builder.vocabulary.source, builder.options.embedding_size) {
        builder.source_embedding = &embedding_;
    }

    Memory encode(const Sequences& source) override {
        Memory memory = memory_of(source);
        memory.states = embedding_(token_rows(source, *memory.layout));
        return memory;
    }

    std::int64_t width() const override { return embedding_.width(); }

  private:
    Embedding embedding_;
};

// RowState::position is how many tokens of its source a row has read.
class WordByWordDecoder : public Decoder {
  public:
    WordByWordDecoder(ModelBuilder& builder, const Encoder& encoder)
        : lookahead_(builder.options.lookahead), dropout_(static_cast<float>(builder.options.dropout)),
          embedding_(builder.parameters, "decoder.embedding", builder.vocabulary.target, builder.options.embedding_size),
          layers_(builder.parameters, "decoder.layers",
                  {.cell = cell_from_name(builder.options.cell),
                   .layers = builder.options.decoder_layers,
                   .in = encoder.width() + builder.options.embedding_size,
                   .hidden = builder.options.hidden_size,
                   .dropout = dropout_,
                   .residual = builder.options.residual}),
          readout_(builder.parameters, "decoder.readout", builder.options.hidden_size, builder.options.embedding_size),
          output_(make_output_layer(builder, embedding_)) {}

    std::unique_ptr<State> start(const Memory& memory) override {
        auto state = std::make_unique<RecurrentDecoderState>(memory, std::vector<RecurrentState>(static_cast<std::size_t>(layers_.layers())));
        // The first k - 1 source tokens are read in silence; a shorter sentence has been read whole.
        Sequences silence;
        for (const int length : memory.source.lengths)
            silence.add(std::vector<std::int32_t>(static_cast<std::size_t>(std::min(lookahead_, length) - 1), kBeginOfSentence));
        if (silence.total() > 0) run(*state, silence, StepLayout(silence));
        return state;
    }

    StepOutput step(State& opaque, const Sequences& tokens) override {
        const StepLayout layout(tokens);
        const Variable top = run(dynamic_cast<RecurrentDecoderState&>(opaque), tokens, layout);
        const Variable hidden = dropout(tanh(readout_(dropout(top, dropout_))), dropout_);
        return {layout.single ? hidden : gather_rows(hidden, layout.time_major->to_sequence_major()), Tensor()};
    }

    Variable logits(const Variable& hidden) override { return output_.logits(hidden); }

    MicroBatchSize micro_batch_size() const override { return kRecurrentMicroBatch; }

    CrossEntropy loss(const Variable& hidden, const RowIndex& targets, LossOptions options) override {
        return output_.loss(hidden, targets, options);
    }

  private:
    // Reads one source token beside each target token. The top layer's output [N,H], time-major.
    Variable run(RecurrentDecoderState& state, const Sequences& tokens, const StepLayout& layout) {
        const SequenceLayout& source = *state.memory->layout;
        RowIndex source_rows(static_cast<std::size_t>(layout.rows.rows()), -1);
        for (int r = 0; r < tokens.count(); ++r) {
            const std::int32_t sentence = state.sentence_of_row[static_cast<std::size_t>(r)];
            std::int32_t& read = state.position[static_cast<std::size_t>(r)];
            for (int i = 0; i < layout.rows.length(r); ++i, ++read) // beyond the end the last token, </s>, is read again
                source_rows[static_cast<std::size_t>(layout.rows.offset(r) + i)] =
                    source.offset(sentence) + std::min(read, source.length(sentence) - 1);
        }
        RowIndex sources, targets; // time-major
        for (const std::int32_t row : layout.to_time_major) {
            sources.push_back(row < 0 ? -1 : source_rows[static_cast<std::size_t>(row)]);
            targets.push_back(row < 0 ? -1 : tokens.tokens[static_cast<std::size_t>(row)]);
        }
        const Variable input = concatenate_columns({gather_rows(state.memory->states, std::move(sources)), embedding_(std::move(targets))});
        const RecurrentStack::Result result = layers_(dropout(input, dropout_), Variable(), layout.time_major, state.by_rank(layout));
        state.advance(result.states, layout);
        return result.output;
    }

    int lookahead_;
    float dropout_;
    Embedding embedding_;
    RecurrentStack layers_;
    Linear readout_;
    OutputLayer output_;
};

void describe_source(ModelOptions&, OptionTable&) {}

void describe_decoder(ModelOptions& options, OptionTable& table) {
    table.add("lookahead", options.lookahead, "source tokens read before the first target token is written (k)", 1, 1000);
    table.add("cell", options.cell, "recurrent cell", {"lstm", "gru", "tanh"});
    table.add("embedding-size", options.embedding_size, "width of the embeddings", 1, 65536);
    table.add("hidden-size", options.hidden_size, "units of each recurrent layer", 1, 65536);
    table.add("decoder-layers", options.decoder_layers, "recurrent layers", 1, 16);
    table.add("residual", options.residual, "adds the input of a layer to its output, where both are equally wide");
    table.add("dropout", options.dropout, "probability of dropping a value of embeddings, layers' inputs and outputs", 0, 0.95);
    table.add("tied-embeddings", options.tied_embeddings, "what is one matrix: nothing; target embedding and output layer",
              {"none", "decoder"});
}

} // namespace

const EncoderKind kSourceEmbeddings{
    describe_source, [](ModelBuilder& builder) -> std::unique_ptr<Encoder> { return std::make_unique<SourceEmbeddings>(builder); }};

const DecoderKind kWordByWordDecoder{describe_decoder, [](ModelBuilder& builder, const Encoder& encoder) -> std::unique_ptr<Decoder> {
                                         return std::make_unique<WordByWordDecoder>(builder, encoder);
                                     }};

} // namespace nmt
