// What every architecture of the registry must keep, whatever its options: steps of any size agree, batches change nothing,
// reorder moves whole rows, gradients are those of the loss, and it learns, saves and loads.
#include "nmt/base/output_file.hpp"
#include "nmt/base/random.hpp"
#include "nmt/models/model_folder.hpp"
#include "nmt/models/quantize.hpp"
#include "nmt/tensor/context.hpp"
#include "nmt/tensor/elementwise.hpp"
#include "tests/base/test_support.hpp"
#include "tests/tensor/naive.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <vector>

namespace nmt {
namespace {

// ---- Variants ----

struct Variant {
    std::string name;
    ModelOptions options;
    bool shared = false; // one vocabulary for both sides

    friend void PrintTo(const Variant& variant, std::ostream* stream) { *stream << variant.name; }
};

ModelOptions tiny(const std::string& architecture) {
    ModelOptions options;
    options.architecture = architecture;
    options.embedding_size = 10;
    options.hidden_size = 12;
    options.attention_size = 7;
    options.width = 12;
    options.feed_forward = 20;
    options.heads = 2;
    options.activation = "gelu"; // without the kinks that central differences stumble over
    options.max_positions = 64;
    options.dropout = 0;
    return options;
}

std::vector<Variant> variants() {
    std::vector<Variant> all;
    for (const Architecture& architecture : architectures()) all.push_back({architecture.name, tiny(architecture.name)});
    const auto add = [&](const std::string& architecture, const std::string& name, const std::function<void(ModelOptions&)>& change) {
        Variant variant{architecture + "_" + name, tiny(architecture)};
        change(variant.options);
        variant.shared = variant.options.tied_embeddings == "all";
        all.push_back(variant);
    };
    for (const char* const architecture : {"word-by-word", "rnn", "rnn-attention"}) {
        add(architecture, "tanh", [](ModelOptions& o) { o.cell = "tanh"; });
        add(architecture, "gru", [](ModelOptions& o) { o.cell = "gru"; });
        add(architecture, "one_layer", [](ModelOptions& o) { o.decoder_layers = 1; });
        add(architecture, "three_layers", [](ModelOptions& o) { o.decoder_layers = 3; });
        add(architecture, "three_layers_residual", [](ModelOptions& o) { o.decoder_layers = 3, o.residual = true; });
        add(architecture, "nothing_tied", [](ModelOptions& o) { o.tied_embeddings = "none"; });
    }
    for (const char* const architecture : {"rnn", "rnn-attention"}) {
        add(architecture, "unidirectional", [](ModelOptions& o) { o.bidirectional = false; });
        add(architecture, "reversed", [](ModelOptions& o) { o.bidirectional = false, o.reversed = true; });
        add(architecture, "two_encoder_layers", [](ModelOptions& o) { o.encoder_layers = 2; });
        add(architecture, "two_encoder_layers_residual", [](ModelOptions& o) { o.encoder_layers = 2, o.residual = true; });
        add(architecture, "all_tied", [](ModelOptions& o) { o.tied_embeddings = "all"; });
    }
    add("rnn-attention", "dot", [](ModelOptions& o) { o.attention = "dot"; });
    const auto add_transformer = [&](const std::string& name, const std::function<void(ModelOptions&)>& change) {
        add("transformer", name, change);
    };
    add_transformer("post_normalized", [](ModelOptions& o) { o.normalization = "post"; });
    add_transformer("relu", [](ModelOptions& o) { o.activation = "relu"; });
    add_transformer("learned_positions", [](ModelOptions& o) { o.positions = "learned"; });
    add_transformer("one_head", [](ModelOptions& o) { o.heads = 1; });
    add_transformer("two_layers", [](ModelOptions& o) { o.encoder_layers = o.decoder_layers = 2; });
    add_transformer("nothing_tied", [](ModelOptions& o) { o.tied_embeddings = "none"; });
    add_transformer("all_tied", [](ModelOptions& o) { o.tied_embeddings = "all"; });
    for (const char* const architecture : {"transformer-rnn", "rnn-transformer"}) {
        add(architecture, "two_layers", [](ModelOptions& o) { o.encoder_layers = o.decoder_layers = 2; });
        add(architecture, "gru_post_normalized", [](ModelOptions& o) { o.cell = "gru", o.normalization = "post"; });
        add(architecture, "all_tied", [](ModelOptions& o) { o.embedding_size = o.width, o.tied_embeddings = "all"; });
    }
    add("transformer-rnn", "input_feeding", [](ModelOptions& o) { o.wiring = "input-feeding"; });
    const auto add_input_feeding = [&](const std::string& name, const std::function<void(ModelOptions&)>& change) {
        add("rnn-attention", name, [&](ModelOptions& o) {
            o.wiring = "input-feeding";
            change(o);
        });
    };
    add_input_feeding("input_feeding", [](ModelOptions&) {});
    add_input_feeding("input_feeding_gru_dot", [](ModelOptions& o) { o.cell = "gru", o.attention = "dot"; });
    add_input_feeding("input_feeding_one_tanh_layer", [](ModelOptions& o) { o.cell = "tanh", o.decoder_layers = 1; });
    add_input_feeding("input_feeding_three_layers_residual", [](ModelOptions& o) { o.decoder_layers = 3, o.residual = true; });
    add_input_feeding("input_feeding_all_tied", [](ModelOptions& o) { o.tied_embeddings = "all"; });
    add("word-by-word", "lookahead_2", [](ModelOptions& o) { o.lookahead = 2; });
    add("word-by-word", "lookahead_5", [](ModelOptions& o) { o.lookahead = 5; });
    add("word-by-word", "lookahead_5_gru_three_layers", [](ModelOptions& o) { o.lookahead = 5, o.cell = "gru", o.decoder_layers = 3; });
    return all;
}

// ---- Sentences ----

using Sentence = std::vector<std::int32_t>;

Sequences sequences(const std::vector<Sentence>& sentences) {
    Sequences result;
    for (const Sentence& sentence : sentences) result.add(sentence);
    return result;
}

// Sentences of these lengths, the </s> at their end counted.
std::vector<Sentence> random_sentences(const std::vector<int>& lengths, int vocabulary, Random& random) {
    std::vector<Sentence> sentences;
    for (const int length : lengths) {
        Sentence& sentence = sentences.emplace_back();
        for (int i = 1; i < length; ++i)
            sentence.push_back(2 + static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(vocabulary - 2))));
        sentence.push_back(Tokenizer::kEndOfSentence);
    }
    return sentences;
}

// Tokens [begin, end) of each sequence, as far as it has them.
Sequences part_of(const Sequences& all, int begin, int end) {
    Sequences part;
    for (int i = 0; i < all.count(); ++i) {
        const int length = static_cast<int>(all[i].size()), from = std::min(begin, length);
        part.add(all[i].subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(std::min(end, length) - from)));
    }
    return part;
}

// ---- What a model says ----

using Row = std::vector<float>;

struct Prediction {
    Row hidden, logits, attention;
};
using Predictions = std::vector<std::vector<Prediction>>; // of each row of the state, one a token

Row row_of(const Tensor& tensor, std::int64_t i) { return {tensor.row(i), tensor.row(i) + tensor.columns()}; }

// Advances each row and says what it predicts after each of its tokens.
Predictions step(Model& model, State& state, const Sequences& tokens) {
    const StepOutput output = model.decoder().step(state, tokens);
    const std::int64_t rows = std::min(padded_rows(tokens.total()), output.hidden.rows()); // as search does it
    const Variable logits = model.decoder().logits(Variable(output.hidden.value().slice_rows(0, rows)));
    Predictions predictions;
    std::int64_t row = 0;
    for (const int length : tokens.lengths) {
        std::vector<Prediction>& of_row = predictions.emplace_back();
        for (int i = 0; i < length; ++i, ++row)
            of_row.push_back({row_of(output.hidden.value(), row), row_of(logits.value(), row),
                              output.attention.empty() ? Row() : row_of(output.attention, row)});
    }
    return predictions;
}

// What the model predicts for whole targets.
Predictions predictions_of(Model& model, const Sequences& source, const Sequences& decoder_inputs) {
    const Memory memory = model.encoder().encode(source);
    return step(model, *model.decoder().start(memory), decoder_inputs);
}

// Weights over a source; what one row has beyond the other must be zero, as sources of other lengths leave it.
void expect_close_attention(const Row& found, const Row& expected, float tolerance) {
    ASSERT_EQ(found.empty(), expected.empty());
    for (std::size_t s = 0; s < std::max(found.size(), expected.size()); ++s)
        ASSERT_NEAR(s < found.size() ? found[s] : 0.0F, s < expected.size() ? expected[s] : 0.0F, tolerance) << "attention at " << s;
}

void expect_close(const Row& found, const Row& expected, float tolerance) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i)
        ASSERT_NEAR(found[i], expected[i], tolerance * std::max(1.0F, std::abs(expected[i]))) << "column " << i;
}

void expect_close(const Prediction& found, const Prediction& expected, float tolerance) {
    {
        SCOPED_TRACE("hidden");
        expect_close(found.hidden, expected.hidden, tolerance);
    }
    SCOPED_TRACE("logits");
    expect_close(found.logits, expected.logits, tolerance);
    expect_close_attention(found.attention, expected.attention, tolerance);
}

void expect_close(const Predictions& found, const Predictions& expected, float tolerance) {
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t r = 0; r < found.size(); ++r) {
        ASSERT_EQ(found[r].size(), expected[r].size()) << "row " << r;
        for (std::size_t t = 0; t < found[r].size(); ++t) {
            SCOPED_TRACE(fmt::format("row {} token {}", r, t));
            expect_close(found[r][t], expected[r][t], tolerance);
            if (testing::Test::HasFatalFailure()) return;
        }
    }
}

void append(Predictions& to, const Predictions& more) {
    to.resize(more.size());
    for (std::size_t r = 0; r < more.size(); ++r) to[r].insert(to[r].end(), more[r].begin(), more[r].end());
}

// ---- Models ----

// A corpus for architectures that are estimated: tokens meet at random.
ParallelCorpus random_corpus(const Vocabulary& vocabulary) {
    ParallelCorpus corpus;
    Random random(5);
    for (std::size_t i = 0; i < 40; ++i)
        corpus.add(random_sentences({5}, vocabulary.source, random).front(), random_sentences({6}, vocabulary.target, random).front(), i);
    return corpus;
}

// Random weights everywhere, also where training starts from zeros or ones.
std::unique_ptr<Model> random_model(Context& context, const ModelOptions& options, const Vocabulary& vocabulary, std::uint64_t seed = 3,
                                    double deviation = 0.2) {
    std::unique_ptr<Model> model = make_model(context, options, vocabulary, seed);
    if (const auto estimate = find_architecture(options.architecture).estimate) {
        estimate(*model, random_corpus(vocabulary));
        return model;
    }
    Random random(seed);
    for (Parameter& parameter : model->parameters().all()) {
        for (std::int64_t i = 0; i < parameter.value().size(); ++i)
            parameter.value().data()[i] += static_cast<float>(deviation * random.normal());
        parameter.changed();
    }
    return model;
}

Memory encode_and_keep(Model& model, const std::vector<Sentence>& source) { return model.encoder().encode(sequences(source)); }

// The loss once more, from the logits that were predicted for each token of the targets.
naive::Loss naive_loss(const Predictions& predictions, const std::vector<Sentence>& targets, double smoothing) {
    naive::Loss total;
    for (std::size_t r = 0; r < targets.size(); ++r)
        for (std::size_t t = 0; t < targets[r].size(); ++t) {
            naive::Matrix logits(1, std::ssize(predictions[r][t].logits));
            std::copy(predictions[r][t].logits.begin(), predictions[r][t].logits.end(), logits.values.begin());
            const naive::Loss one = naive::cross_entropy(logits, std::span(&targets[r][t], 1), smoothing);
            total.loss += one.loss;
            total.log_likelihood += one.log_likelihood;
        }
    return total;
}

void clear_gradients(Model& model) {
    for (Parameter& parameter : model.parameters().all()) parameter.variable().clear_gradient();
}

class Conformance : public testing::TestWithParam<Variant> {
  protected:
    const ModelOptions& options() const { return GetParam().options; }
    const Architecture& architecture() const { return find_architecture(options().architecture); }
    bool trained_by_gradient() const { return architecture().estimate == nullptr; }
    Vocabulary vocabulary() const { return GetParam().shared ? Vocabulary{13, 13, true} : Vocabulary{11, 13, false}; }
    bool knows_option(const std::string& name) const {
        ModelOptions copy = options();
        const OptionTable table = describe_model_options(copy);
        return std::any_of(table.options().begin(), table.options().end(), [&](const auto& option) { return option.name == name; });
    }

    std::vector<Sentence> sources(const std::vector<int>& lengths) { return random_sentences(lengths, vocabulary().source, random_); }
    std::vector<Sentence> targets(const std::vector<int>& lengths) { return random_sentences(lengths, vocabulary().target, random_); }

    void overfit_eight_pairs(Context& context, int updates);

    Context context_{test_threads()};
    Random random_{1};
};

constexpr float kTolerance = 1e-5F; // of sums in another order

TEST_P(Conformance, AStepWithManyTokensEqualsStepsWithOne) {
    const auto model = random_model(context_, options(), vocabulary());
    const Sequences inputs = shifted_targets(sequences(targets({5, 3, 6, 3, 4, 8, 3, 4, 5, 3})));
    const Memory memory = encode_and_keep(*model, sources({4, 7, 1, 9, 2, 3, 5, 1, 6, 12}));

    const Predictions whole = step(*model, *model->decoder().start(memory), inputs);

    Predictions two_calls;
    const std::unique_ptr<State> two_calls_state = model->decoder().start(memory);
    append(two_calls, step(*model, *two_calls_state, part_of(inputs, 0, 2)));
    append(two_calls, step(*model, *two_calls_state, part_of(inputs, 2, inputs.longest())));
    expect_close(two_calls, whole, kTolerance);

    Predictions singles(whole.size());
    const std::unique_ptr<State> state = model->decoder().start(memory);
    for (int t = 0; t < inputs.longest(); ++t) {
        Sequences tokens; // a row that has ended goes on with anything
        for (int r = 0; r < inputs.count(); ++r)
            tokens.add(t < inputs.lengths[static_cast<std::size_t>(r)] ? Sentence{inputs[r][static_cast<std::size_t>(t)]} : Sentence{1});
        const Predictions now = step(*model, *state, tokens);
        for (std::size_t r = 0; r < now.size(); ++r)
            if (t < inputs.lengths[r]) singles[r].push_back(now[r].front());
    }
    expect_close(singles, whole, kTolerance);
}

TEST_P(Conformance, ATrainingBatchEqualsItsSentences) {
    const auto model = random_model(context_, options(), vocabulary());
    const std::vector<Sentence> source = sources({4, 7, 1, 9, 2, 2}), target = targets({5, 1, 6, 3, 9, 2});
    const LossOptions loss_options{.smoothing = 0.1F, .gradient_scale = 0.5F};

    double sum = 0, log_likelihood = 0;
    Predictions alone;
    for (std::size_t i = 0; i < source.size(); ++i) {
        const Batch one{sequences({source[i]}), sequences({target[i]})};
        Tape tape;
        alone.push_back(predictions_of(*model, one.source, shifted_targets(one.target)).front());
        const CrossEntropy loss = batch_loss(*model, one, loss_options);
        sum += loss.loss;
        log_likelihood += loss.log_likelihood;
        tape.backward();
    }
    std::vector<Row> gradients;
    for (const Parameter& parameter : model->parameters().all())
        gradients.push_back(trained_by_gradient() ? row_of(parameter.variable().gradient().reshaped({1, parameter.value().size()}), 0)
                                                  : Row());
    clear_gradients(*model);

    const Batch batch{sequences(source), sequences(target)};
    Tape tape;
    expect_close(predictions_of(*model, batch.source, shifted_targets(batch.target)), alone, kTolerance);
    const CrossEntropy loss = batch_loss(*model, batch, loss_options);
    tape.backward();
    EXPECT_NEAR(loss.loss, sum, 1e-5 * sum);
    EXPECT_NEAR(loss.log_likelihood, log_likelihood, 1e-5 * std::abs(log_likelihood));
    const naive::Loss expected = naive_loss(alone, target, loss_options.smoothing);
    EXPECT_NEAR(loss.loss, expected.loss, 1e-5 * expected.loss);
    EXPECT_NEAR(loss.log_likelihood, expected.log_likelihood, 1e-5 * std::abs(expected.log_likelihood));
    for (std::size_t i = 0; i < gradients.size() && trained_by_gradient(); ++i) {
        const Parameter& parameter = model->parameters().all()[i];
        SCOPED_TRACE(parameter.name());
        expect_close(row_of(parameter.variable().gradient().reshaped({1, parameter.value().size()}), 0), gradients[i], 2e-5F);
    }
}

// Steps as search makes them: without a tape, one token a row; each sentence splits into hypotheses, which change places, and some
// sentences end before the others. For each sentence, all that was predicted for its hypotheses.
std::vector<std::vector<Prediction>> predictions_of_search(Model& model, const std::vector<Sentence>& sources,
                                                           const std::vector<int>& names) {
    const Memory memory = model.encoder().encode(sequences(sources));
    const std::unique_ptr<State> state = model.decoder().start(memory);
    std::vector<std::vector<Prediction>> result(sources.size());
    std::vector<std::size_t> sentence_of_row(sources.size());
    std::iota(sentence_of_row.begin(), sentence_of_row.end(), std::size_t{0});
    for (std::uint64_t t = 0; t < 7 && !sentence_of_row.empty(); ++t) {
        Sequences tokens;
        std::uint64_t hypothesis = 0;
        for (std::size_t r = 0; r < sentence_of_row.size(); ++r) {
            hypothesis = r > 0 && sentence_of_row[r] == sentence_of_row[r - 1] ? hypothesis + 1 : 0;
            const auto name = static_cast<std::uint64_t>(names[sentence_of_row[r]]);
            const std::uint64_t token = mix_bits(1000 * name + 10 * t + hypothesis) % static_cast<std::uint64_t>(model.vocabulary().target);
            tokens.add(Sentence{t == 0 ? kBeginOfSentence : static_cast<std::int32_t>(token)});
        }
        const Predictions now = step(model, *state, tokens);
        for (std::size_t r = 0; r < now.size(); ++r) result[sentence_of_row[r]].push_back(now[r].front());

        const std::vector<int> kept = t == 0 ? std::vector{0, 0, 0} : t % 2 == 0 ? std::vector{2, 0, 0} : std::vector{0, 1, 2};
        std::vector<std::int32_t> rows;
        std::vector<std::size_t> sentences;
        for (std::size_t r = 0; r < sentence_of_row.size();) {
            const std::size_t sentence = sentence_of_row[r];
            if (t < 4 || names[sentence] % 3 != 0)
                for (const int hypothesis_kept : kept) {
                    rows.push_back(static_cast<std::int32_t>(r) + hypothesis_kept);
                    sentences.push_back(sentence);
                }
            while (r < sentence_of_row.size() && sentence_of_row[r] == sentence) ++r;
        }
        if (!rows.empty()) state->reorder(rows);
        sentence_of_row = std::move(sentences);
    }
    return result;
}

void expect_same_bytes(const std::vector<Prediction>& found, const std::vector<Prediction>& expected) {
    const auto same = [](const Row& a, const Row& b) {
        return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
    };
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
        ASSERT_TRUE(same(found[i].hidden, expected[i].hidden)) << "prediction " << i;
        ASSERT_TRUE(same(found[i].logits, expected[i].logits)) << "prediction " << i;
    }
}

TEST_P(Conformance, SearchSeesTheSameBytesWhateverTheBatchAndTheThreads) {
    struct Size {
        int width, hidden, vocabulary;
    };
    for (const Size& size : {Size{12, 14, 29}, Size{48, 96, 300}}) { // the second is large enough for threads to share
        ModelOptions sized = options();
        sized.embedding_size = sized.width = size.width;
        sized.hidden_size = sized.feed_forward = size.hidden;
        const Vocabulary words{size.vocabulary, size.vocabulary, GetParam().shared};
        const std::vector<Sentence> source = random_sentences({5, 1, 17, 3, 40, 2, 9, 9, 26}, size.vocabulary, random_);
        std::vector<int> names(source.size());
        std::iota(names.begin(), names.end(), 0);
        std::vector<std::vector<Prediction>> first;
        for (const int threads : {2, 1}) {
            SCOPED_TRACE(fmt::format("hidden size {}, {} threads", size.hidden, threads));
            Context context(threads);
            const auto model = random_model(context, sized, words);
            const auto batch = predictions_of_search(*model, source, names);
            if (first.empty()) first = batch;
            for (std::size_t i = 0; i < source.size(); ++i) {
                SCOPED_TRACE(fmt::format("sentence {}", i));
                expect_same_bytes(batch[i], predictions_of_search(*model, {source[i]}, {names[i]}).front());
                expect_same_bytes(batch[i], first[i]);
            }
        }
    }
}

// A state beside what should be in it: the source and all past tokens of each row.
class Followed {
  public:
    Followed(Model& model, std::vector<Sentence> sources)
        : model_(model), memory_(encode_and_keep(model, sources)), state_(model.decoder().start(memory_)), sources_(std::move(sources)),
          past_(sources_.size(), Sentence{}) {}

    void reorder(const std::vector<std::int32_t>& rows) {
        state_->reorder(rows);
        std::vector<Sentence> next_sources, next_past;
        for (const std::int32_t row : rows) {
            next_sources.push_back(sources_[static_cast<std::size_t>(row)]);
            next_past.push_back(past_[static_cast<std::size_t>(row)]);
        }
        sources_ = std::move(next_sources);
        past_ = std::move(next_past);
    }

    // What a step predicts must be what a new state predicts after each row's whole past.
    void step_and_compare(const std::vector<int>& lengths, Random& random) {
        std::vector<Sentence> tokens;
        for (std::size_t r = 0; r < past_.size(); ++r) {
            Sentence& of_row = tokens.emplace_back();
            for (int i = 0; i < lengths[r % lengths.size()]; ++i)
                of_row.push_back(past_[r].empty() && i == 0
                                     ? kBeginOfSentence
                                     : static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(model_.vocabulary().target))));
            past_[r].insert(past_[r].end(), of_row.begin(), of_row.end());
        }
        const Predictions found = step(model_, *state_, sequences(tokens));
        Predictions expected = predictions_of(model_, sequences(sources_), sequences(past_));
        for (std::size_t r = 0; r < expected.size(); ++r) expected[r].erase(expected[r].begin(), expected[r].end() - std::ssize(tokens[r]));
        expect_close(found, expected, kTolerance);
    }

  private:
    Model& model_;
    Memory memory_;
    std::unique_ptr<State> state_;
    std::vector<Sentence> sources_, past_;
};

TEST_P(Conformance, ReorderPermutesRepeatsAndDropsRows) {
    const auto model = random_model(context_, options(), vocabulary());
    Followed state(*model, sources({4, 7, 1, 9}));
    state.reorder({3, 1, 2, 0}); // before the first token
    state.step_and_compare({2}, random_);
    state.reorder({2, 0, 0, 3, 2, 2, 2, 2, 3, 3});
    state.step_and_compare({1, 3, 2}, random_);
    state.reorder({9, 4, 8, 7, 6, 5, 3, 2, 1, 0});
    state.step_and_compare({1}, random_);
    state.reorder({9, 4});
    state.step_and_compare({1}, random_);
    state.step_and_compare({1}, random_);
    state.reorder({1, 0, 1});
    state.step_and_compare({2, 1}, random_);
}

// Central differences of the loss, for single entries of every parameter and along one direction through all of them.
TEST_P(Conformance, GradientsAreThoseOfTheLoss) {
    if (!trained_by_gradient()) GTEST_SKIP() << architecture().name << " is estimated, not trained by gradient";
    const auto model = random_model(context_, options(), vocabulary(), 3, 0.4);
    const Batch batch{sequences(sources({3, 1, 5})), sequences(targets({4, 6, 1}))};
    for (const LossOptions& loss_options : {LossOptions{}, LossOptions{.smoothing = 0.1F, .gradient_scale = 0.25F}}) {
        SCOPED_TRACE(fmt::format("smoothing {}", loss_options.smoothing));
        clear_gradients(*model);
        {
            Tape tape;
            batch_loss(*model, batch, loss_options);
            tape.backward();
        }
        for (Parameter& parameter : model->parameters().all()) {
            SCOPED_TRACE(parameter.name());
            ASSERT_TRUE(parameter.variable().has_gradient()) << "nothing reaches it";
            const Tensor gradient = parameter.variable().gradient().clone(), before = parameter.value().clone();
            const double norm = std::sqrt(sum_of_squares(gradient));
            EXPECT_GT(norm, 1e-4) << "it does not matter to the loss";
            // d loss / d step for value = before + step * direction
            const auto numeric = [&](const Tensor& direction, float step) {
                const auto loss_at = [&](float distance) {
                    parameter.value().copy_from(before);
                    add_scaled_in_place(parameter.value(), distance, direction);
                    parameter.changed();
                    return batch_loss(*model, batch, loss_options).loss * loss_options.gradient_scale;
                };
                // Richardson's extrapolation: curvature cancels, and the steps can stay large against rounding.
                const auto slope_over = [&](float distance) { return (loss_at(distance) - loss_at(-distance)) / (2.0 * distance); };
                const double slope = (4 * slope_over(step / 2) - slope_over(step)) / 3;
                parameter.value().copy_from(before);
                parameter.changed();
                return slope;
            };
            // A wide step is exact against rounding, a narrow one against curvature and the kinks of a relu: one of them has to agree.
            constexpr double kRounding = 5e-4; // of a difference of two losses, over the widest step
            const auto agrees_at = [&](float scale) {
                Tensor direction = Tensor::zeros(context_, gradient.shape());
                double squares = 0;
                const auto samples = std::min<std::int64_t>(6, gradient.size());
                for (std::int64_t i = 0; i < samples; ++i) {
                    const auto entry = static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(gradient.size())));
                    direction.data()[entry] = 1;
                    squares += std::pow(numeric(direction, 2e-2F * scale) - gradient.data()[entry], 2);
                    direction.data()[entry] = 0;
                }
                if (!(std::sqrt(squares) <= 1e-2 * norm + kRounding)) return false;
                double expected = 0;
                for (std::int64_t i = 0; i < gradient.size(); ++i) {
                    direction.data()[i] = random_.uniform() < 0.5 ? -1.0F : 1.0F;
                    expected += direction.data()[i] * gradient.data()[i];
                }
                const float step = 3e-2F * scale / std::sqrt(static_cast<float>(gradient.size()));
                return std::abs(numeric(direction, step) - expected) <= 2e-2 * norm + kRounding;
            };
            EXPECT_TRUE(agrees_at(1) || agrees_at(0.3F) || agrees_at(0.1F) || agrees_at(0.03F)) << "of a gradient of norm " << norm;
        }
    }
}

// Adam (Kingma and Ba, 2015) over a model's parameters.
class Adam {
  public:
    explicit Adam(ParameterStore& parameters) : parameters_(parameters) {
        for (const Parameter& parameter : parameters.all()) {
            first_.push_back(Tensor::zeros(parameters.context(), parameter.value().shape()));
            second_.push_back(first_.back().clone());
        }
    }
    void update(double rate) {
        ++updates_;
        const double correction1 = 1 - std::pow(0.9, updates_), correction2 = std::sqrt(1 - std::pow(0.999, updates_));
        const AdamStep step{static_cast<float>(rate * correction2 / correction1), 0.9F, 0.999F, 1e-8F, 0, 1};
        for (std::size_t i = 0; i < first_.size(); ++i) {
            Parameter& parameter = parameters_.all()[i];
            adam_update(parameter.value(), parameter.variable().gradient(), first_[i], second_[i], step);
            parameter.variable().clear_gradient();
            parameter.changed();
        }
    }

  private:
    ParameterStore& parameters_;
    std::vector<Tensor> first_, second_;
    int updates_ = 0;
};

// The most probable token, one at a time, until each row has ended or is too long.
std::vector<Sentence> greedy(Model& model, const Sequences& source) {
    const Memory memory = model.encoder().encode(source);
    const std::unique_ptr<State> state = model.decoder().start(memory);
    std::vector<Sentence> translations(static_cast<std::size_t>(source.count()));
    Sequences tokens;
    for (int i = 0; i < source.count(); ++i) tokens.add(Sentence{kBeginOfSentence});
    for (int t = 0; t < 12; ++t) {
        const Predictions now = step(model, *state, tokens);
        tokens = Sequences();
        for (std::size_t r = 0; r < now.size(); ++r) {
            const Row& logits = now[r].front().logits;
            const auto token = static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
            if (translations[r].empty() || translations[r].back() != Tokenizer::kEndOfSentence) translations[r].push_back(token);
            tokens.add(Sentence{token});
        }
    }
    return translations;
}

// Token by token, so that the simplest models can learn it as well: each token's translation, and the end where the source ends.
void Conformance::overfit_eight_pairs(Context& context, int updates) {
    const auto model = make_model(context, options(), vocabulary(), 7);
    const std::vector<Sentence> source = sources({2, 3, 4, 5, 6, 7, 4, 5});
    std::vector<Sentence> target = source;
    for (Sentence& sentence : target)
        for (std::int32_t& token : sentence)
            if (token != Tokenizer::kEndOfSentence) token = 2 + (3 * token + 1) % (vocabulary().target - 2);
    const Batch batch{sequences(source), sequences(target)};
    if (trained_by_gradient()) {
        const auto scale = 1 / static_cast<float>(batch.target.total());
        const double start = batch_loss(*model, batch, {}).loss * scale;
        EXPECT_NEAR(start, std::log(vocabulary().target), 1);
        Adam adam(model->parameters());
        for (int i = 0; i < updates; ++i) {
            Tape tape;
            batch_loss(*model, batch, {.gradient_scale = scale});
            tape.backward();
            adam.update(0.02F * (1 - static_cast<float>(i) / static_cast<float>(updates)));
        }
        EXPECT_LT(batch_loss(*model, batch, {}).loss * scale, 0.05) << "from " << start;
    } else {
        ParallelCorpus corpus;
        for (std::size_t i = 0; i < source.size(); ++i) corpus.add(source[i], target[i], i);
        architecture().estimate(*model, corpus);
    }
    EXPECT_EQ(greedy(*model, batch.source), target);
}

// What is frozen gets no gradient, and the gradients of the others are what they are without it.
TEST_P(Conformance, FrozenPartsChangeNoOtherGradient) {
    if (!trained_by_gradient()) GTEST_SKIP() << architecture().name << " is estimated, not trained by gradient";
    const Batch batch{sequences(sources({3, 1, 5})), sequences(targets({4, 6, 1}))};
    const auto gradients = [&](Model& model) {
        Tape tape;
        batch_loss(model, batch, {});
        tape.backward();
        std::map<std::string, Tensor> found;
        for (const Parameter& parameter : model.parameters().all())
            if (parameter.variable().has_gradient()) found[parameter.name()] = parameter.variable().gradient();
        return found;
    };
    const auto whole = random_model(context_, options(), vocabulary(), 3, 0.4);
    const std::map<std::string, Tensor> expected = gradients(*whole);
    std::vector<std::string> parts{"encoder", "decoder"};
    for (const Parameter& parameter : whole->parameters().all()) parts.push_back(parameter.name());
    for (const std::string& part : parts) {
        SCOPED_TRACE("frozen: " + part);
        const auto model = random_model(context_, options(), vocabulary(), 3, 0.4);
        model->parameters().freeze({part});
        std::map<std::string, Tensor> found = gradients(*model);
        for (const Parameter& parameter : model->parameters().all()) {
            SCOPED_TRACE(parameter.name());
            ASSERT_EQ(found.contains(parameter.name()), !parameter.frozen());
            if (parameter.frozen()) continue;
            const Tensor &gradient = found[parameter.name()], &other = expected.at(parameter.name());
            for (std::int64_t i = 0; i < gradient.size(); ++i)
                ASSERT_NEAR(gradient.data()[i], other.data()[i], 1e-5F * std::max(1.0F, std::abs(other.data()[i]))) << i;
        }
    }
}

TEST_P(Conformance, OverfitsEightPairs) { overfit_eight_pairs(context_, 240); }

// With the operands of products rounded to bf16.
TEST_P(Conformance, OverfitsEightPairsInMixedPrecision) {
    if (!trained_by_gradient()) GTEST_SKIP() << "has no products";
    if (!can_compute(DataType::bf16)) GTEST_SKIP() << "this processor has no products of bf16";
    Context context(2, DataType::bf16);
    overfit_eight_pairs(context, 240);
}

// Weights of 8 bits: nearly the same predictions, the same bytes from a file, and from a handle in another context.
TEST_P(Conformance, IsQuantized) {
    const auto model = random_model(context_, options(), vocabulary(), 3);
    if (!trained_by_gradient()) {
        EXPECT_NE(message_of<Error>([&] { quantize_weights(*model); }).find("has no weights to quantize"), std::string::npos);
        return;
    }
    const Sequences source = sequences(sources({4, 7, 2})), inputs = shifted_targets(sequences(targets({5, 3, 6})));
    const Predictions exact = predictions_of(*model, source, inputs);
    quantize_weights(*model);
    EXPECT_TRUE(is_quantized(*model));
    const Predictions quantized = predictions_of(*model, source, inputs);
    double difference = 0, norm = 0;
    for (std::size_t r = 0; r < exact.size(); ++r)
        for (std::size_t t = 0; t < exact[r].size(); ++t)
            for (std::size_t v = 0; v < exact[r][t].logits.size(); ++v) {
                difference += std::pow(quantized[r][t].logits[v] - exact[r][t].logits[v], 2);
                norm += std::pow(exact[r][t].logits[v], 2);
            }
    EXPECT_LT(std::sqrt(difference / norm), 0.1);
    EXPECT_GT(difference, 0);

    const TemporaryFolder folder;
    save_weights(*model, folder / "model.safetensors");
    Context another(1);
    const auto loaded = make_model(context_, options(), vocabulary(), std::nullopt),
               shared = make_model(another, options(), vocabulary(), std::nullopt);
    load_weights(*loaded, folder / "model.safetensors");
    shared->parameters().share(loaded->parameters());
    expect_close(predictions_of(*loaded, source, inputs), quantized, 0);
    expect_close(predictions_of(*shared, source, inputs), quantized, 0);
    EXPECT_EQ(loaded->parameters().count(), model->parameters().count());
    EXPECT_EQ(message_of<Error>([&] { quantize_weights(*loaded); }), "the model is quantized already");
}

TEST_P(Conformance, SavesAndLoadsItsWeights) {
    const TemporaryFolder folder;
    const auto model = random_model(context_, options(), vocabulary(), 3);
    const auto other = make_model(context_, options(), vocabulary(), 4);
    const Sequences source = sequences(sources({4, 7})), inputs = shifted_targets(sequences(targets({5, 3})));
    const Predictions expected = predictions_of(*model, source, inputs);
    if (trained_by_gradient()) {
        EXPECT_NE(predictions_of(*other, source, inputs)[0][0].logits, expected[0][0].logits);
    }

    save_weights(*model, folder / "model.safetensors", {{"updates", "12"}});
    const auto metadata = load_weights(*other, folder / "model.safetensors");
    EXPECT_EQ(metadata, (std::map<std::string, std::string>{{"updates", "12"}}));
    const Predictions found = predictions_of(*other, source, inputs);
    for (std::size_t r = 0; r < expected.size(); ++r) expect_same_bytes(found[r], expected[r]);
}

// Tokenizers of single characters, trained once.
const std::filesystem::path& tokenizer_folder() {
    static const TemporaryFolder folder;
    static const bool trained = [] {
        TokenizerOptions options;
        options.type = "char";
        options.exact = false;
        write_file(folder / "source.txt", "je vous en prie\nje prie\nle chat\n");
        write_file(folder / "target.txt", "you are welcome\ni pray\nthe cat\n");
        Tokenizer::train({folder / "source.txt"}, options, folder / "source.model");
        Tokenizer::train({folder / "target.txt"}, options, folder / "target.model");
        Tokenizer::train({folder / "source.txt", folder / "target.txt"}, options, folder / "tokenizer.model");
        return true;
    }();
    static_cast<void>(trained);
    return folder.path();
}

TEST_P(Conformance, AModelFolderGivesTheModelBack) {
    const TemporaryFolder folder;
    const std::vector<std::string> files =
        GetParam().shared ? std::vector<std::string>{"tokenizer.model"} : std::vector<std::string>{"source.model", "target.model"};
    for (const std::string& file : files) std::filesystem::copy_file(tokenizer_folder() / file, folder / file);
    const TokenizerPair tokenizers(folder.path());
    EXPECT_EQ(tokenizers.shared(), GetParam().shared);
    const auto model = random_model(context_, options(), tokenizers.vocabulary());
    write_file(folder / "config.ini", format_model_options(options()) + "[training]\nseed = 1\n");
    save_weights(*model, folder / "model.safetensors", {{"updates", "7"}});

    const LoadedModel loaded = load_model(context_, folder.path());
    EXPECT_EQ(loaded.model->architecture(), options().architecture);
    EXPECT_EQ(loaded.metadata.at("updates"), "7");
    EXPECT_EQ(loaded.model->parameters().count(), model->parameters().count());
    const Sequences source = sequences({encode_with_end(loaded.tokenizers->source(), "je vous prie"), {Tokenizer::kEndOfSentence}});
    const Sequences inputs = shifted_targets(sequences({encode_with_end(loaded.tokenizers->target(), "i pray"), {5, 6, 7}}));
    const Predictions expected = predictions_of(*model, source, inputs), found = predictions_of(*loaded.model, source, inputs);
    for (std::size_t r = 0; r < expected.size(); ++r) expect_same_bytes(found[r], expected[r]);
}

TEST_P(Conformance, AttentionIsADistributionOverTheSource) {
    const auto model = random_model(context_, options(), vocabulary());
    const std::vector<int> lengths{4, 7, 1, 9};
    const Memory memory = encode_and_keep(*model, sources(lengths));
    const std::unique_ptr<State> state = model->decoder().start(memory);
    std::vector<Predictions> steps{step(*model, *state, shifted_targets(sequences(targets({3, 1, 4, 2}))))};
    steps.push_back(step(*model, *state, sequences({{2}, {3}, {4}, {5}})));
    if (steps[0][0][0].attention.empty()) {
        EXPECT_FALSE(knows_option("attention"));
        GTEST_SKIP() << architecture().name << " has no attention";
    }
    for (const Predictions& predictions : steps)
        for (std::size_t r = 0; r < lengths.size(); ++r)
            for (const Prediction& prediction : predictions[r]) {
                ASSERT_EQ(prediction.attention.size(), 9U);
                const auto end = prediction.attention.begin() + lengths[r];
                EXPECT_NEAR(std::accumulate(prediction.attention.begin(), end, 0.0), 1, 1e-5);
                const bool one_alone = architecture().name == "dictionary";
                EXPECT_TRUE(std::all_of(prediction.attention.begin(), end,
                                        [&](float weight) { return one_alone ? weight == 0 || weight == 1 : weight > 0; }));
                EXPECT_TRUE(std::all_of(end, prediction.attention.end(), [](float weight) { return weight == 0; }));
            }
}

TEST_P(Conformance, DropoutFollowsTheTapeAlone) {
    if (!knows_option("dropout")) GTEST_SKIP() << architecture().name << " has no dropout";
    ModelOptions with_dropout = options();
    with_dropout.dropout = 0.4;
    const auto model = random_model(context_, with_dropout, vocabulary()), without = random_model(context_, options(), vocabulary());
    const Batch batch{sequences(sources({4, 7, 2})), sequences(targets({5, 3, 3}))};
    const auto predictions_with = [&](std::uint64_t seed) {
        const Tape tape(seed);
        return predictions_of(*model, batch.source, shifted_targets(batch.target));
    };
    const Predictions first = predictions_with(1), again = predictions_with(1), second = predictions_with(2);
    const Predictions no_tape = predictions_of(*model, batch.source, shifted_targets(batch.target));
    const Predictions no_dropout = predictions_of(*without, batch.source, shifted_targets(batch.target));
    for (std::size_t r = 0; r < first.size(); ++r) {
        expect_same_bytes(again[r], first[r]);
        expect_same_bytes(no_tape[r], no_dropout[r]);
        for (std::size_t t = 0; t < first[r].size(); ++t) {
            EXPECT_NE(first[r][t].logits, second[r][t].logits);
            EXPECT_NE(first[r][t].logits, no_tape[r][t].logits);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Architectures, Conformance, testing::ValuesIn(variants()), [](const testing::TestParamInfo<Variant>& info) {
    std::string name = info.param.name;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

} // namespace
} // namespace nmt
