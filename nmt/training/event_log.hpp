// log.jsonl of a model folder: one JSON object an event, for programs that follow or plot a training.
#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>

namespace nmt {

class EventLog {
  public:
    using Json = nlohmann::ordered_json;

    // Appends to the file.
    explicit EventLog(std::filesystem::path path) : path_(std::move(path)) {}

    // Adds the time of day and writes the line at once. Throws Error if it cannot be written.
    void write(const Json& event) const;

    // All events of a file, in order; a last line that was cut short is passed over. Empty if there is no file.
    static std::vector<Json> read(const std::filesystem::path& path);

  private:
    std::filesystem::path path_;
};

} // namespace nmt
