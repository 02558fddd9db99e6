#include "nmt/experiments/outlook.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

RunStep training(const std::string& model, std::optional<double> seconds = {}, bool network = true) {
    return {model, false, network, seconds};
}
RunStep translation(const std::string& model, std::optional<double> seconds = {}) { return {model, true, true, seconds}; }

TEST(Outlook, TheLastStepLeavesWhatItHasLeft) { EXPECT_EQ(estimate_seconds_left({training("a", 5), training("b")}, 1, 7, 3), 3); }

TEST(Outlook, AnotherSeedTakesAsLongAsTheMeanOfItsModel) {
    // a: 10 and, under way, 20; another a as their mean. b was never trained: as the mean of all three.
    EXPECT_EQ(estimate_seconds_left({training("a", 10), training("a"), training("a")}, 1, 15, 5), 5 + 15);
    EXPECT_EQ(estimate_seconds_left({training("a", 10), training("a"), training("b")}, 1, 15, 5), 5 + 15);
}

TEST(Outlook, TrainingsTellNothingOfTranslations) {
    EXPECT_EQ(estimate_seconds_left({training("a"), translation("a")}, 0, 1, 9), 9);
    EXPECT_EQ(estimate_seconds_left({training("a", 100), translation("a", 4), training("b"), translation("b")}, 2, 10, 20), 20 + 4);
}

TEST(Outlook, AModelWithoutANetworkCountsForItselfAlone) {
    EXPECT_EQ(estimate_seconds_left({training("dictionary", 1, false), training("a"), training("b")}, 1, 40, 20), 20 + 60);
    EXPECT_EQ(estimate_seconds_left({training("a"), training("dictionary", {}, false)}, 0, 40, 20), 20);
}

} // namespace
} // namespace nmt
