#include "nmt/training/snapshot.hpp"

#include "nmt/base/error.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace nmt {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kPrefix = "snapshot-", kSuffix = ".safetensors";

// N of "snapshot-N.safetensors", -1 for other names.
std::int64_t updates_of(std::string_view name) {
    if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix) || name.size() <= kPrefix.size() + kSuffix.size()) return -1;
    name = name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size());
    std::int64_t updates = -1;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), updates);
    return error == std::errc() && end == name.data() + name.size() ? updates : -1;
}

} // namespace

fs::path snapshot_file(const fs::path& model_folder, std::int64_t updates) {
    return model_folder / "training" / fmt::format("{}{}{}", kPrefix, updates, kSuffix);
}

std::vector<Snapshot> select_snapshots(const std::vector<Snapshot>& snapshots, int count, bool best) {
    std::vector<Snapshot> chosen = snapshots;
    const auto before = [&](const Snapshot& a, const Snapshot& b) {
        return best && a.score != b.score ? a.score > b.score : a.updates > b.updates;
    };
    std::sort(chosen.begin(), chosen.end(), before);
    if (std::ssize(chosen) > count) chosen.resize(static_cast<std::size_t>(count));
    std::sort(chosen.begin(), chosen.end(), [](const Snapshot& a, const Snapshot& b) { return a.updates < b.updates; });
    return chosen;
}

std::string describe_snapshots(const std::vector<Snapshot>& snapshots) {
    std::string text = "the weights after ";
    for (std::size_t i = 0; i < snapshots.size(); ++i) {
        if (i > 0) text += i + 1 == snapshots.size() ? " and " : ", ";
        text += std::to_string(snapshots[i].updates);
    }
    return text + " updates";
}

void remove_other_snapshots(const fs::path& model_folder, const std::vector<Snapshot>& kept) {
    std::vector<fs::path> others;
    for (const fs::directory_entry& entry : fs::directory_iterator(model_folder / "training")) {
        const std::int64_t updates = updates_of(entry.path().filename().string());
        const bool named = std::any_of(kept.begin(), kept.end(), [&](const Snapshot& snapshot) { return snapshot.updates == updates; });
        if (updates >= 0 && !named) others.push_back(entry.path());
    }
    for (const fs::path& path : others) fs::remove(path);
}

} // namespace nmt
