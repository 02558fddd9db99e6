#include "nmt/training/snapshot.hpp"

#include "nmt/base/output_file.hpp"
#include "nmt/base/paths.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <set>

namespace nmt {
namespace {

namespace fs = std::filesystem;

TEST(Snapshots, TheLastOrTheBestStay) {
    const std::vector<Snapshot> all = {{10, 3}, {20, 5}, {30, 1}, {40, 4}};
    EXPECT_EQ(select_snapshots(all, 2, false), (std::vector<Snapshot>{{30, 1}, {40, 4}}));
    EXPECT_EQ(select_snapshots(all, 2, true), (std::vector<Snapshot>{{20, 5}, {40, 4}}));
    EXPECT_EQ(select_snapshots(all, 3, true), (std::vector<Snapshot>{{10, 3}, {20, 5}, {40, 4}})); // in the order of updates
    EXPECT_EQ(select_snapshots(all, 4, true), all);
    EXPECT_EQ(select_snapshots(all, 9, false), all);
    EXPECT_TRUE(select_snapshots({}, 3, true).empty());
}

TEST(Snapshots, OfEqualsTheLaterStay) {
    const std::vector<Snapshot> all = {{1, 2}, {2, 7}, {3, 7}, {4, 2}, {5, 7}, {6, 0}};
    EXPECT_EQ(select_snapshots(all, 1, true), (std::vector<Snapshot>{{5, 7}}));
    EXPECT_EQ(select_snapshots(all, 2, true), (std::vector<Snapshot>{{3, 7}, {5, 7}}));
    EXPECT_EQ(select_snapshots(all, 4, true), (std::vector<Snapshot>{{2, 7}, {3, 7}, {4, 2}, {5, 7}}));
}

TEST(Snapshots, OneAtATimeEqualsAllAtOnce) {
    const std::vector<Snapshot> all = {{1, 2}, {2, 7}, {3, 7}, {4, 2}, {5, 3}, {6, 7}, {7, 0}};
    for (const bool best : {false, true}) {
        std::vector<Snapshot> kept;
        for (const Snapshot& snapshot : all) {
            kept.push_back(snapshot);
            kept = select_snapshots(kept, 3, best);
        }
        EXPECT_EQ(kept, select_snapshots(all, 3, best));
    }
}

TEST(Snapshots, OnlyTheOthersFilesAreRemoved) {
    TemporaryFolder folder;
    make_folder(folder.path() / "training");
    const std::set<std::string> foreign = {"latest", "snapshot-x.safetensors", "snapshot-.safetensors", "snapshot-5.txt",
                                           "snapshot-12.safetensors"};
    for (const std::string& name : foreign) write_file(folder.path() / "training" / name, "");
    for (const int updates : {1, 2, 120}) write_file(snapshot_file(folder.path(), updates), "");
    remove_other_snapshots(folder.path(), {{12, 0}});
    std::set<std::string> left;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder.path() / "training"))
        left.insert(entry.path().filename().string());
    EXPECT_EQ(left, foreign);
}

TEST(Snapshots, AreDescribedByTheirUpdates) {
    EXPECT_EQ(describe_snapshots({{7, 0}}), "the weights after 7 updates");
    EXPECT_EQ(describe_snapshots({{7, 0}, {8, 0}, {20, 0}}), "the weights after 7, 8 and 20 updates");
}

} // namespace
} // namespace nmt
