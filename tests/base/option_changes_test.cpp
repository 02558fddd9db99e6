#include "nmt/base/option_changes.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

struct Options {
    double dropout = 0.1;
    std::string note;
    std::vector<std::string> metrics = {"bleu"};

    void describe(OptionTable& table) {
        table.add("dropout", dropout, "dropout", 0, 1);
        table.add("note", note, "free text");
        table.add("metrics", metrics, "which metrics");
    }
};

TEST(OptionChangesTest, NameKeysAndBothValues) {
    Options before, after;
    EXPECT_TRUE(option_changes("train", before, after).empty());
    after.dropout = 0.25;
    after.metrics = {"bleu", "ter"};
    after.note = "new";
    const std::vector<OptionChange> changes = option_changes("train", before, after);
    ASSERT_EQ(changes.size(), 3u);
    EXPECT_EQ(describe(changes[0]), "train.dropout from 0.1 to 0.25");
    EXPECT_EQ(describe(changes[1]), "train.note from nothing to new");
    EXPECT_EQ(describe(changes[2]), "train.metrics from bleu to bleu ter");
}

TEST(OptionChangesTest, AKeyThatOneTableLacksHasNoValueThere) {
    int shared = 1, first = 2, second = 3;
    OptionTable before, after;
    before.add("shared", shared, "");
    before.add("first", first, "");
    after.add("second", second, "");
    after.add("shared", shared, "");
    const std::vector<OptionChange> changes = option_changes("s", before, after);
    ASSERT_EQ(changes.size(), 2u);
    EXPECT_EQ(describe(changes[0]), "s.first from 2 to nothing");
    EXPECT_EQ(describe(changes[1]), "s.second from nothing to 3");
}

} // namespace
} // namespace nmt
