#include "nmt/training/checkpoint.hpp"

#include "nmt/base/input_file.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/base/paths.hpp"
#include "nmt/models/model_folder.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace nmt {
namespace fs = std::filesystem;
namespace {

constexpr const char *kState = "state.safetensors", *kLater = "progression.json";
constexpr const char* kProgression = "progression"; // key of the state's metadata

fs::path training_folder(const fs::path& model_folder) { return model_folder / "training"; }

// N of "step-N", -1 for other names.
std::int64_t step_of(const std::string& name) {
    std::int64_t step = -1;
    if (!name.starts_with("step-")) return -1;
    const auto [end, error] = std::from_chars(name.data() + 5, name.data() + name.size(), step);
    return error == std::errc() && end == name.data() + name.size() ? step : -1;
}

fs::path latest_step(const fs::path& model_folder) {
    const fs::path pointer = training_folder(model_folder) / "latest";
    check(fs::exists(pointer), "'{}' has no checkpoint to resume from; start the training without --resume", model_folder.string());
    std::string name = read_file(pointer);
    while (!name.empty() && name.back() == '\n') name.pop_back();
    const fs::path step = training_folder(model_folder) / name;
    check(step_of(name) >= 0 && fs::exists(step / kState), "'{}' names the checkpoint '{}', but there is no '{}'", pointer.string(), name,
          (step / kState).string());
    return step;
}

// The later one of a step, where there is one; both must be sound, and tell of the same place.
Progression progression_of(const SafetensorsFile& state, const fs::path& step) {
    const fs::path path = step / kState, later_path = step / kLater;
    const auto found = state.metadata().find(kProgression);
    check(found != state.metadata().end(), "'{}' is no checkpoint: it has no progression in its metadata", path.string());
    const Progression at_its_time = progression_from_json(found->second, path);
    check(at_its_time.updates == step_of(step.filename().string()), "'{}' tells of {} updates; expected those of its folder's name",
          path.string(), at_its_time.updates);
    if (!fs::exists(later_path)) return at_its_time;
    const Progression later = progression_from_json(read_file(later_path), later_path);
    const auto place = [](const Progression& p) { return std::tuple(p.updates, p.epoch, p.next_batch); };
    check(place(later) == place(at_its_time),
          "'{}' and '{}' tell of different places in the training; one of them is not what the training wrote", path.string(),
          later_path.string());
    return later;
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
    fs::remove(folder / name / kLater); // of a training that was killed, or that took another way to here
    std::vector<SafetensorsEntry> entries;
    for (const Parameter& parameter : model.parameters().all())
        entries.push_back(tensor_entry("weights." + parameter.name(), parameter.value()));
    for (const Optimizer::NamedTensor& state : optimizer.state()) entries.push_back(tensor_entry(state.name, state.tensor));
    write_safetensors(folder / name / kState, entries, {{kProgression, to_json(progression)}});
    sync_folder(folder);
    write_file(folder / "latest", name + "\n");
    remove_old(folder, progression.updates, keep);
    remove_other_snapshots(model_folder, progression.snapshots);
    remove_temporaries(model_folder, folder / name);
}

void save_progression(const fs::path& model_folder, const Progression& progression) {
    write_file(training_folder(model_folder) / fmt::format("step-{}", progression.updates) / kLater, to_json(progression) + "\n");
    remove_other_snapshots(model_folder, progression.snapshots);
}

Progression load_checkpoint(const fs::path& model_folder, Model& model, Optimizer& optimizer) {
    const fs::path step = latest_step(model_folder), path = step / kState;
    const SafetensorsFile file(path);
    for (Parameter& parameter : model.parameters().all()) {
        read_tensor(file, path, "weights." + parameter.name(), parameter.value());
        parameter.changed();
    }
    for (Optimizer::NamedTensor& state : optimizer.state()) read_tensor(file, path, state.name, state.tensor);
    const Progression progression = progression_of(file, step);
    optimizer.set_updates(progression.updates);
    return progression;
}

Progression read_progression(const fs::path& model_folder) {
    const fs::path step = latest_step(model_folder);
    return progression_of(SafetensorsFile(step / kState), step);
}

} // namespace nmt
