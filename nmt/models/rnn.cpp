#include "nmt/models/rnn.hpp"

#include "nmt/layers/single_head_attention.hpp"
#include "nmt/models/rnn_state.hpp"
#include "nmt/tensor/elementwise.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

namespace nmt {
namespace {

// Embedded source, read by recurrent layers.
class RecurrentSourceEncoder : public Encoder {
  public:
    explicit RecurrentSourceEncoder(ModelBuilder& builder)
        : dropout_(static_cast<float>(builder.options.dropout)),
          embedding_(builder.parameters, "encoder.embedding", builder.vocabulary.source, builder.options.embedding_size),
          layers_(builder.parameters, "encoder.layers", layer_options(builder.options)) {
        builder.source_embedding = &embedding_;
    }

    Memory encode(const Sequences& source) override {
        Memory memory = memory_of(source);
        RecurrentEncoder::Result read = layers_(dropout(embedding_(token_rows(source, *memory.layout)), dropout_), *memory.layout);
        memory.states = dropout(read.states, dropout_);
        memory.summary = read.last;
        return memory;
    }

    std::int64_t width() const override { return layers_.width(); }
    MicroBatchSize micro_batch_size() const override { return kRecurrentMicroBatch; }

  private:
    static RecurrentEncoderOptions layer_options(const ModelOptions& options) {
        return {.cell = cell_from_name(options.cell),
                .layers = options.encoder_layers,
                .in = options.embedding_size,
                .hidden = options.hidden_size,
                .bidirectional = options.bidirectional,
                .reversed = options.reversed,
                .dropout = static_cast<float>(options.dropout),
                .residual = options.residual};
    }

    float dropout_;
    Embedding embedding_;
    RecurrentEncoder layers_;
};

enum class Wiring {
    none,          // no attention: the first state alone carries the source
    first_layer,   // the first layer's output asks, the layers above read the answer (Wu et al., 2016): training runs all
                   // target positions at once
    input_feeding, // the top layer's output asks; what was read is part of the next step's input (Luong et al., 2015)
};

// What an attentional decoder remembers besides its layers' states.
class AttentionalState : public RecurrentDecoderState {
  public:
    using RecurrentDecoderState::RecurrentDecoderState;
    void reorder(std::span<const std::int32_t> rows) override {
        RecurrentDecoderState::reorder(rows);
        if (fed.defined()) fed = gather_rows(fed, RowIndex(rows.begin(), rows.end()));
    }
    Variable keys; // [M,A] of the memory; undefined without attention
    Variable fed;  // [R,E] input feeding: the attentional vector of the step before; undefined for zeros
};

// The rows of a step's output in another order: index [N] with -1 for rows of padding.
StepOutput reordered(const StepOutput& output, const RowIndex& index) {
    StepOutput result{gather_rows(output.hidden, index), Tensor()};
    if (!output.attention.empty()) {
        result.attention = Tensor(output.hidden.context(), {static_cast<std::int64_t>(index.size()), output.attention.columns()});
        gather_rows(output.attention, index, 1, result.attention);
    }
    return result;
}

// What all recurrent decoders have: bridges from the encoder to their first states, a first layer, layers above, a readout.
class RecurrentDecoder : public Decoder {
  public:
    RecurrentDecoder(ModelBuilder& builder, const Encoder& encoder, Wiring wiring)
        : cell_(cell_from_name(builder.options.cell)), dropout_(static_cast<float>(builder.options.dropout)),
          embedding_(make_target_embedding(builder, builder.options.embedding_size)),
          first_(builder.parameters, "decoder.first", first_options(builder.options, wiring)),
          upper_(builder.parameters, "decoder.upper", upper_options(builder.options, encoder, wiring)),
          readout_(builder.parameters, "decoder.readout", readout_width(builder.options, encoder, wiring), builder.options.embedding_size),
          output_(make_output_layer(builder, embedding_)) {
        const std::int64_t hidden = builder.options.hidden_size;
        if (wiring != Wiring::none)
            attention_.emplace(builder.parameters, "decoder.attention", attention_score_from_name(builder.options.attention),
                               SingleHeadAttention::Widths{hidden, encoder.width(), builder.options.attention_size});
        for (int i = 0; i < builder.options.decoder_layers; ++i) {
            hidden_bridge_.emplace_back(builder.parameters, fmt::format("decoder.bridge.{}.hidden", i), encoder.width(), hidden);
            if (cell_ == Cell::lstm)
                cell_bridge_.emplace_back(builder.parameters, fmt::format("decoder.bridge.{}.cell", i), encoder.width(), hidden);
        }
    }

    std::unique_ptr<State> start(const Memory& memory) override {
        std::vector<RecurrentState> initial;
        for (std::size_t i = 0; i < hidden_bridge_.size(); ++i)
            initial.push_back(
                {tanh(hidden_bridge_[i](memory.summary)), cell_ == Cell::lstm ? cell_bridge_[i](memory.summary) : Variable()});
        auto state = std::make_unique<AttentionalState>(memory, std::move(initial));
        if (attention_) state->keys = attention_->keys(memory.states);
        return state;
    }

    Variable logits(const Variable& hidden) override { return output_.logits(hidden); }

    MicroBatchSize micro_batch_size() const override { return kRecurrentMicroBatch; }

    CrossEntropy loss(const Variable& hidden, const RowIndex& targets, LossOptions options) override {
        return output_.loss(hidden, targets, options);
    }

  protected:
    // Embeddings [N,E] of the tokens in time-major order.
    Variable embed(const Sequences& tokens, const StepLayout& layout) {
        RowIndex ids;
        for (const std::int32_t row : layout.to_time_major) ids.push_back(row < 0 ? -1 : tokens.tokens[static_cast<std::size_t>(row)]);
        return dropout(embedding_(std::move(ids)), dropout_);
    }

    // Attention of queries [N,H] that belong to the state's rows row_of_query [N].
    AttentionResult attend(const AttentionalState& state, const Variable& queries, const RowIndex& row_of_query) {
        return (*attention_)(queries, state.sentences_of(row_of_query), state.memory->layout, state.keys, state.memory->states);
    }

    // The first layer's output through the layers above; `extra` is a further input to each of them.
    RecurrentStack::Result run_upper(const RecurrentStack::Result& first, const Variable& extra,
                                     const std::shared_ptr<const TimeMajorLayout>& layout, const std::vector<RecurrentState>& initial) {
        if (upper_.layers() == 0) return first;
        RecurrentStack::Result all = upper_(dropout(first.output, dropout_), extra, layout, {initial.begin() + 1, initial.end()});
        all.states.insert(all.states.begin(), first.states.front());
        return all;
    }

    // The vector before the vocabulary, from the top layer, what attention has read, and the last token (Pascanu et al., 2014).
    Variable read_out(const Variable& top, const Variable& read, const Variable& embedded) {
        return tanh(readout_(read.defined() ? concatenate_columns({top, read, embedded}) : concatenate_columns({top, embedded})));
    }

    Cell cell_;
    float dropout_;
    Embedding embedding_;
    RecurrentStack first_, upper_;
    std::optional<SingleHeadAttention> attention_;

  private:
    RecurrentStackOptions first_options(const ModelOptions& options, Wiring wiring) const {
        const int in = options.embedding_size * (wiring == Wiring::input_feeding ? 2 : 1);
        return {.cell = cell_, .layers = 1, .in = in, .hidden = options.hidden_size};
    }

    RecurrentStackOptions upper_options(const ModelOptions& options, const Encoder& encoder, Wiring wiring) const {
        return {.cell = cell_,
                .layers = options.decoder_layers - 1,
                .in = options.hidden_size,
                .hidden = options.hidden_size,
                .extra = wiring == Wiring::first_layer ? encoder.width() : 0,
                .dropout = dropout_,
                .residual = options.residual};
    }

    static std::int64_t readout_width(const ModelOptions& options, const Encoder& encoder, Wiring wiring) {
        return options.hidden_size + (wiring == Wiring::none ? 0 : encoder.width()) + options.embedding_size;
    }

    std::deque<Linear> hidden_bridge_, cell_bridge_;
    Linear readout_;
    OutputLayer output_;
};

// Without attention, or with the attention of the first layer: every layer runs over all tokens in one go.
class ParallelDecoder : public RecurrentDecoder {
  public:
    using RecurrentDecoder::RecurrentDecoder;

    StepOutput step(State& opaque, const Sequences& tokens) override {
        auto& state = dynamic_cast<AttentionalState&>(opaque);
        const StepLayout layout(tokens);
        const std::vector<RecurrentState> initial = state.by_rank(layout);
        const Variable embedded = embed(tokens, layout);
        const RecurrentStack::Result first = first_(embedded, Variable(), layout.time_major, {initial.front()});
        AttentionResult read;
        if (attention_) read = attend(state, first.output, layout.time_major->sequence_of_row());
        const RecurrentStack::Result top = run_upper(first, read.context, layout.time_major, initial);
        state.advance(top.states, layout);
        const Tensor attention = state.wants_attention ? read.weights : Tensor();
        return to_token_order({dropout(read_out(top.output, read.context, embedded), dropout_), attention}, layout);
    }

  private:
    static StepOutput to_token_order(const StepOutput& output, const StepLayout& layout) {
        if (layout.single) return output;
        return reordered(output, layout.time_major->to_sequence_major());
    }
};

// Input feeding: a token of every row at a time, since a step's input holds the attentional vector of the step before.
class InputFeedingDecoder : public RecurrentDecoder {
  public:
    using RecurrentDecoder::RecurrentDecoder;

    MicroBatchSize micro_batch_size() const override { return {1536, 4096}; } // all of its operations are a step's

    StepOutput step(State& opaque, const Sequences& tokens) override {
        auto& state = dynamic_cast<AttentionalState&>(opaque);
        const StepLayout layout(tokens);
        const TimeMajorLayout& time = *layout.time_major;
        const Variable embedded = embed(tokens, layout);
        Unrolled all;
        std::vector<RecurrentState> states = state.by_rank(layout);
        Variable fed = !state.fed.defined() || layout.single ? state.fed : gather_rows(state.fed, time.order());
        for (int t = 0; t < time.steps(); ++t) {
            const RowIndex rows = range(time.offset(t), time.active(t));
            const RowIndex prefix = range(0, time.active(t));
            const Variable now = time.steps() == 1 ? embedded : gather_rows(embedded, rows);
            fed = fed.defined() ? fitted(fed, prefix) : Variable(Tensor::zeros(now.context(), now.value().shape()));
            const auto one =
                std::make_shared<const TimeMajorLayout>(SequenceLayout(std::vector<int>(static_cast<std::size_t>(time.active(t)), 1)));
            const RecurrentStack::Result first = first_(concatenate_columns({now, fed}), Variable(), one, {states.front()});
            const RecurrentStack::Result top = run_upper(first, Variable(), one, states);
            const AttentionResult read = attend(state, top.output, row_of_rank(time, prefix));
            fed = read_out(top.output, read.context, now);
            states = top.states;
            all.add({dropout(fed, dropout_), state.wants_attention ? read.weights : Tensor()}, fed, states);
        }
        return all.finish(state, layout);
    }

  private:
    // `count` rows from `first` on, then padding.
    static RowIndex range(std::int32_t first, std::int32_t count) {
        RowIndex rows(static_cast<std::size_t>(padded_rows(count)), -1);
        std::iota(rows.begin(), rows.begin() + count, first);
        return rows;
    }

    // The first rows of a tensor that may have more, as finished sentences leave.
    static Variable fitted(const Variable& x, const RowIndex& prefix) {
        return x.rows() == static_cast<std::int64_t>(prefix.size()) ? x : gather_rows(x, prefix);
    }

    static RowIndex row_of_rank(const TimeMajorLayout& time, RowIndex ranks) {
        for (std::int32_t& rank : ranks)
            if (rank >= 0) rank = time.order()[static_cast<std::size_t>(rank)];
        return ranks;
    }

    // What the steps leave, and where each step's rows stand in it.
    struct Unrolled {
        std::vector<Variable> hidden, fed;
        std::vector<Variable> weights; // none where they are not wanted
        std::vector<std::vector<RecurrentState>> states;
        std::vector<std::int32_t> offsets;
        std::int32_t rows = 0;

        void add(const StepOutput& output, const Variable& fed_next, const std::vector<RecurrentState>& after) {
            offsets.push_back(rows);
            rows += static_cast<std::int32_t>(output.hidden.rows());
            hidden.push_back(output.hidden);
            if (!output.attention.empty()) weights.emplace_back(output.attention);
            fed.push_back(fed_next);
            states.push_back(after);
        }

        // Row of token `position` of the row at `rank`.
        std::int32_t row(int position, std::int32_t rank) const { return offsets[static_cast<std::size_t>(position)] + rank; }

        StepOutput finish(AttentionalState& state, const StepLayout& layout) const {
            if (layout.single) {
                state.layers = states.front();
                state.fed = fed.front();
                return {hidden.front(), weights.empty() ? Tensor() : weights.front().value()};
            }
            const std::vector<std::int32_t> ranks = layout.time_major->rank();
            RowIndex tokens(static_cast<std::size_t>(layout.rows.rows()), -1), last;
            for (int r = 0; r < layout.rows.count(); ++r) {
                for (int i = 0; i < layout.rows.length(r); ++i)
                    tokens[static_cast<std::size_t>(layout.rows.offset(r) + i)] = row(i, ranks[static_cast<std::size_t>(r)]);
                last.push_back(row(layout.rows.length(r) - 1, ranks[static_cast<std::size_t>(r)]));
            }
            state.fed = gather_rows(concatenate_rows(fed), last);
            for (std::size_t layer = 0; layer < state.layers.size(); ++layer) {
                std::vector<Variable> hidden_states, cells;
                for (const std::vector<RecurrentState>& step : states) {
                    hidden_states.push_back(step[layer].hidden);
                    if (step[layer].cell.defined()) cells.push_back(step[layer].cell);
                }
                state.layers[layer] = {gather_rows(concatenate_rows(hidden_states), last),
                                       cells.empty() ? Variable() : gather_rows(concatenate_rows(cells), last)};
            }
            return reordered({concatenate_rows(hidden), weights.empty() ? Tensor() : concatenate_rows(weights).value()}, tokens);
        }
    };
};

void describe_layers(ModelOptions& options, OptionTable& table) {
    table.add("cell", options.cell, "recurrent cell", {"lstm", "gru", "tanh"});
    table.add("embedding-size", options.embedding_size, "width of the embeddings", 1, 65536);
    table.add("hidden-size", options.hidden_size, "units of each recurrent layer and direction", 1, 65536);
    table.add("residual", options.residual, "adds the input of a layer to its output, from the second layer on");
    table.add("dropout", options.dropout, "probability of dropping a value of embeddings, layers' inputs and outputs", 0, 0.95);
}

void describe_encoder(ModelOptions& options, OptionTable& table) {
    table.add("encoder-layers", options.encoder_layers, "recurrent layers of the encoder", 1, 16);
    table.add("bidirectional", options.bidirectional, "the encoder reads each sentence in both directions");
    table.add("reversed", options.reversed, "the encoder reads each sentence from its end (Sutskever et al., 2014)");
    describe_layers(options, table);
}

void describe_decoder(ModelOptions& options, OptionTable& table) {
    table.add("decoder-layers", options.decoder_layers, "recurrent layers of the decoder", 1, 16);
    describe_layers(options, table);
    describe_tied_embeddings(options, table);
}

void describe_attention_decoder(ModelOptions& options, OptionTable& table) {
    describe_decoder(options, table);
    table.add("attention", options.attention, "score of the attention: v tanh(q + k) or q k", {"additive", "dot"});
    table.add("attention-size", options.attention_size, "width of its queries and keys", 1, 65536);
    table.add("wiring", options.wiring,
              "first-layer: the first decoder layer asks, the layers above read the answer; input-feeding: the top layer asks, "
              "and the next step reads the answer (slower)",
              {"first-layer", "input-feeding"});
}

std::unique_ptr<Decoder> make_attention_decoder(ModelBuilder& builder, const Encoder& encoder) {
    if (builder.options.wiring == "input-feeding") return std::make_unique<InputFeedingDecoder>(builder, encoder, Wiring::input_feeding);
    return std::make_unique<ParallelDecoder>(builder, encoder, Wiring::first_layer);
}

} // namespace

const EncoderKind kRecurrentEncoder{
    describe_encoder, [](ModelBuilder& builder) -> std::unique_ptr<Encoder> { return std::make_unique<RecurrentSourceEncoder>(builder); }};

const DecoderKind kRecurrentDecoder{describe_decoder, [](ModelBuilder& builder, const Encoder& encoder) -> std::unique_ptr<Decoder> {
                                        return std::make_unique<ParallelDecoder>(builder, encoder, Wiring::none);
                                    }};

const DecoderKind kAttentionRecurrentDecoder{describe_attention_decoder, make_attention_decoder};

} // namespace nmt
