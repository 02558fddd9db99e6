#include "nmt/training/progression.hpp"

#include "nmt/base/error.hpp"

#include <nlohmann/json.hpp>

#include <type_traits>

namespace nmt {
namespace {

using Json = nlohmann::ordered_json;

struct Range {
    double lowest, highest;
};

constexpr double kMany = 1e15;                         // more than any training counts, and whole as a double
constexpr Range kCount{0, kMany}, kSmallCount{0, 1e9}; // of std::int64_t and int
constexpr Range kUpdate{-1, kMany}, kEpoch{1, 1e9}, kBatchTokens{1, 1e9}, kAmount{0, kMany}, kScore{-1e300, 1e300};

// Since when a field is kept: older versions lack those that were added.
enum class Kept { always, added };

// Calls field(name, value, range, kept) for each field: the one list of them. A range is that of numbers.
template <typename OfProgression, typename Field>
void for_each_field(OfProgression& p, const Field& field) {
    field("updates", p.updates, kCount, Kept::always);
    field("epoch", p.epoch, kEpoch, Kept::always);
    field("next_batch", p.next_batch, kCount, Kept::always);
    field("batch_tokens", p.batch_tokens, kSmallCount, Kept::added);
    field("read_parts", p.read_parts, kCount, Kept::added);
    field("target_tokens", p.target_tokens, kCount, Kept::always);
    field("update_seconds", p.update_seconds, kAmount, Kept::always);
    field("total_seconds", p.total_seconds, kAmount, Kept::always);
    field("validations", p.validations, kSmallCount, Kept::always);
    field("last_validation", p.last_validation, kUpdate, Kept::added);
    field("without_improvement", p.without_improvement, kSmallCount, Kept::always);
    field("best", p.best, kScore, Kept::always);
    field("best_loss", p.best_loss, kScore, Kept::added);
    field("best_update", p.best_update, kCount, Kept::always);
    field("hopeless_updates", p.hopeless_updates, kSmallCount, Kept::added);
    field("finished", p.finished, kCount, Kept::always);
    field("snapshots", p.snapshots, kScore, Kept::added);
    field("average_update", p.average_update, kUpdate, Kept::added);
    field("average_figure", p.average_score, kScore, Kept::added);
    field("parameters", p.parameters, kCount, Kept::added);
    field("peak_memory_mib", p.peak_memory_mib, kAmount, Kept::added);
    field("training_text", p.training_text, kCount, Kept::added);
    field("tokenizers", p.tokenizers, kCount, Kept::added);
    field("validated_by", p.validated_by, kCount, Kept::added);
}

// Numbers as dump() writes them are read back to the last bit.
template <typename T>
Json to_value(const T& value) {
    return value;
}
Json to_value(const Snapshot& snapshot) { return {snapshot.updates, snapshot.score}; }
Json to_value(const EpochPart& part) { return {part.batch_tokens, part.batches}; }
template <typename T>
Json to_value(const std::vector<T>& list) {
    Json json = Json::array();
    for (const T& element : list) json.push_back(to_value(element));
    return json;
}

// A value of a field, for messages.
struct Place {
    std::string file, name;

    void expect(bool holds, const Json& found, const std::string& expected) const {
        check(holds, "'{}' is no checkpoint of this version: {} is {}; expected {}", file, name,
              found.dump(-1, ' ', false, Json::error_handler_t::replace), expected);
    }
};

void read_value(const Json& json, std::string& value, const Range&, const Place& place) {
    place.expect(json.is_string(), json, "a text");
    json.get_to(value);
}

template <typename Number>
requires std::is_arithmetic_v<Number>
void read_value(const Json& json, Number& value, const Range& range, const Place& place) {
    if constexpr (std::is_same_v<Number, bool>) {
        place.expect(json.is_boolean(), json, "true or false");
    } else {
        const bool whole = std::is_integral_v<Number>;
        const bool fits = (whole ? json.is_number_integer() : json.is_number()) && json.get<double>() >= range.lowest &&
                          json.get<double>() <= range.highest;
        place.expect(fits, json, fmt::format("a {}number from {:.16g} to {:.16g}", whole ? "whole " : "", range.lowest, range.highest));
    }
    json.get_to(value);
}

void expect_elements(const Json& json, std::size_t count, const Place& place) {
    place.expect(json.is_array() && json.size() == count, json, fmt::format("a list of {}", count));
}

void read_value(const Json& json, Snapshot& snapshot, const Range& range, const Place& place) {
    expect_elements(json, 2, place);
    read_value(json[0], snapshot.updates, kCount, place);
    read_value(json[1], snapshot.score, range, place);
}

void read_value(const Json& json, EpochPart& part, const Range& range, const Place& place) {
    expect_elements(json, 2, place);
    read_value(json[0], part.batch_tokens, kBatchTokens, place);
    read_value(json[1], part.batches, range, place);
}

template <typename T>
void read_value(const Json& json, std::vector<T>& list, const Range& range, const Place& place) {
    place.expect(json.is_array(), json, "a list");
    list.resize(json.size());
    for (std::size_t i = 0; i < json.size(); ++i) read_value(json[i], list[i], range, place);
}

void read_value(const Json& json, std::array<std::string, 2>& pair, const Range& range, const Place& place) {
    expect_elements(json, 2, place);
    for (std::size_t i = 0; i < 2; ++i) read_value(json[i], pair[i], range, place);
}

// What holds between fields.
void check_agreement(const Progression& p, const std::string& file) {
    const auto expect = [&](bool holds, const char* what) { check(holds, "'{}' is no checkpoint of this version: {}", file, what); };
    expect(p.last_validation <= p.updates && p.best_update <= p.updates && p.average_update <= p.updates,
           "it tells of a validation after the last update");
    expect(p.without_improvement <= p.validations, "more validations were without improvement than there were");
    for (std::size_t i = 0; i < p.snapshots.size(); ++i)
        expect(p.snapshots[i].updates <= p.updates && (i == 0 || p.snapshots[i - 1].updates < p.snapshots[i].updates),
               "its snapshots are not in the order of updates");
}

} // namespace

std::string to_json(const Progression& progression) {
    Json json;
    for_each_field(progression, [&](const char* name, const auto& value, const Range&, Kept) { json[name] = to_value(value); });
    return json.dump();
}

Progression progression_from_json(const std::string& text, const std::filesystem::path& path) {
    const Json json = Json::parse(text, nullptr, false);
    check(json.is_object(), "'{}' is no checkpoint of this version: where it stands is no JSON object", path.string());
    Progression progression;
    for_each_field(progression, [&](const char* name, auto& value, const Range& range, Kept kept) {
        const auto found = json.find(name);
        if (found != json.end()) read_value(*found, value, range, {path.string(), name});
        else check(kept == Kept::added, "'{}' is no checkpoint of this version: it lacks {}", path.string(), name);
    });
    if (!json.contains("last_validation")) progression.last_validation = progression.updates; // older versions did not keep it
    check_agreement(progression, path.string());
    return progression;
}

} // namespace nmt
