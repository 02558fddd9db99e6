#include "nmt/experiments/sizing.hpp"

#include "nmt/base/log.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/base/strings.hpp"
#include "nmt/experiments/child_process.hpp"
#include "nmt/models/registry.hpp"

namespace nmt {
namespace {

std::string section_of(const RecipeModel& model) { return "model." + model.name; }

SizedModel sized(const RecipeModel& model, const Vocabulary& vocabulary, std::int64_t parameters) {
    try {
        return scale_widths(model.model, vocabulary, parameters);
    } catch (const Error& error) {
        fail("[{}]: {}", section_of(model), error.what());
    }
}

} // namespace

std::vector<RecipeModel> sized_models(const Recipe& recipe, const std::function<Vocabulary()>& vocabulary,
                                      const std::filesystem::path& scratch) {
    run_in_child([&] { // a context sets the number of threads
        std::string sections;
        const Vocabulary sizes = vocabulary();
        for (const RecipeModel& model : recipe.models) {
            if (!has_widths(model.model)) {
                log_info("{}: has no widths, and is exempt from the budget of parameters", model.name);
                continue;
            }
            const SizedModel result = sized(model, sizes, recipe.budget.parameters);
            log_info("{}: widths scaled to {} parameters: {}", model.name, with_commas(result.parameters), result.widths);
            sections += format_model_options(result.options, section_of(model)) + "\n";
        }
        write_file(scratch, sections);
    });
    Configuration configuration = Configuration::load(scratch);
    std::vector<RecipeModel> models = recipe.models;
    for (RecipeModel& model : models)
        if (configuration.has_section(section_of(model))) model.model = read_model_options(configuration, section_of(model));
    std::filesystem::remove(scratch);
    return models;
}

} // namespace nmt
