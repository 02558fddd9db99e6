// nmt inspect.
#include "nmt/base/strings.hpp"
#include "nmt/base/utf8.hpp"
#include "nmt/models/model_folder.hpp"
#include "nmt/models/quantize.hpp"
#include "nmt/tensor/context.hpp"
#include "nmt/training/checkpoint.hpp"
#include "nmt/training/event_log.hpp"
#include "tools/nmt/command.hpp"
#include "tools/nmt/commands.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

namespace nmt {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// What is known of a model, in the order in which it is told.
struct Inspection {
    const LoadedModel& loaded;
    std::uintmax_t bytes = 0;                               // of its weights
    std::array<std::string, 2> languages;                   // by the names of the training text; empty where they do not tell
    std::optional<double> validation_bleu, validation_loss; // of these weights
    std::optional<Progression> training;                    // where the folder holds one
};

// "fr" of "data/train.fr.gz"; empty where that does not look like a language.
std::string language_of(fs::path file) {
    for (const char* packed : {".gz", ".zst", ".xz", ".bz2"})
        if (file.extension() == packed) file.replace_extension();
    const std::string name = file.extension().string();
    const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
    const bool language =
        name.size() >= 3 && name.size() <= 4 && std::all_of(name.begin() + 1, name.end(), is_letter) && name != ".txt" && name != ".tsv";
    return language ? name.substr(1) : "";
}

std::array<std::string, 2> languages_of(const fs::path& folder) {
    Configuration configuration = Configuration::load(folder / "config.ini");
    std::array languages{language_of(configuration.get("data.train-source", "")), language_of(configuration.get("data.train-target", ""))};
    if (languages[0].empty() || languages[1].empty() || languages[0] == languages[1]) return {};
    return languages;
}

// What the training's log tells of the weights that it has written last: of the best validation, or of the mean.
void find_validation(const fs::path& folder, Inspection& found) {
    for (const EventLog::Json& event : EventLog::read(folder / "log.jsonl")) {
        const auto is = [&](const char* key, const auto& value) { return event.contains(key) && event[key] == value; };
        if (!is("event", "average") && !(is("event", "validation") && is("best", true))) continue;
        if (!event.contains("bleu") || !event["bleu"].is_number() || !event.contains("loss") || !event["loss"].is_number()) continue;
        found.validation_bleu = event["bleu"].get<double>();
        found.validation_loss = event["loss"].get<double>();
    }
}

std::string describe_weights(const Inspection& model) {
    const Metadata& metadata = model.loaded.metadata;
    std::string text = is_quantized(*model.loaded.model) ? "8-bit integers" : "floats";
    const auto updates = metadata.find("updates"), mean_of = metadata.find("mean_of");
    if (mean_of != metadata.end()) text += ", the mean of " + mean_of->second;
    else if (updates != metadata.end()) text += fmt::format(", after {} updates", updates->second);
    return one_line(text);
}

std::string describe_training(const Progression& training) {
    const int epoch = training.last_epoch();
    return fmt::format("{} updates in {} epoch{}, {:.1f} minutes; {}", with_commas(training.updates), epoch, epoch == 1 ? "" : "s",
                       training.total_seconds / 60, training.finished ? "finished" : "go on with 'nmt train --resume'");
}

// As much of a text as stands in a line of 80 columns.
std::string shortened(const std::string& text) {
    constexpr std::size_t kRoom = 51;
    std::string line = one_line(text);
    if (fit_columns(line, kRoom).size() == line.size()) return line;
    return std::string(fit_columns(line, kRoom - 3)) + "...";
}

std::string describe_vocabulary(const Vocabulary& vocabulary) {
    return vocabulary.shared
               ? fmt::format("{} pieces, shared by both sides", with_commas(vocabulary.source))
               : fmt::format("{} pieces of the source, {} of the target", with_commas(vocabulary.source), with_commas(vocabulary.target));
}

// The options and their values, as config.ini has them.
std::vector<std::pair<std::string, std::string>> options_of(ModelOptions options) {
    options.preset = "none"; // its sizes stand there one by one
    std::vector<std::pair<std::string, std::string>> values;
    const OptionTable table = describe_model_options(options);
    for (const OptionTable::Option& option : table.options())
        if (option.name != "architecture" && option.name != "preset") values.emplace_back(option.name, option_value(option));
    return values;
}

std::string inspection_text(const Inspection& model) {
    const auto line = [](std::string_view name, std::string_view value) { return fmt::format("{:<14} {}\n", name, value); };
    std::string text = line("architecture", model.loaded.options.architecture);
    if (!model.languages[0].empty())
        text +=
            line("languages", one_line(fmt::format("{} to {}, by the names of the training text", model.languages[0], model.languages[1])));
    text += line("vocabulary", describe_vocabulary(model.loaded.model->vocabulary()));
    text += line("parameters", with_commas(model.loaded.model->parameters().count()));
    text += line("on disk", fmt::format("{:.1f} MiB", static_cast<double>(model.bytes) / (1 << 20)));
    text += line("weights", describe_weights(model));
    if (model.validation_bleu)
        text += line("validation", fmt::format("BLEU {:.2f}, loss {:.3f}", *model.validation_bleu, *model.validation_loss));
    if (model.training) text += line("training", describe_training(*model.training));
    if (const int usual = usual_sentences(model.loaded.metadata); usual > 0)
        text += line("sentences", fmt::format("99 % of the source lines of its training hold at most {}", usual));
    text += "\nOptions\n";
    for (const auto& [name, value] : options_of(model.loaded.options)) text += fmt::format("  {:<20} {}\n", name, one_line(value));
    text += "\nRecord of the weights\n";
    for (const auto& [key, value] : model.loaded.metadata) text += fmt::format("  {:<26} {}\n", one_line(key), shortened(value));
    if (has_few_columns()) return text + "\nA wider terminal, or --json, shows the parameters.";
    std::size_t width = 0; // of the longest name
    for (const Parameter& parameter : model.loaded.model->parameters().all()) width = std::max(width, parameter.name().size());
    text += fmt::format("\n{:<{}} {:>13} {:>11}\n", "Parameters", width + 2, "shape", "values");
    for (const Parameter& parameter : model.loaded.model->parameters().all())
        text += fmt::format("  {:<{}} {:>13} {:>11}\n", parameter.name(), width, parameter.value().shape().to_string(),
                            with_commas(parameter.value().size()));
    text.pop_back();
    return text;
}

std::string inspection_json(const Inspection& model) {
    const Vocabulary& vocabulary = model.loaded.model->vocabulary();
    Json json{{"architecture", model.loaded.options.architecture}};
    if (!model.languages[0].empty()) json["languages"] = model.languages;
    json["vocabulary"] = {{"source", vocabulary.source}, {"target", vocabulary.target}, {"shared", vocabulary.shared}};
    json["parameters"] = model.loaded.model->parameters().count();
    json["bytes"] = model.bytes;
    json["quantized"] = is_quantized(*model.loaded.model);
    if (model.validation_bleu) json["validation"] = {{"bleu", *model.validation_bleu}, {"loss", *model.validation_loss}};
    if (const auto& training = model.training)
        json["training"] = {{"updates", training->updates},
                            {"epochs", training->last_epoch()},
                            {"target_tokens", training->target_tokens},
                            {"update_seconds", training->update_seconds},
                            {"total_seconds", training->total_seconds},
                            {"finished", training->finished}};
    if (const int usual = usual_sentences(model.loaded.metadata); usual > 0) json["usual_sentences"] = usual;
    json["options"] = Json::object();
    for (const auto& [name, value] : options_of(model.loaded.options)) json["options"][name] = value;
    json["metadata"] = model.loaded.metadata;
    json["tensors"] = Json::array();
    for (const Parameter& parameter : model.loaded.model->parameters().all()) {
        std::vector<std::int64_t> shape;
        for (int i = 0; i < parameter.value().shape().rank(); ++i) shape.push_back(parameter.value().shape()[i]);
        json["tensors"].push_back({{"name", parameter.name()}, {"shape", shape}, {"type", name_of(parameter.value().type())}});
    }
    return json.dump(1, ' ', true, Json::error_handler_t::replace); // ASCII alone, whatever a foreign file holds
}

} // namespace

int inspect_command(const std::vector<std::string>& arguments) {
    std::string model;
    bool json = false;
    CommandOptions options(
        {"nmt inspect", "[--model] DIR [--json]",
         "Prints what a model is: its options, vocabularies and parameters, how it was trained and how good it was then.",
         "  nmt inspect german\n"
         "  nmt inspect german --json | jq .validation.bleu"});
    options.add("model,m", "DIR", model, "folder of the model").required().positional();
    options.add("json", "", json, "print JSON");
    if (!options.parse(arguments)) return 0;
    Context context(1);
    const LoadedModel loaded = load_model(context, model);
    Inspection found{loaded, fs::file_size(fs::path(model) / "model.safetensors"), languages_of(model), {}, {}, {}};
    find_validation(model, found);
    if (has_checkpoint(model)) found.training = read_progression(model);
    if (json) print(inspection_json(found));
    else print_report(inspection_text(found));
    return 0;
}

} // namespace nmt
