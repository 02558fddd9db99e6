#include "nmt/experiments/finished_steps.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/output_file.hpp"

namespace nmt {
namespace fs = std::filesystem;

FinishedSteps::FinishedSteps(const fs::path& folder) : path_(folder / "steps.json"), json_(Json::object()) {
    if (!fs::exists(path_)) return;
    json_ = Json::parse(read_file(path_), nullptr, false);
    check(json_.is_object(), "'{}' is broken: it is no JSON object; remove it, and its steps are done again", path_.string());
}

std::optional<TrainingFigures> FinishedSteps::training() const {
    const Json* const step = find("training");
    if (step == nullptr) return {};
    const auto parameters = number(*step, "parameters"), minutes = number(*step, "training_minutes"),
               in_all = number(*step, "training_minutes_in_all"), rate = number(*step, "target_tokens_per_second"),
               memory = number(*step, "peak_memory_mib");
    const double threads = number(*step, "threads").value_or(0);
    const std::string precision = text(*step, "precision").value_or("f32"); // of an older version it was that
    if (!parameters || !minutes || !in_all || !rate || !memory) return {};
    if (threads > 1e6) fail_type("threads", "a number of threads");
    return TrainingFigures{static_cast<std::int64_t>(*parameters), static_cast<int>(threads), precision, *minutes, *in_all, *rate, *memory};
}

std::optional<TranslationFigures> FinishedSteps::translation(const std::string& test) const {
    const Json* const step = find("translation", test);
    if (step == nullptr) return {};
    const auto sentences = number(*step, "sentences"), seconds = number(*step, "seconds"), memory = number(*step, "peak_memory_mib");
    if (!sentences || !seconds || !memory) return {};
    return TranslationFigures{*sentences, *seconds, *memory};
}

std::optional<std::string> FinishedSteps::training_data() const {
    const Json* const step = find("training");
    return step == nullptr ? std::nullopt : text(*step, "data");
}

std::optional<std::string> FinishedSteps::training_weights() const {
    const Json* const step = find("training");
    return step == nullptr ? std::nullopt : text(*step, "weights");
}

std::optional<std::string> FinishedSteps::training_start() const { return text(json_, "start"); }

void FinishedSteps::set_training_start(const std::string& sum) {
    json_["start"] = sum;
    write();
}

std::string FinishedSteps::translated_how(const std::string& test) const {
    const Json* const step = find("translation", test);
    return step == nullptr ? "" : text(*step, "how").value_or("");
}

bool FinishedSteps::examples_are(const Json& how) const {
    const auto found = json_.find("examples");
    return found != json_.end() && *found == how;
}

void FinishedSteps::set_training(const Json& figures) {
    json_["training"] = figures;
    write();
}

void FinishedSteps::set_translation(const std::string& test, const Json& figures) {
    json_["translation"][test] = figures;
    write();
}

void FinishedSteps::set_examples(const Json& how) {
    json_["examples"] = how;
    write();
}

const FinishedSteps::Json* FinishedSteps::find(const std::string& key, const std::string& inner) const {
    const auto found = json_.find(key);
    if (found == json_.end()) return nullptr;
    if (!found->is_object()) fail_type(key, "an object");
    if (inner.empty()) return &*found;
    const auto within = found->find(inner);
    if (within == found->end()) return nullptr;
    if (!within->is_object()) fail_type(key + "." + inner, "an object");
    return &*within;
}

void FinishedSteps::fail_type(const std::string& key, const char* expected) const {
    fail("'{}' is broken: '{}' is not {}; remove the file, and its steps are done again", path_.string(), key, expected);
}

std::optional<double> FinishedSteps::number(const Json& step, const std::string& key) const {
    const auto found = step.find(key);
    if (found == step.end()) return {};
    constexpr double kMost = 1e15; // more is no figure of a training, and does not fit into whole numbers
    if (!found->is_number() || found->get<double>() < 0 || found->get<double>() > kMost) fail_type(key, "a number from 0 to 1e15");
    return found->get<double>();
}

std::optional<std::string> FinishedSteps::text(const Json& step, const std::string& key) const {
    const auto found = step.find(key);
    if (found == step.end()) return {};
    if (!found->is_string()) fail_type(key, "a text");
    return found->get<std::string>();
}

void FinishedSteps::write() const { write_file(path_, json_.dump(2) + "\n"); }

} // namespace nmt
