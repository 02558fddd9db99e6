#include "nmt/models/transformer.hpp"

#include "nmt/layers/transformer_blocks.hpp"
#include "nmt/models/row_state.hpp"
#include "nmt/tensor/elementwise.hpp"
#include "nmt/tensor/key_value_cache.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <optional>

namespace nmt {
namespace {

// Token embeddings scaled by sqrt(D), plus positions. Parameters NAME.weight, and NAME.positions for learned ones.
class PositionedEmbedding {
  public:
    PositionedEmbedding(ModelBuilder& builder, Embedding& embedding, const std::string& name)
        : embedding_(embedding), dropout_(static_cast<float>(builder.options.dropout)),
          scale_(static_cast<float>(std::sqrt(builder.options.width))), sinusoidal_(builder.options.width) {
        if (builder.options.positions != "learned") return;
        max_length_ = builder.options.max_positions;
        learned_.emplace(builder.parameters, name + ".positions", max_length_, builder.options.width);
    }

    // ids and positions [N], negative in rows of padding (a negative id with a position: no token).
    Variable operator()(RowIndex ids, const RowIndex& positions) {
        const Variable tokens = embedding(embedding_.table(), std::move(ids), scale_);
        if (!learned_) return dropout(add(tokens, Variable(sinusoidal_(tokens.context(), positions))), dropout_);
        for (const std::int32_t position : positions)
            check(position < max_length_,
                  "a sentence has more tokens than the {} positions of the model; shorten it, or train with a larger max-positions",
                  max_length_);
        return dropout(add(tokens, (*learned_)(positions)), dropout_);
    }

    int max_length() const { return max_length_; } // tokens that have a position

  private:
    Embedding& embedding_;
    float dropout_, scale_;
    int max_length_ = std::numeric_limits<int>::max();
    SinusoidalPositions sinusoidal_;
    std::optional<Embedding> learned_; // in their place
};

RowIndex positions_of(const SequenceLayout& layout, std::span<const std::int32_t> first = {}) {
    RowIndex positions(static_cast<std::size_t>(layout.rows()), -1);
    for (int b = 0; b < layout.count(); ++b)
        for (int i = 0; i < layout.length(b); ++i)
            positions[static_cast<std::size_t>(layout.offset(b) + i)] = i + (first.empty() ? 0 : first[static_cast<std::size_t>(b)]);
    return positions;
}

RowIndex last_rows(const SequenceLayout& layout) {
    RowIndex rows;
    for (int b = 0; b < layout.count(); ++b) rows.push_back(layout.offset(b) + layout.length(b) - 1);
    return rows;
}

// A layer's states are what other positions read of it, a row a token: in the encoder its output, in the decoder its input (nobody reads
// the output of the last layer but the token's own prediction).
void observe_layer(const Variable& x, const SequenceLayout& tokens, const char* side, std::size_t layer) {
    if (Tape::current() != nullptr) observe_states(x, tokens.total(), fmt::format("{}.layers.{}", side, layer));
}

struct LayerOptions {
    explicit LayerOptions(const ModelOptions& options)
        : width(options.width), inner(options.feed_forward), heads(options.heads), pre_norm(options.normalization == "pre"),
          gelu(options.activation == "gelu"), dropout(static_cast<float>(options.dropout)),
          attention_dropout(static_cast<float>(options.attention_dropout)),
          activation_dropout(static_cast<float>(options.activation_dropout)) {}
    std::int64_t width, inner;
    int heads;
    bool pre_norm, gelu;
    float dropout, attention_dropout, activation_dropout;
};

class EncoderLayer {
  public:
    EncoderLayer(ParameterStore& parameters, const std::string& name, const LayerOptions& options)
        : options_(options), attention_(parameters, name + ".attention", options.width, options.heads),
          attention_residual_(parameters, name + ".attention.norm", options.width, options.pre_norm, options.dropout),
          feed_forward_(parameters, name + ".feed_forward", options.width, options.inner, options.gelu),
          feed_forward_residual_(parameters, name + ".feed_forward.norm", options.width, options.pre_norm, options.dropout) {}

    Variable operator()(const Variable& x, const std::shared_ptr<const MultiHeadLayout>& layout) {
        const MultiHeadProjections projections = attention_.project(attention_residual_.input(x));
        const Variable read = multi_head_attention(layout, projections, options_.attention_dropout, Readers::one).context;
        const Variable middle = attention_residual_.output(x, attention_.output(read));
        return feed_forward_residual_.output(middle, feed_forward_(feed_forward_residual_.input(middle), options_.activation_dropout));
    }

  private:
    LayerOptions options_;
    SelfAttention attention_;
    Residual attention_residual_;
    FeedForward feed_forward_;
    Residual feed_forward_residual_;
};

class TransformerEncoder : public Encoder {
  public:
    explicit TransformerEncoder(ModelBuilder& builder)
        : options_(builder.options), embedding_(builder.parameters, "encoder.embedding", builder.vocabulary.source, builder.options.width),
          positioned_(builder, embedding_, "encoder.embedding") {
        builder.source_embedding = &embedding_;
        for (int i = 0; i < builder.options.encoder_layers; ++i)
            layers_.emplace_back(builder.parameters, fmt::format("encoder.layers.{}", i), options_);
        if (options_.pre_norm) norm_.emplace(builder.parameters, "encoder.norm", options_.width);
    }

    Memory encode(const Sequences& source) override {
        Memory memory = memory_of(source);
        const auto layout =
            std::make_shared<const MultiHeadLayout>(MultiHeadLayout{options_.heads, memory.layout->sequence_of_row(), memory.layout, {}});
        Variable x = positioned_(token_rows(source, *memory.layout), positions_of(*memory.layout));
        for (std::size_t i = 0; i < layers_.size(); ++i) {
            x = layers_[i](x, layout);
            observe_layer(x, *memory.layout, "encoder", i);
        }
        memory.states = norm_ ? (*norm_)(x) : x;
        memory.summary = gather_rows(memory.states, last_rows(*memory.layout)); // </s> has seen the whole sentence
        return memory;
    }

    std::int64_t width() const override { return options_.width; }
    int max_length() const override { return positioned_.max_length(); }

  private:
    LayerOptions options_;
    Embedding embedding_;
    PositionedEmbedding positioned_;
    std::deque<EncoderLayer> layers_;
    std::optional<LayerNorm> norm_;
};

class TransformerState : public RowState {
  public:
    TransformerState(const Memory& memory, std::size_t layers) : RowState(memory), past(layers, sentence_of_row.size()) {}

    void reorder(std::span<const std::int32_t> rows) override {
        RowState::reorder(rows);
        past.reorder(rows);
    }

    KeyValueCache past;
    std::vector<CrossAttention::Memory> source; // what each layer reads of it, computed once
};

// How the tokens of one call of step() see each other and the source.
struct StepView {
    std::shared_ptr<const SequenceLayout> tokens;
    std::shared_ptr<const MultiHeadLayout> own, source;
    bool first; // nothing lies behind the tokens
};

class DecoderLayer {
  public:
    DecoderLayer(ParameterStore& parameters, const std::string& name, const LayerOptions& options, std::int64_t memory_width)
        : options_(options), self_(parameters, name + ".self_attention", options.width, options.heads),
          self_residual_(parameters, name + ".self_attention.norm", options.width, options.pre_norm, options.dropout),
          cross_(parameters, name + ".cross_attention", options.width, options.heads, memory_width),
          cross_residual_(parameters, name + ".cross_attention.norm", options.width, options.pre_norm, options.dropout),
          feed_forward_(parameters, name + ".feed_forward", options.width, options.inner, options.gelu),
          feed_forward_residual_(parameters, name + ".feed_forward.norm", options.width, options.pre_norm, options.dropout) {}

    CrossAttention::Memory project(const Memory& memory) { return cross_.project(memory.states); }

    // weights: the cross-attention's [N,H*S].
    Variable operator()(const Variable& x, TransformerState& state, std::size_t layer, const StepView& view, Tensor& weights) {
        const Variable after_self =
            self_residual_.output(x, self_.output(self_attention(self_residual_.input(x), state.past, layer, view)));
        const Variable queries = cross_.queries(cross_residual_.input(after_self));
        const auto& [keys, values] = state.source[layer];
        const MultiHeadResult read = multi_head_attention(view.source, {queries, keys, values}, options_.attention_dropout, Readers::one);
        weights = read.weights;
        const Variable middle = cross_residual_.output(after_self, cross_.output(read.context));
        return feed_forward_residual_.output(middle, feed_forward_(feed_forward_residual_.input(middle), options_.activation_dropout));
    }

  private:
    // Self-attention: over the tokens of this call alone where nothing lies behind them (training), else over the cache.
    Variable self_attention(const Variable& x, KeyValueCache& past, std::size_t layer, const StepView& view) {
        const MultiHeadProjections projections = self_.project(x);
        if (Tape::current() == nullptr) past.store(layer, projections.keys.value(), projections.values.value());
        if (view.first && (Tape::current() != nullptr || view.tokens->longest() > 1))
            return multi_head_attention(view.own, projections, options_.attention_dropout, Readers::one).context;
        check(Tape::current() == nullptr, "a transformer is trained on whole targets: gradients do not reach into the cache");
        Variable context(Tensor(x.context(), x.value().shape()));
        past.attend(layer, options_.heads, *view.tokens, projections.queries.value(), context.value());
        return context;
    }

    LayerOptions options_;
    SelfAttention self_;
    Residual self_residual_;
    CrossAttention cross_;
    Residual cross_residual_;
    FeedForward feed_forward_;
    Residual feed_forward_residual_;
};

class TransformerDecoder : public Decoder {
  public:
    TransformerDecoder(ModelBuilder& builder, const Encoder& encoder)
        : options_(builder.options), embedding_(make_target_embedding(builder, options_.width)),
          positioned_(builder, embedding_, "decoder.embedding"), output_(make_output_layer(builder, embedding_)) {
        for (int i = 0; i < builder.options.decoder_layers; ++i)
            layers_.emplace_back(builder.parameters, fmt::format("decoder.layers.{}", i), options_, encoder.width());
        if (options_.pre_norm) norm_.emplace(builder.parameters, "decoder.norm", options_.width);
    }

    std::unique_ptr<State> start(const Memory& memory) override {
        auto state = std::make_unique<TransformerState>(memory, layers_.size());
        for (DecoderLayer& layer : layers_) state->source.push_back(layer.project(memory));
        return state;
    }

    int max_length() const override { return positioned_.max_length(); }

    StepOutput step(State& opaque, const Sequences& tokens) override {
        auto& state = dynamic_cast<TransformerState&>(opaque);
        const StepView view = view_of(state, tokens);
        Variable x = positioned_(token_rows(tokens, *view.tokens), positions_of(*view.tokens, state.position));
        if (Tape::current() == nullptr) state.past.grow(*view.tokens);
        Tensor weights;
        for (std::size_t i = 0; i < layers_.size(); ++i) {
            observe_layer(x, *view.tokens, "decoder", i);
            x = layers_[i](x, state, i, view, weights);
        }
        for (int r = 0; r < tokens.count(); ++r) state.position[static_cast<std::size_t>(r)] += tokens.lengths[static_cast<std::size_t>(r)];
        return {norm_ ? (*norm_)(x) : x, state.wants_attention ? mean_over_heads(weights) : Tensor()};
    }

    Variable logits(const Variable& hidden) override { return output_.logits(hidden); }

    CrossEntropy loss(const Variable& hidden, const RowIndex& targets, LossOptions options) override {
        return output_.loss(hidden, targets, options);
    }

  private:
    StepView view_of(const TransformerState& state, const Sequences& tokens) const {
        StepView view;
        view.tokens = std::make_shared<const SequenceLayout>(tokens.lengths);
        view.first = std::all_of(state.position.begin(), state.position.end(), [](std::int32_t p) { return p == 0; });
        MultiHeadLayout own{options_.heads, view.tokens->sequence_of_row(), view.tokens, {}};
        for (const std::int32_t position : positions_of(*view.tokens)) own.visible.push_back(position + 1);
        view.own = std::make_shared<const MultiHeadLayout>(std::move(own));
        view.source = std::make_shared<const MultiHeadLayout>(
            MultiHeadLayout{options_.heads, state.sentences_of(view.tokens->sequence_of_row()), state.memory->layout, {}});
        return view;
    }

    // [N,H*S] to [N,S].
    Tensor mean_over_heads(const Tensor& weights) const {
        const std::int64_t longest = weights.columns() / options_.heads;
        Tensor mean = Tensor::zeros(weights.context(), {weights.rows(), longest});
        for (int h = 0; h < options_.heads; ++h) add_columns(weights, h * longest, mean, 0, longest);
        scale_in_place(mean, 1.0F / static_cast<float>(options_.heads));
        return mean;
    }

    LayerOptions options_;
    Embedding embedding_;
    PositionedEmbedding positioned_;
    std::deque<DecoderLayer> layers_;
    std::optional<LayerNorm> norm_;
    OutputLayer output_;
};

void describe_layers(ModelOptions& options, OptionTable& table) {
    table.add("width", options.width, "width of embeddings and layers", 1, 65536);
    table.add("feed-forward", options.feed_forward, "inner width of the feed-forward blocks", 1, 65536);
    table.add("heads", options.heads, "attention heads", 1, 1024);
    table.add("normalization", options.normalization, "layer normalization before each block or after it", {"pre", "post"});
    table.add("activation", options.activation, "of the feed-forward blocks", {"relu", "gelu"});
    table.add("positions", options.positions, "position encoding", {"sinusoidal", "learned"});
    table.add("max-positions", options.max_positions, "positions to learn, where they are learned", 1, 65536);
    table.add("dropout", options.dropout, "probability of dropping a value of embeddings and blocks' outputs", 0, 0.95);
    table.add("attention-dropout", options.attention_dropout, "of dropping an attention weight", 0, 0.95);
    table.add("activation-dropout", options.activation_dropout, "of dropping an inner value of a feed-forward block", 0, 0.95);
}

void describe_encoder(ModelOptions& options, OptionTable& table) {
    table.add("encoder-layers", options.encoder_layers, "layers of the encoder", 1, 64);
    describe_layers(options, table);
}

void describe_decoder(ModelOptions& options, OptionTable& table) {
    table.add("decoder-layers", options.decoder_layers, "layers of the decoder", 1, 64);
    describe_layers(options, table);
    describe_tied_embeddings(options, table);
}

void set_sizes(ModelOptions& options, int layers, int width, int feed_forward, int heads, double dropout) {
    options.encoder_layers = options.decoder_layers = layers;
    options.width = width;
    options.feed_forward = feed_forward;
    options.heads = heads;
    options.dropout = dropout;
}

constexpr Preset kPresets[] = {
    {"tiny", [](ModelOptions& options) { set_sizes(options, 4, 128, 256, 4, 0.3); }}, // Wu et al., 2021, for 29,000 pairs
    {"small", set_transformer_defaults},
    {"base", [](ModelOptions& options) { set_sizes(options, 6, 512, 2048, 8, 0.1); }}, // Vaswani et al., 2017
};

} // namespace

const EncoderKind kTransformerEncoder{
    describe_encoder, [](ModelBuilder& builder) -> std::unique_ptr<Encoder> { return std::make_unique<TransformerEncoder>(builder); }};

const DecoderKind kTransformerDecoder{describe_decoder, [](ModelBuilder& builder, const Encoder& encoder) -> std::unique_ptr<Decoder> {
                                          return std::make_unique<TransformerDecoder>(builder, encoder);
                                      }};

const std::span<const Preset> kTransformerPresets = kPresets;

void set_transformer_defaults(ModelOptions& options) { set_sizes(options, 3, 256, 1024, 4, 0.3); }

} // namespace nmt
