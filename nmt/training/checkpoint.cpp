#include "nmt/training/checkpoint.hpp"

#include "nmt/base/input_file.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/base/paths.hpp"
#include "nmt/models/model_folder.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <vector>

namespace nmt {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kState = "state.safetensors";
constexpr const char* kProgression = "progression"; // key of the metadata

std::string to_text(const Progression& p) {
    Json snapshots = Json::array();
    for (const Snapshot& snapshot : p.snapshots) snapshots.push_back({snapshot.updates, snapshot.score});
    // Numbers as dump() writes them are read back to the last bit.
    return Json{{"updates", p.updates},
                {"epoch", p.epoch},
                {"next_batch", p.next_batch},
                {"target_tokens", p.target_tokens},
                {"update_seconds", p.update_seconds},
                {"total_seconds", p.total_seconds},
                {"validations", p.validations},
                {"last_validation", p.last_validation},
                {"without_improvement", p.without_improvement},
                {"best", p.best},
                {"best_loss", p.best_loss},
                {"best_update", p.best_update},
                {"finished", p.finished},
                {"snapshots", snapshots},
                {"average_update", p.average_update},
                {"average_figure", p.average_score},
                {"parameters", p.parameters},
                {"peak_memory_mib", p.peak_memory_mib},
                {"training_text", p.training_text}}
        .dump();
}

Progression from_text(const std::string& text, const fs::path& path) {
    try {
        const Json json = Json::parse(text);
        Progression p;
        json.at("updates").get_to(p.updates);
        json.at("epoch").get_to(p.epoch);
        json.at("next_batch").get_to(p.next_batch);
        json.at("target_tokens").get_to(p.target_tokens);
        json.at("update_seconds").get_to(p.update_seconds);
        json.at("total_seconds").get_to(p.total_seconds);
        json.at("validations").get_to(p.validations);
        p.last_validation = json.value("last_validation", p.updates); // older versions did not keep it
        json.at("without_improvement").get_to(p.without_improvement);
        json.at("best").get_to(p.best);
        json.at("best_update").get_to(p.best_update);
        json.at("finished").get_to(p.finished);
        for (const Json& snapshot : json.value("snapshots", Json::array()))
            p.snapshots.push_back({snapshot.at(0).get<std::int64_t>(), snapshot.at(1).get<double>()});
        p.average_update = json.value("average_update", std::int64_t{-1});
        p.average_score = json.value("average_figure", 0.0);
        p.parameters = json.value("parameters", std::int64_t{0});
        p.best_loss = json.value("best_loss", 0.0);
        p.peak_memory_mib = json.value("peak_memory_mib", 0.0);
        p.training_text = json.value("training_text", p.training_text);
        return p;
    } catch (const nlohmann::json::exception& error) {
        fail("'{}' is no checkpoint of this version: {}", path.string(), error.what());
    }
}

fs::path training_folder(const fs::path& model_folder) { return model_folder / "training"; }

fs::path latest_state(const fs::path& model_folder) {
    const fs::path pointer = training_folder(model_folder) / "latest";
    check(fs::exists(pointer), "'{}' has no checkpoint to resume from; start the training without --resume", model_folder.string());
    std::string name = read_file(pointer);
    while (!name.empty() && name.back() == '\n') name.pop_back();
    const fs::path state = training_folder(model_folder) / name / kState;
    check(name.starts_with("step-") && fs::exists(state), "'{}' names the checkpoint '{}', but there is no '{}'", pointer.string(), name,
          state.string());
    return state;
}

Progression progression_of(const SafetensorsFile& file, const fs::path& path) {
    const auto found = file.metadata().find(kProgression);
    check(found != file.metadata().end(), "'{}' is no checkpoint: it has no progression in its metadata", path.string());
    return from_text(found->second, path);
}

// N of "step-N", -1 for other names.
std::int64_t step_of(const std::string& name) {
    std::int64_t step = -1;
    if (!name.starts_with("step-")) return -1;
    const auto [end, error] = std::from_chars(name.data() + 5, name.data() + name.size(), step);
    return error == std::errc() && end == name.data() + name.size() ? step : -1;
}

// Removes what a killed training has left of files that it was writing; those beside the model may be somebody else's.
void remove_temporaries(const fs::path& model_folder, const fs::path& step) {
    std::vector<fs::path> found;
    const auto look = [&](const fs::path& folder, std::string_view begin) {
        for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
            const std::string name = entry.path().filename().string();
            if (entry.is_regular_file() && name.starts_with(begin) && name.find(".tmp-") != std::string::npos)
                found.push_back(entry.path());
        }
    };
    look(training_folder(model_folder), "");
    look(step, "");
    for (const std::string_view file : {"model.safetensors.tmp-", "config.ini.tmp-"}) look(model_folder, file);
    for (const fs::path& path : found) fs::remove(path);
}

// Removes all checkpoints but the newest `keep`, and what an interrupted one has left.
void remove_old(const fs::path& folder, std::int64_t newest, int keep) {
    std::vector<std::int64_t> steps;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        const std::int64_t step = step_of(name);
        if (step >= 0) steps.push_back(step);
    }
    std::sort(steps.rbegin(), steps.rend());
    int kept = 0;
    for (const std::int64_t step : steps)
        if (step > newest || ++kept > keep) fs::remove_all(folder / fmt::format("step-{}", step));
}

} // namespace

bool has_checkpoint(const fs::path& model_folder) { return fs::exists(training_folder(model_folder) / "latest"); }

void save_checkpoint(const fs::path& model_folder, Model& model, const Optimizer& optimizer, const Progression& progression, int keep) {
    const fs::path folder = training_folder(model_folder);
    const std::string name = fmt::format("step-{}", progression.updates);
    make_folder(folder / name);
    std::vector<SafetensorsEntry> entries;
    for (const Parameter& parameter : model.parameters().all())
        entries.push_back(tensor_entry("weights." + parameter.name(), parameter.value()));
    for (const Optimizer::NamedTensor& state : optimizer.state()) entries.push_back(tensor_entry(state.name, state.tensor));
    write_safetensors(folder / name / kState, entries, {{kProgression, to_text(progression)}});
    sync_folder(folder);
    write_file(folder / "latest", name + "\n");
    remove_old(folder, progression.updates, keep);
    remove_other_snapshots(model_folder, progression.snapshots);
    remove_temporaries(model_folder, folder / name);
}

Progression load_checkpoint(const fs::path& model_folder, Model& model, Optimizer& optimizer) {
    const fs::path path = latest_state(model_folder);
    const SafetensorsFile file(path);
    for (Parameter& parameter : model.parameters().all()) {
        read_tensor(file, path, "weights." + parameter.name(), parameter.value());
        parameter.changed();
    }
    for (Optimizer::NamedTensor& state : optimizer.state()) read_tensor(file, path, state.name, state.tensor);
    const Progression progression = progression_of(file, path);
    optimizer.set_updates(progression.updates);
    return progression;
}

Progression read_progression(const fs::path& model_folder) {
    const fs::path path = latest_state(model_folder);
    return progression_of(SafetensorsFile(path), path);
}

} // namespace nmt
