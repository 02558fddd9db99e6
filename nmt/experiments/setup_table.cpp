#include "nmt/experiments/setup_table.hpp"

#include "nmt/base/checksum.hpp"
#include "nmt/experiments/work_folder.hpp"
#include "nmt/models/registry.hpp"
#include "nmt/tensor/context.hpp"

#include <algorithm>

namespace nmt {
namespace {

using Json = nlohmann::ordered_json;

Json row(const OptionTable::Option& option) { return {{"key", option.name}, {"help", option.help}, {"values", Json::array()}}; }

// Options that all models share.
Json shared_section(const std::string& name, const OptionTable& table) {
    Json rows = Json::array();
    for (const OptionTable::Option& option : table.options()) {
        Json entry = row(option);
        entry["values"].push_back(option_value(option));
        rows.push_back(std::move(entry));
    }
    return {{"section", name}, {"rows", rows}};
}

template <DescribesItself Options>
Json described_section(const std::string& name, Options options) {
    return shared_section(name, table_of(options));
}

// A row for each option that some model knows; where all have one value, it stands there once.
Json section_by_model(const std::string& name, const std::vector<OptionTable>& tables) {
    std::vector<Json> rows;
    for (std::size_t m = 0; m < tables.size(); ++m) {
        for (const OptionTable::Option& option : tables[m].options()) {
            auto found = std::find_if(rows.begin(), rows.end(), [&](const Json& entry) { return entry["key"] == option.name; });
            if (found == rows.end()) {
                found = rows.insert(rows.end(), row(option));
                (*found)["values"] = Json(std::vector<Json>(tables.size()));
            }
            (*found)["values"][m] = option_value(option);
        }
    }
    for (Json& entry : rows) {
        Json& values = entry["values"];
        if (std::all_of(values.begin(), values.end(), [&](const Json& value) { return value == values.front(); }))
            values = Json::array({values.front()});
    }
    return {{"section", name}, {"rows", rows}};
}

Json options_json(const Recipe& recipe) {
    std::vector<RecipeModel> models = recipe.models;
    std::vector<OptionTable> of_models(models.size()), of_trainings(models.size());
    for (std::size_t m = 0; m < models.size(); ++m) {
        of_models[m] = describe_model_options(models[m].model);
        models[m].training.describe(of_trainings[m]);
    }
    std::string tokenize = recipe.tokenize;
    OptionTable evaluation;
    evaluation.add("tokenize", tokenize, "words of BLEU, in tests and validation");
    return Json::array({section_by_model("model", of_models), section_by_model("training", of_trainings),
                        described_section("tokenizer", recipe.tokenizer), described_section("search", recipe.translation),
                        shared_section("evaluation", evaluation), described_section("data", recipe.data),
                        described_section("budget", recipe.budget)});
}

Json checksums_json(const PreparedData& data) {
    std::vector<std::filesystem::path> files{data.files.train_source, data.files.train_target, data.files.valid_source,
                                             data.files.valid_target};
    for (const TestSet& test : data.tests) {
        files.push_back(test.source);
        files.push_back(test.target);
    }
    Json checksums = Json::array();
    for (const std::filesystem::path& file : files)
        if (!file.empty()) checksums.push_back(Json::array({file.filename().string(), sha256_of_file(file)}));
    return checksums;
}

// What runs the recipe again, and what uses its last model.
Json commands_json(const Recipe& recipe) {
    const std::string work = "runs/" + recipe.name, given = recipe.data.generator.empty() ? " --data DIR" : "";
    const std::string model = run_folder(recipe, work, recipe.models.back().name, recipe.seeds.front()).string();
    return Json::array({Json::array({"everything on this page", fmt::format("nmt run {}.ini{} --work {}", recipe.name, given, work)}),
                        Json::array({"translations by one of the models", fmt::format("nmt translate --model {} < TEXT", model)}),
                        Json::array({"its options and sizes", fmt::format("nmt inspect --model {}", model)}),
                        Json::array({"its gradients, layer by layer",
                                     fmt::format("nmt gradient-flow --model {} --source FILE --target FILE --json", model)})});
}

} // namespace

Json setup_table(const Recipe& recipe, const PreparedData& data) {
    Json names = Json::array();
    for (const RecipeModel& model : recipe.models) names.push_back(model.name);
    Json versions = Json::array();
    for (const auto& [what, version] :
         std::initializer_list<std::pair<const char*, std::string>>{{"nmt", NMT_VERSION},
                                                                    {"oneDNN", onednn_version()},
                                                                    {"SentencePiece", sentencepiece_version()},
                                                                    {"instruction set", instruction_set()}})
        versions.push_back(Json::array({what, version}));
    return {{"recipe", recipe.text},
            {"file", recipe.name + ".ini"},
            {"checksums_file", recipe.data.checksums},
            {"commands", commands_json(recipe)},
            {"versions", versions},
            {"checksums", checksums_json(data)},
            {"models", names},
            {"options", options_json(recipe)}};
}

} // namespace nmt
