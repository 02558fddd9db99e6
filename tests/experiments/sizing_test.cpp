#include "nmt/experiments/sizing.hpp"

#include "nmt/base/error.hpp"
#include "nmt/experiments/budget.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

namespace nmt {
namespace {

constexpr Vocabulary kVocabulary{900, 700, false};

Recipe recipe(std::int64_t parameters) {
    Recipe recipe =
        Recipe::parse("[recipe]\nname = test\n[data]\ngenerator = phrasebook\nlines = 400\n[model.table]\narchitecture = dictionary\n"
                      "[model.small]\narchitecture = rnn\nhidden-size = 24\ncell = gru\n"
                      "[model.large]\narchitecture = transformer\nwidth = 512\nheads = 4\n",
                      "test.ini", "");
    recipe.budget.parameters = parameters;
    return recipe;
}

TEST(Sizing, ModelsTakeTheBudgetAndKeepTheRest) {
    const TemporaryFolder folder;
    testing::internal::CaptureStderr();
    const std::vector<RecipeModel> models = sized_models(
        recipe(300'000), [] { return kVocabulary; }, folder / "scratch");
    const std::string log = testing::internal::GetCapturedStderr();
    ASSERT_EQ(models.size(), 3u);
    EXPECT_EQ(models[0].model.architecture, "dictionary");
    EXPECT_EQ(models[1].model.cell, "gru");
    EXPECT_EQ(models[2].model.heads, 4);
    for (const RecipeModel& model : {models[1], models[2]})
        EXPECT_LE(std::abs(static_cast<double>(count_parameters(model.model, kVocabulary)) / 300'000 - 1), kParameterTolerance)
            << model.name;
    EXPECT_NE(log.find("table: has no widths, and is exempt from the budget of parameters"), std::string::npos) << log;
    EXPECT_NE(log.find("small: widths scaled to "), std::string::npos) << log;
    EXPECT_EQ(folder.count(), 0u) << "nothing is left";
}

TEST(Sizing, AModelThatCannotBeSizedIsNamed) {
    const TemporaryFolder folder;
    const std::string message = message_of<Error>([&] {
        sized_models(
            recipe(1000), [] { return kVocabulary; }, folder / "scratch");
    });
    EXPECT_EQ(message.find("[model.small]: "), 0u) << message;
    EXPECT_NE(message.find("1000 parameters"), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
}

} // namespace
} // namespace nmt
