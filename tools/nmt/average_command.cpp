// nmt average.
#include "nmt/base/error.hpp"
#include "nmt/base/log.hpp"
#include "nmt/training/average.hpp"
#include "tools/nmt/command.hpp"
#include "tools/nmt/commands.hpp"

#include <algorithm>
#include <charconv>

namespace nmt {
namespace {

struct Choice {
    int count = 0;
    bool best = false;
};

// "last:N" or "best:N".
Choice parse_choice(const CommandOptions& options, const std::string& text) {
    Choice choice;
    choice.best = text.starts_with("best:");
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(std::min(text.data() + 5, end), end, choice.count);
    if ((!choice.best && !text.starts_with("last:")) || error != std::errc() || stop != end || choice.count < 1)
        options.fail_usage(fmt::format("--checkpoints {}: expected last:N or best:N, with N at least 1", text));
    return choice;
}

} // namespace

int average_command(const std::vector<std::string>& arguments) {
    std::vector<std::string> models;
    std::string output, checkpoints;
    CommandOptions options(
        {"nmt average", "[--model] DIR DIR ... --output DIR [--checkpoints last:N]",
         "Writes a model whose weights are the mean of those of several models of one kind, such as trainings that began with the same "
         "weights, or of the checkpoints that one training has kept (training.average-checkpoints). The models must agree in their "
         "architecture, sizes and tokenizer; config.ini is that of the first.",
         "  nmt average german-1 german-2 german-3 --output german-mean\n"
         "  nmt average german --checkpoints best:3 --output german-mean"});
    options.add("model,m", "DIR", models, "folders of the models; may be repeated").required().positional();
    options.add("checkpoints", "last:N", checkpoints, "average the last N checkpoints kept by one training, or with best:N its best");
    options.add("output,o", "DIR", output, "folder of the mean, which must not hold a model yet").required();
    if (!options.parse(arguments)) return 0;
    options.check_distinct("model", models);
    if (checkpoints.empty() && models.size() < 2)
        options.fail_usage("one model has no mean; give several with --model, or --checkpoints last:N");
    if (!checkpoints.empty() && models.size() > 1) options.fail_usage("--checkpoints takes those of one training; give one --model");
    if (checkpoints.empty()) {
        average_models({models.begin(), models.end()}, output);
    } else {
        const Choice choice = parse_choice(options, checkpoints);
        average_snapshots(models.front(), choice.count, choice.best, output);
    }
    log_info("'{0}' holds the mean; whether it is better than its parts is seen on a validation set: "
             "'nmt translate --model {0} SOURCE | nmt evaluate --references TARGET'",
             output);
    return 0;
}

} // namespace nmt
