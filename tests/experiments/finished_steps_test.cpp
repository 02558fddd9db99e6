// steps.json, whole and spoilt.
#include "nmt/experiments/finished_steps.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/base/random.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace nmt {
namespace {

using Json = FinishedSteps::Json;

const Json kTraining = {{"parameters", 1234},
                        {"threads", 2},
                        {"precision", "f32"},
                        {"updates", 7},
                        {"training_minutes", 1.5},
                        {"training_minutes_in_all", 2},
                        {"target_tokens_per_second", 1000.5},
                        {"validation_best", -2.5},
                        {"data", "sum sum"},
                        {"weights", "sum of the weights"},
                        {"peak_memory_mib", 99}};
const Json kTranslation = {{"sentences", 10}, {"seconds", 0.5}, {"sentences_per_second", 20}, {"peak_memory_mib", 44}, {"how", "so"}};

class FinishedStepsFile : public testing::Test {
  protected:
    FinishedStepsFile() {
        FinishedSteps steps(folder_.path());
        steps.set_training(kTraining);
        steps.set_translation("test", kTranslation);
        steps.set_examples({"a", "b"});
    }

    Json json() const { return Json::parse(read_file(folder_ / "steps.json")); }
    void write(const Json& json) { write_file(folder_ / "steps.json", json.dump()); }
    // All that there is to read.
    void read() const {
        const FinishedSteps steps(folder_.path());
        steps.training();
        steps.training_data();
        steps.training_weights();
        steps.translation("test");
        steps.translated_how("test");
        steps.examples_are(Json());
    }

    TemporaryFolder folder_;
};

TEST_F(FinishedStepsFile, IsReadBack) {
    const FinishedSteps steps(folder_.path());
    const TrainingFigures training = steps.training().value();
    EXPECT_EQ(training.parameters, 1234);
    EXPECT_EQ(training.threads, 2);
    EXPECT_EQ(training.precision, "f32");
    EXPECT_EQ(training.minutes, 1.5);
    EXPECT_EQ(training.minutes_in_all, 2);
    EXPECT_EQ(training.target_tokens_per_second, 1000.5);
    EXPECT_EQ(training.peak_memory_mib, 99);
    EXPECT_EQ(steps.training_data(), "sum sum");
    EXPECT_EQ(steps.training_weights(), "sum of the weights");
    const TranslationFigures translation = steps.translation("test").value();
    EXPECT_EQ(translation.sentences, 10);
    EXPECT_EQ(translation.seconds, 0.5);
    EXPECT_EQ(translation.peak_memory_mib, 44);
    EXPECT_EQ(steps.translated_how("test"), "so");
    EXPECT_FALSE(steps.translation("other"));
    EXPECT_TRUE(steps.examples_are({"a", "b"}));
    EXPECT_FALSE(steps.examples_are({"a"}));
}

TEST_F(FinishedStepsFile, ThatIsNotThereHasNothing) {
    TemporaryFolder empty;
    const FinishedSteps steps(empty.path());
    EXPECT_FALSE(steps.training());
    EXPECT_FALSE(steps.training_data());
    EXPECT_EQ(steps.translated_how("test"), "");
}

TEST_F(FinishedStepsFile, OfAnOlderVersionLacksWhatItLacks) {
    for (const char* const key : {"threads", "precision", "data", "weights"}) {
        Json older = json();
        older["training"].erase(key);
        write(older);
        EXPECT_TRUE(FinishedSteps(folder_.path()).training()) << key;
    }
    EXPECT_EQ(FinishedSteps(folder_.path()).training_data(), std::nullopt);
    for (const char* const key : {"parameters", "training_minutes", "peak_memory_mib"}) {
        Json older = json();
        older["training"].erase(key);
        write(older);
        EXPECT_FALSE(FinishedSteps(folder_.path()).training()) << key;
    }
}

TEST_F(FinishedStepsFile, ThatIsNonsenseIsNamedInOneLine) {
    const Json whole = json();
    const auto expect = [&](const std::string& text, const std::string& part) {
        write_file(folder_ / "steps.json", text);
        const std::string message = message_of<Error>([&] { read(); });
        EXPECT_NE(message.find(folder_ / "steps.json"), std::string::npos) << text << "\n" << message;
        EXPECT_NE(message.find(part), std::string::npos) << text << "\n" << message;
        EXPECT_NE(message.find("remove"), std::string::npos) << message;
        EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    };
    expect("", "no JSON object");
    expect("[]", "no JSON object");
    expect("null", "no JSON object");
    expect(read_file(folder_ / "steps.json") + "}", "no JSON object");
    expect(whole.dump().substr(0, 100), "no JSON object");
    expect("{\"training\": {\"parameters\": 1e999}}", "no JSON object");
    expect("{\"training\": 3}", "'training' is not an object");
    expect("{\"translation\": []}", "'translation' is not an object");
    expect("{\"translation\": {\"test\": \"x\"}}", "'translation.test' is not an object");
    for (const auto& [key, value] : kTraining.items()) {
        if (key == "updates" || key == "validation_best") continue; // kept for people
        Json spoilt = whole;
        spoilt["training"][key] = Json::array({1});
        expect(spoilt.dump(), "'" + key + "' is not a");
        spoilt["training"][key] = -1;
        expect(spoilt.dump(), "'" + key + "' is not a");
    }
    Json spoilt = whole;
    spoilt["translation"]["test"]["seconds"] = "much";
    expect(spoilt.dump(), "'seconds' is not a number from 0 to 1e15");
    spoilt = whole;
    spoilt["training"]["parameters"] = 1e30;
    expect(spoilt.dump(), "'parameters'");
}

TEST_F(FinishedStepsFile, SpoiltAnywhereIsReadOrNamed) {
    const std::string whole = read_file(folder_ / "steps.json");
    constexpr std::string_view kMarks = "{}[]\",:0-eE.tn";
    Random random(3);
    int named = 0;
    for (int i = 0; i < 600; ++i) {
        std::string text = whole;
        for (std::uint64_t n = 1 + random.below(4); n > 0 && !text.empty(); --n) {
            const std::size_t at = random.below(text.size());
            switch (random.below(4)) {
            case 0:
                text[at] = static_cast<char>(random.below(256));
                break;
            case 1:
                text.erase(at, 1 + random.below(20));
                break;
            case 2:
                text = text.substr(0, at) + kMarks[random.below(kMarks.size())] + text.substr(at);
                break;
            default:
                text.resize(at + 1);
            }
        }
        std::ofstream(folder_ / "steps.json", std::ios::binary) << text; // so often that syncing would take long
        try {
            read();
        } catch (const Error& error) {
            const std::string message = error.what();
            EXPECT_NE(message.find("steps.json' is broken"), std::string::npos) << message;
            EXPECT_EQ(message.find('\n'), std::string::npos) << message;
            ++named;
        }
    }
    EXPECT_GT(named, 100);
    EXPECT_LT(named, 600);
}

} // namespace
} // namespace nmt
