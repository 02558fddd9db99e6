#include "nmt/training/event_log.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/line_reader.hpp"

#include <chrono>
#include <cstdio>
#include <ctime>

namespace nmt {

void EventLog::write(const Json& event) const {
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm utc{};
    gmtime_r(&now, &utc);
    char time[32];
    std::strftime(time, sizeof time, "%Y-%m-%dT%H:%M:%SZ", &utc);
    Json line = {{"time", time}};
    line.update(event);
    const std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
    std::FILE* const file = std::fopen(path_.c_str(), "ab+");
    check_system(file != nullptr, "write", path_.string());
    // A line that a killed process has cut short ends here.
    const bool cut_short = std::fseek(file, -1, SEEK_END) == 0 && std::fgetc(file) != '\n';
    std::fseek(file, 0, SEEK_END); // between reading and writing
    if (cut_short) std::fputc('\n', file);
    const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    check_system(std::fclose(file) == 0 && written, "write", path_.string());
}

std::vector<EventLog::Json> EventLog::read(const std::filesystem::path& path) {
    std::vector<Json> events;
    if (!std::filesystem::exists(path)) return events;
    for (const std::string& line : read_lines(path.string())) {
        Json event = Json::parse(line, nullptr, false);
        if (event.is_object()) events.push_back(std::move(event));
    }
    return events;
}

} // namespace nmt
