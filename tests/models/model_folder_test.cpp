// What is wrong with a model folder is said in one line that names the file.
#include "nmt/models/model_folder.hpp"

#include "nmt/base/checksum.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/models/quantize.hpp"
#include "nmt/tensor/context.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace nmt {
namespace {

namespace fs = std::filesystem;

// A sound folder, as training leaves it; each test breaks it in another way.
class ModelFolderTest : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        sound_ = std::make_unique<TemporaryFolder>();
        write_file(*sound_ / "text", "je vous en prie\nle chat\nthe cat\n");
        TokenizerOptions tokenizer;
        tokenizer.type = "char";
        tokenizer.exact = false;
        Tokenizer::train({*sound_ / "text"}, tokenizer, *sound_ / "tokenizer.model");
        Context context(1);
        write_file(*sound_ / "config.ini", format_model_options(small()));
        save_weights(*make_model(context, small(), TokenizerPair(sound_->path()).vocabulary(), 1), *sound_ / "model.safetensors");
    }
    static void TearDownTestSuite() { sound_.reset(); }

    void SetUp() override { fs::copy(sound_->path(), folder_.path(), fs::copy_options::recursive); }

    static ModelOptions small() {
        ModelOptions options;
        options.architecture = "rnn";
        options.embedding_size = 5;
        options.hidden_size = 6;
        return options;
    }

    // The message of load_model, which is one line.
    std::string loading_error() { return loading_error(folder_.path()); }
    std::string loading_error(const fs::path& folder) {
        Context context(1);
        const std::string message = message_of<Error>([&] { load_model(context, folder); });
        EXPECT_EQ(message.find('\n'), std::string::npos) << message;
        return message;
    }

    static void expect_parts(const std::string& message, const std::vector<std::string>& parts) {
        for (const std::string& part : parts) EXPECT_NE(message.find(part), std::string::npos) << "'" << part << "' in: " << message;
    }

    // Weights of a model with other options in place of the sound ones.
    void save_other(const ModelOptions& options) {
        Context context(1);
        save_weights(*make_model(context, options, TokenizerPair(folder_.path()).vocabulary(), 1), weights());
    }

    std::string weights() const { return folder_ / "model.safetensors"; }
    std::string config() const { return folder_ / "config.ini"; }

    static std::unique_ptr<TemporaryFolder> sound_;
    TemporaryFolder folder_;
    Context context_{1};
};
std::unique_ptr<TemporaryFolder> ModelFolderTest::sound_;

TEST_F(ModelFolderTest, ASoundOneLoads) {
    Context context(1);
    const LoadedModel loaded = load_model(context, folder_.path());
    EXPECT_EQ(loaded.model->architecture(), "rnn");
    EXPECT_EQ(loaded.options.hidden_size, 6);
    EXPECT_TRUE(loaded.model->vocabulary().shared);
    EXPECT_EQ(loaded.model->vocabulary().source, loaded.tokenizers->source().vocabulary_size());
}

TEST_F(ModelFolderTest, WeightsTellTheirTokenizer) {
    Context context(1);
    const auto save = [&](const Metadata& metadata) {
        save_weights(*make_model(context, small(), TokenizerPair(folder_.path()).vocabulary(), 1), weights(), metadata);
    };
    const Metadata record = TokenizerPair(folder_.path()).record();
    EXPECT_EQ(record.at("source_tokenizer_sha256"), sha256(read_file(folder_ / "tokenizer.model")));
    save(record);
    EXPECT_EQ(load_model(context, folder_.path()).metadata, record);
    for (const char* name : {"source.model", "target.model"}) // the same one, as a file for each side
        fs::copy_file(folder_ / "tokenizer.model", folder_ / name);
    fs::remove(folder_ / "tokenizer.model");
    EXPECT_EQ(tokenizers_of_model(folder_.path())->record(), record);
    for (const char* key : {"source_tokenizer_sha256", "target_tokenizer_sha256"}) {
        Metadata other = record;
        other[key] = sha256("another");
        save(other);
        const std::string file = folder_ / (key[0] == 's' ? "source.model" : "target.model");
        expect_parts(loading_error(), {"'" + file + "' is not the tokenizer", record.at(key), sha256("another")});
        EXPECT_EQ(message_of<Error>([&] { tokenizers_of_model(folder_.path()); }), loading_error());
    }
}

TEST_F(ModelFolderTest, WeightsTellHowManySentencesTheirTrainingHeld) {
    Metadata three, five{{"updates", "12"}};
    EXPECT_EQ(usual_sentences(three), 0);
    set_usual_sentences(three, 3);
    set_usual_sentences(five, 5);
    EXPECT_EQ(usual_sentences(three), 3);
    EXPECT_EQ(usual_sentences(std::vector{three, five, three}), 5);
    EXPECT_EQ(usual_sentences(std::vector{three, Metadata(), five}), 0);
    set_usual_sentences(five, 0);
    EXPECT_EQ(five, (Metadata{{"updates", "12"}}));
    for (const char* text : {"", "0", "-1", "two", "2x", "99999999999"})
        expect_parts(message_of<Error>([&] { usual_sentences(Metadata{{"source_sentences_99_percent", text}}); }),
                     {fmt::format("say '{}' in their metadata", text), "expected a number of sentences, at least 1"});
}

TEST_F(ModelFolderTest, CopiesKeepWhatLasts) {
    Context context(1);
    const auto model = make_model(context, small(), TokenizerPair(folder_.path()).vocabulary(), 1);
    Metadata record = TokenizerPair(folder_.path()).record();
    Metadata of_training = record;
    set_usual_sentences(of_training, 2);
    of_training["updates"] = "12";
    for (const Metadata& before : {of_training, Metadata{{"updates", "12"}}}) { // those of earlier versions do not tell
        save_weights(*model, weights(), before);
        const TemporaryFolder copies;
        const LoadedModel loaded = load_model(context, folder_.path());
        save_model(loaded, folder_.path(), copies / "copy", {{"mean_of", "two"}});
        Metadata expected = record;
        expected["mean_of"] = "two";
        set_usual_sentences(expected, usual_sentences(before));
        EXPECT_EQ(load_model(context, copies / "copy").metadata, expected);
    }
}

TEST_F(ModelFolderTest, MissingFolder) {
    expect_parts(loading_error(folder_ / "nowhere"), {"there is no model folder", folder_ / "nowhere"});
    expect_parts(loading_error(config()), {"there is no model folder", config()}); // a file
}

TEST_F(ModelFolderTest, MissingFiles) {
    for (const char* const name : {"config.ini", "model.safetensors"}) {
        const TemporaryFolder other;
        fs::copy(folder_.path(), other.path(), fs::copy_options::recursive);
        fs::remove(other / name);
        expect_parts(loading_error(other.path()), {other.path().string(), std::string("it has no ") + name, "nmt train"});
    }
}

TEST_F(ModelFolderTest, MissingTokenizer) {
    fs::rename(folder_ / "tokenizer.model", folder_ / "source.model"); // the target's is not there
    expect_parts(loading_error(), {folder_.path().string(), "holds no tokenizer", "tokenizer.model", "source.model and target.model"});
    fs::remove(folder_ / "source.model");
    expect_parts(loading_error(), {folder_.path().string(), "holds no tokenizer"});
}

TEST_F(ModelFolderTest, BrokenTokenizer) {
    write_file(folder_ / "tokenizer.model", "no tokenizer");
    expect_parts(loading_error(), {folder_ / "tokenizer.model"});
    fs::copy_file(*sound_ / "tokenizer.model", folder_ / "source.model");
    fs::remove(folder_ / "tokenizer.model");
    write_file(folder_ / "target.model", "");
    expect_parts(loading_error(), {folder_ / "target.model"});
}

TEST_F(ModelFolderTest, TruncatedWeights) {
    const std::string whole = read_file(weights());
    for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{100}, whole.size() / 2, whole.size() - 1}) {
        write_file(weights(), std::string_view(whole).substr(0, size));
        expect_parts(loading_error(), {"cannot read '" + weights() + "'"});
    }
}

TEST_F(ModelFolderTest, ForeignWeights) {
    write_file(weights(), "PK\x03\x04 some other format, long enough for a header\n\n");
    expect_parts(loading_error(), {"cannot read '" + weights() + "'", "no safetensors file"});
    const std::vector<float> values(6, 1.0F);
    write_safetensors(weights(), {{"transformer.wte.weight", "F32", {2, 3}, values.data()}});
    expect_parts(loading_error(), {weights(), "has no tensor 'encoder.embedding.weight'", "config.ini"});
}

TEST_F(ModelFolderTest, WeightsOfAnotherShape) {
    ModelOptions wider = small();
    wider.hidden_size = 7;
    save_other(wider);
    expect_parts(loading_error(), {weights(), "'encoder.layers.0.forward.input.weight' is F32 [28, 5]", "F32 [24, 5]"});
}

TEST_F(ModelFolderTest, WeightsOfAnotherType) {
    Context context(1);
    const auto model = make_model(context, small(), TokenizerPair(folder_.path()).vocabulary(), 1);
    std::vector<SafetensorsEntry> entries;
    for (const Parameter& parameter : model->parameters().all()) entries.push_back(tensor_entry(parameter.name(), parameter.value()));
    entries.front().dtype = "I32"; // as wide
    write_safetensors(weights(), entries);
    expect_parts(loading_error(), {weights(), "'encoder.embedding.weight' is I32", "F32"});
}

TEST_F(ModelFolderTest, WeightsThatAreNoNumbers) {
    const auto model = make_model(context_, small(), TokenizerPair(folder_.path()).vocabulary(), 1);
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()})
        for (Parameter& parameter : model->parameters().all()) {
            float& last = parameter.value().data()[parameter.value().size() - 1];
            const float before = std::exchange(last, bad);
            save_weights(*model, weights());
            last = before;
            expect_parts(loading_error(), {weights(), "tensor '" + parameter.name() + "' holds values that are no finite numbers"});
            EXPECT_EQ(message_of<Error>([&] { load_weights(*model, weights()); }), loading_error());
        }
    save_weights(*model, weights());
    quantize_weights(*model);
    Parameter& quantized = *model->parameters().find("encoder.embedding.weight");
    quantized.quantized().scales.data()[0] = std::numeric_limits<float>::infinity();
    save_weights(*model, weights());
    expect_parts(loading_error(), {weights(), "tensor 'encoder.embedding.weight.scale' holds values"});
}

TEST_F(ModelFolderTest, OnlyWhatProductsAndEmbeddingsReadMayBeQuantized) {
    const auto model = make_model(context_, small(), TokenizerPair(folder_.path()).vocabulary(), 1);
    int refused = 0;
    for (const Parameter& wanted : model->parameters().all()) {
        const std::vector<std::int8_t> codes(static_cast<std::size_t>(wanted.value().size()), 1);
        const std::vector<float> scales(static_cast<std::size_t>(wanted.value().shape().rows()), 1.0F);
        std::vector<SafetensorsEntry> entries;
        for (const Parameter& parameter : model->parameters().all()) entries.push_back(tensor_entry(parameter.name(), parameter.value()));
        for (SafetensorsEntry& entry : entries)
            if (entry.name == wanted.name()) entry = {entry.name, "I8", entry.shape, codes.data()};
        entries.push_back({wanted.name() + ".scale", "F32", {wanted.value().shape().rows()}, scales.data()});
        write_safetensors(weights(), entries);
        if (can_be_quantized(wanted)) {
            load_model(context_, folder_.path());
            continue;
        }
        ++refused;
        expect_parts(loading_error(), {weights(), "the model cannot read '" + wanted.name() + "' as 8-bit integers"});
    }
    EXPECT_GT(refused, 5);
}

TEST_F(ModelFolderTest, WeightsThatLieOddly) {
    // As another writer may place them: data from a multiple of 2 bytes on.
    std::string file = read_file(weights());
    std::uint64_t length = 0;
    std::memcpy(&length, file.data(), sizeof(length));
    file.insert(sizeof(length) + static_cast<std::size_t>(length), "  ");
    length += 2;
    std::memcpy(file.data(), &length, sizeof(length));
    const LoadedModel sound = load_model(context_, folder_.path());
    const TemporaryFolder other;
    fs::copy(folder_.path(), other.path(), fs::copy_options::recursive);
    write_file(other / "model.safetensors", file);
    const LoadedModel odd = load_model(context_, other.path());
    for (Parameter& parameter : odd.model->parameters().all()) {
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(parameter.value().data()) % alignof(float), 0u) << parameter.name();
        const Tensor& expected = sound.model->parameters().find(parameter.name())->value();
        EXPECT_TRUE(std::equal(expected.data(), expected.data() + expected.size(), parameter.value().data())) << parameter.name();
    }
}

TEST_F(ModelFolderTest, ADictionaryOfAnotherVocabulary) {
    ModelOptions options;
    options.architecture = "dictionary";
    write_file(config(), format_model_options(options));
    const Vocabulary vocabulary = TokenizerPair(folder_.path()).vocabulary();
    const auto model = make_model(context_, options, vocabulary, 1);
    Tensor& tokens = model->parameters().find("dictionary.tokens")->value();
    Tensor& log_probabilities = model->parameters().find("dictionary.log_probabilities")->value();
    tokens.fill(static_cast<float>(vocabulary.target - 1));
    save_weights(*model, weights());
    load_model(context_, folder_.path());
    for (const float bad : {static_cast<float>(vocabulary.target), 1e30F, 0.5F}) {
        tokens.data()[tokens.size() - 1] = bad;
        save_weights(*model, weights());
        expect_parts(loading_error(), {"the dictionary names the target token"});
    }
    tokens.data()[tokens.size() - 1] = 0;
    log_probabilities.data()[0] = 0.5F;
    save_weights(*model, weights());
    expect_parts(loading_error(), {"an entry of log-probability 0.5"});
}

TEST_F(ModelFolderTest, WeightsThatTheModelHasNoPlaceFor) {
    ModelOptions deeper = small();
    deeper.decoder_layers = 3;
    save_other(deeper); // every tensor of the model is there in its shape, and a layer more
    expect_parts(loading_error(), {weights(), "decoder.upper.1.", "config.ini"});
}

TEST_F(ModelFolderTest, AConfigurationThatIsWrong) {
    write_file(config(), "[model]\narchitecture = rnn-atention\n");
    expect_parts(loading_error(), {"rnn-atention", "did you mean 'rnn-attention'?"});
    write_file(config(), "[model]\narchitecture = rnn\nhidden = 6\n");
    expect_parts(loading_error(), {config(), "unknown key 'hidden'"});
    write_file(config(), "model\n");
    expect_parts(loading_error(), {config()});
    write_file(config(), "");
    expect_parts(loading_error(), {weights(), "config.ini"}); // the defaults are another model
}

TEST_F(ModelFolderTest, SavingWhereNothingCanBeWritten) {
    Context context(1);
    const auto model = make_model(context, small(), {9, 9, true}, 1);
    expect_parts(message_of<Error>([&] { save_weights(*model, folder_ / "no/such/model.safetensors"); }),
                 {"cannot write", folder_ / "no/such/model.safetensors"});
}

} // namespace
} // namespace nmt
