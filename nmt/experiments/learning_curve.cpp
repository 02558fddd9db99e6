#include "nmt/experiments/learning_curve.hpp"

#include "nmt/experiments/rounding.hpp"
#include "nmt/training/event_log.hpp"

#include <string>
#include <vector>

namespace nmt {
namespace {

using Json = nlohmann::ordered_json;

// The figure of an event, 0 where it has none: a log can be edited.
double figure_of(const Json& event, const std::string& key) {
    const auto found = event.find(key);
    return found != event.end() && found->is_number() ? found->get<double>() : 0.0;
}

// The events of a kind, each later than those before it.
std::vector<Json> events_of(const std::vector<Json>& log, const std::string& kind) {
    std::vector<Json> events;
    for (const Json& event : log) {
        const auto found = event.find("event"), updates = event.find("updates");
        if (found == event.end() || *found != kind || updates == event.end() || !updates->is_number()) continue;
        while (!events.empty() && events.back()["updates"] >= *updates) events.pop_back(); // done again since
        events.push_back(event);
    }
    return events;
}

// `count` of them or fewer, the last among them.
std::vector<Json> thinned(const std::vector<Json>& events, std::size_t count) {
    if (events.size() <= count) return events;
    std::vector<Json> kept;
    for (std::size_t k = 1; k <= count; ++k) kept.push_back(events[k * events.size() / count - 1]);
    return kept;
}

Json columns(const std::vector<Json>& events, const std::vector<std::string>& figures) {
    Json json{{"updates", Json::array()}, {"minutes", Json::array()}};
    for (const std::string& figure : figures) json[figure] = Json::array();
    for (const Json& event : events) {
        json["updates"].push_back(event["updates"]);
        json["minutes"].push_back(rounded(figure_of(event, "update_seconds") / 60, 4));
        for (const std::string& figure : figures) json[figure].push_back(rounded(figure_of(event, figure), 4));
    }
    return json;
}

} // namespace

Json learning_curve(const std::filesystem::path& folder, std::size_t most_points) {
    const std::vector<Json> log = EventLog::read(folder / "log.jsonl");
    return {{"training", columns(thinned(events_of(log, "training"), most_points), {"loss"})},
            {"validation", columns(thinned(events_of(log, "validation"), most_points), {"loss", "bleu"})}};
}

std::string last_day(const std::filesystem::path& folder) {
    constexpr std::size_t kDay = 10; // of "2026-05-31T12:00:00Z"
    std::string day;
    for (const Json& event : EventLog::read(folder / "log.jsonl"))
        if (const auto time = event.find("time"); time != event.end() && time->is_string()) day = time->get<std::string>().substr(0, kDay);
    return day;
}

} // namespace nmt
