// Snapshots: the weights as they were at some validations of a training, of which it writes the mean at its end.
//   training/snapshot-N.safetensors   the weights after N updates, under the parameters' names
// The checkpoint that refers to a snapshot is written after it; what the latest one does not name is removed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace nmt {

struct Snapshot {
    std::int64_t updates = 0;
    double score = 0; // of its validation, the higher the better; 0 without a validation set

    bool operator==(const Snapshot&) const = default;
};

std::filesystem::path snapshot_file(const std::filesystem::path& model_folder, std::int64_t updates);

// The `count` last of some snapshots, or with `best` those of the highest scores (of equals the later); all where there are fewer.
// Takes and returns them in the order of updates.
std::vector<Snapshot> select_snapshots(const std::vector<Snapshot>& snapshots, int count, bool best);

// "the weights after 10, 20 and 30 updates".
std::string describe_snapshots(const std::vector<Snapshot>& snapshots);

// Removes the files of all snapshots but these.
void remove_other_snapshots(const std::filesystem::path& model_folder, const std::vector<Snapshot>& kept);

} // namespace nmt
