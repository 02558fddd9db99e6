// The steps of one model that are done and what they took, kept in its folder's steps.json: what stands there is not done again.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace nmt {

struct TrainingFigures {
    std::int64_t parameters = 0;
    int threads = 0;       // 0: of a version that did not keep it
    std::string precision; // "f32" or "bf16"
    double minutes = 0;    // of updates
    double minutes_in_all = 0;
    double target_tokens_per_second = 0;
    double peak_memory_mib = 0;
};

struct TranslationFigures {
    double sentences = 0, seconds = 0, peak_memory_mib = 0;
};

class FinishedSteps {
  public:
    using Json = nlohmann::ordered_json;

    // Reads the file, if there is one. Throws Error, naming it, if it is no JSON object; the others do for what has another type
    // than this class writes.
    explicit FinishedSteps(const std::filesystem::path& folder);

    // Nothing where the step is not done, or where a version that kept less of it has done it.
    std::optional<TrainingFigures> training() const;
    std::optional<TranslationFigures> translation(const std::string& test) const;

    // Sums of the text that the model was trained on; nothing where they are not known.
    std::optional<std::string> training_data() const;
    // Sum of the weights that the training wrote; nothing where it is not known.
    std::optional<std::string> training_weights() const;
    // The sum of the weights that the training began with, also while it goes on; nothing where it did not begin with another model's.
    std::optional<std::string> training_start() const;
    // How the translation was made; empty where there is none.
    std::string translated_how(const std::string& test) const;
    bool examples_are(const Json& how) const;

    // Keep the figures of a step, under the names in the file, and write it.
    void set_training(const Json& figures);
    void set_training_start(const std::string& sum);
    void set_translation(const std::string& test, const Json& figures);
    void set_examples(const Json& how);

  private:
    const Json* find(const std::string& key, const std::string& inner = {}) const; // null if there is none
    [[noreturn]] void fail_type(const std::string& key, const char* expected) const;
    std::optional<double> number(const Json& step, const std::string& key) const;
    std::optional<std::string> text(const Json& step, const std::string& key) const;
    void write() const;

    std::filesystem::path path_;
    Json json_;
};

} // namespace nmt
