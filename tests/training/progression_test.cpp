#include "nmt/training/progression.hpp"

#include "nmt/base/error.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace nmt {
namespace {

using Json = nlohmann::json;

// Every field has a value of its own.
Progression sample() {
    Progression p;
    p.updates = 300;
    p.epoch = 7;
    p.next_batch = 11;
    p.batch_tokens = 4096;
    p.read_parts = {{8192, 5}, {2048, 3}};
    p.target_tokens = 123456789012;
    p.update_seconds = 0.1;
    p.total_seconds = 1e6 / 7;
    p.validations = 9;
    p.last_validation = 299;
    p.without_improvement = 4;
    p.best = -2.0 / 3;
    p.best_loss = 2.0 / 3;
    p.best_update = 150;
    p.finished = true;
    p.snapshots = {{100, -1.0 / 3}, {200, 1e-300}};
    p.average_update = 300;
    p.average_score = 2.0 / 7;
    p.parameters = 42;
    p.peak_memory_mib = 1e3 / 7;
    p.training_text = {"the sum of one", "and of the other"};
    p.tokenizers = {"one", "two"};
    p.validated_by = "bleu";
    return p;
}

std::string message_of_text(const std::string& text) {
    const std::string message = message_of<Error>([&] { progression_from_json(text, "a/state"); });
    if (!message.empty()) {
        EXPECT_NE(message.find("'a/state' is no checkpoint of this version"), std::string::npos) << message;
        EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    }
    return message;
}

// The message for a sample with another value of one field.
std::string message_with(const std::string& field, const Json& value) {
    Json json = Json::parse(to_json(sample()));
    EXPECT_TRUE(json.contains(field)) << field;
    json[field] = value;
    return message_of_text(json.dump());
}

TEST(ProgressionText, ComesBackBitForBit) {
    EXPECT_EQ(progression_from_json(to_json(sample()), "a"), sample());
    EXPECT_EQ(progression_from_json(to_json(Progression()), "a"), Progression());
    EXPECT_EQ(sample().model_score(), 2.0 / 7);
}

TEST(ProgressionText, NoFieldTakesAnotherType) {
    const Json whole = Json::parse(to_json(sample()));
    const std::vector<Json> values{
        nullptr,       "text", true, 7, 1.5, Json::array(), Json::array({1}), Json::array({Json::array({1})}), Json::array({"a", 2}),
        Json::object()};
    int refused = 0;
    for (const auto& [field, own] : whole.items())
        for (const Json& value : values) {
            Json changed = whole;
            changed[field] = value;
            const std::string message = message_of_text(changed.dump());
            if (value.type() == own.type()) continue;
            const bool whole_for_real = own.is_number_float() && value.is_number();
            const bool of_other_sign = own.is_number_integer() && value.is_number_integer();
            if (whole_for_real || of_other_sign) continue;
            EXPECT_NE(message.find(field), std::string::npos) << field << " = " << value << ": " << message;
            ++refused;
        }
    EXPECT_GT(refused, 100);
}

TEST(ProgressionText, EveryNumberHasARange) {
    for (const char* const field : {"updates", "epoch", "next_batch", "batch_tokens", "target_tokens", "update_seconds", "total_seconds",
                                    "validations", "without_improvement", "best_update", "parameters", "peak_memory_mib"})
        for (const Json& value : {Json(-1), Json(1e300), Json(18446744073709551615ULL)})
            EXPECT_NE(message_with(field, value).find(std::string(field) + " is"), std::string::npos) << field << " = " << value;
    for (const char* const field : {"last_validation", "average_update"})
        EXPECT_NE(message_with(field, -2).find("from -1"), std::string::npos);
    EXPECT_NE(message_with("epoch", 0).find("from 1"), std::string::npos);
    EXPECT_NE(message_with("epoch", 4294967297).find("from 1"), std::string::npos); // 1 as 32 bits
    EXPECT_NE(message_with("read_parts", Json::array({Json::array({0, 1})})).find("from 1"), std::string::npos);
    EXPECT_NE(message_with("read_parts", Json::array({Json::array({8, -1})})).find("from 0"), std::string::npos);
    EXPECT_NE(message_with("training_text", Json::array({"one"})).find("a list of 2"), std::string::npos);
}

TEST(ProgressionText, FieldsAgree) {
    EXPECT_NE(message_with("last_validation", 301).find("after the last update"), std::string::npos);
    EXPECT_NE(message_with("best_update", 301).find("after the last update"), std::string::npos);
    EXPECT_NE(message_with("without_improvement", 10).find("without improvement"), std::string::npos);
    EXPECT_NE(message_with("snapshots", {{200, 1.0}, {100, 1.0}}).find("in the order of updates"), std::string::npos);
    EXPECT_NE(message_with("snapshots", {{200, 1.0}, {301, 1.0}}).find("in the order of updates"), std::string::npos);
}

TEST(ProgressionText, OfAnOlderVersionLacksWhatCameLater) {
    Json json = Json::parse(to_json(sample()));
    for (const char* const field :
         {"batch_tokens", "read_parts", "last_validation", "best_loss", "hopeless_updates", "snapshots", "average_update", "average_figure",
          "parameters", "peak_memory_mib", "training_text", "tokenizers", "validated_by"})
        EXPECT_EQ(json.erase(field), 1u) << field;
    const Progression p = progression_from_json(json.dump(), "a");
    EXPECT_EQ(p.updates, 300);
    EXPECT_EQ(p.last_validation, 300);
    EXPECT_EQ(p.average_update, -1);
    const Json kept = json;
    for (const auto& [field, value] : kept.items()) {
        Json less = json;
        less.erase(field);
        EXPECT_NE(message_of_text(less.dump()).find("it lacks " + field), std::string::npos) << field;
    }
}

TEST(ProgressionText, NonsenseIsOneLine) {
    for (const char* const text : {"", "{", "[]", "7", "null", "{\"updates\": \"\xff\"}", "\xff\xfe"}) EXPECT_NE(message_of_text(text), "");
}

} // namespace
} // namespace nmt
