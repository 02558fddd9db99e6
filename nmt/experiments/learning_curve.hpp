// How a training went, from the log.jsonl of its model folder. Used by the analysis of a recipe.
#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <filesystem>
#include <string>

namespace nmt {

// {"training": {"updates", "minutes", "loss"}, "validation": {"updates", "minutes", "loss", "bleu"}}, columns of equal length; empty where
// there is no log. Loss in nats a token, as training minimizes it (with label smoothing), in validation without; minutes are those of
// updates alone; BLEU in percent. What a killed training had logged and a resumed one did again counts once. At most `most_points` of each,
// evenly, the last among them. Throws Error for a log that cannot be read.
nlohmann::ordered_json learning_curve(const std::filesystem::path& folder, std::size_t most_points = 200);

// The day of the log's last event, "2026-05-31"; empty where there is no log.
std::string last_day(const std::filesystem::path& folder);

} // namespace nmt
