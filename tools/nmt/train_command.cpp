// nmt train.
#include "nmt/base/log.hpp"
#include "nmt/base/signals.hpp"
#include "nmt/base/terminal.hpp"
#include "nmt/models/registry.hpp"
#include "nmt/training/start.hpp"
#include "nmt/training/trainer.hpp"
#include "tools/nmt/command.hpp"
#include "tools/nmt/commands.hpp"

#include <algorithm>
#include <filesystem>

namespace nmt {
namespace {

// A line each, which begins with `indent`.
std::string architecture_list(const std::string& indent) {
    std::size_t width = 0;
    for (const Architecture& architecture : architectures()) width = std::max(width, architecture.name.size());
    std::string text;
    for (const Architecture& architecture : architectures())
        text += fmt::format("{}{:<{}}  {}\n", indent, architecture.name, width, architecture.summary);
    return text;
}

// Every key of a configuration with its default and meaning; [model] is that of one architecture.
std::string explain_keys(const std::string& name) {
    TrainingSetup setup;
    setup.model = default_model_options(name);
    std::string text =
        fmt::format("# Keys of a configuration, with their defaults. [model] lists those of {}; for another architecture add\n"
                    "# --set model.architecture=NAME:\n",
                    name);
    text += architecture_list("#   ");
    text += explain_section("model", describe_model_options(setup.model));
    text += explain_section("tokenizer", table_of(setup.tokenizer));
    text += explain_section("training", table_of(setup.training));
    text += explain_section("data", table_of(setup.data));
    return text;
}

// A mistake in a setting is its own, and not the file's.
void set_known(Configuration& configuration, const std::string& setting) {
    Configuration alone = Configuration::parse("", "--set " + setting);
    alone.set_assignment(setting);
    check_setup_keys(alone);
    configuration.set_assignment(setting);
}

} // namespace

int train_command(const std::vector<std::string>& arguments) {
    std::string config, model, from;
    std::vector<std::string> settings;
    bool resume = false, keys = false;
    int threads = 0;
    std::uint64_t seed = TrainingOptions().seed;
    CommandOptions options(
        {"nmt train", "[--config] FILE --model DIR [--set KEY=VALUE ...] [--from DIR] [--resume]",
         "Trains a model as a configuration says, into a folder that 'nmt translate' reads. The configuration is an INI file with "
         "sections [model], [tokenizer], [training] and [data]; --keys lists all keys. Interrupted with Ctrl-C it saves a checkpoint.\n"
         "--resume goes on from there, to the same weights as if it had never stopped, or with --set otherwise: the learning rate and what "
         "belongs to it, dropout, batches, precision, limits, validation and logging may change, and files may have moved. What became "
         "what is said, and stands in log.jsonl. Other batches hold the pairs that the epoch has not read yet; by another validation "
         "text or measure the model is judged again first, so that like is compared with like.\n"
         "--from begins with the weights of another "
         "model (fine-tuning), with a fresh optimizer and schedule, on whatever text [data] names.\n"
         "Architectures:\n" +
             architecture_list("  "),
         "  nmt train german.ini --model german\n"
         "  nmt train --model german --resume\n"
         "  nmt train --model german --resume --set training.learning-rate=0.0003\n"
         "  nmt train --model german --set data.train-source=train.en \\\n"
         "      data.train-target=train.de training.max-epochs=10\n"
         "  nmt train medicine.ini --from german --model german-medicine"});
    options.add("config,c", "FILE", config, "the configuration; without one the defaults hold, or with --resume the folder's own")
        .positional();
    options.add("set,s", "KEY=VALUE", settings, "sets a key, such as training.learning-rate=0.001, over the configuration's");
    options.add("model,m", "DIR", model, "folder of the model");
    options.add("from", "DIR", from,
                "begin with the weights and tokenizers of the model in that folder; short for --set training.from=DIR");
    options.add("resume", "", resume, "go on with the training that the folder holds");
    options.add("seed", "N", seed,
                "seed of the first weights, the order of batches, dropout and subword sampling; short for --set training.seed=N");
    options.add("threads,t", "N", threads, "threads; 0: all cores", 0, 4096);
    options.add("keys", "", keys,
                "print all keys of a configuration with their defaults, for the architecture of --config or --set, and stop");
    options.add_line_limit();
    if (!options.parse(arguments)) return 0;
    if (keys) {
        for (const char* other : {"model", "from", "resume", "seed", "threads"})
            if (options.given(other)) options.fail_usage(fmt::format("--{} has no effect with --keys; leave it out", other));
        Configuration configuration = config.empty() ? Configuration::parse("", "--set") : Configuration::load(config);
        for (const std::string& setting : settings) configuration.set_assignment(setting);
        print_keys(explain_keys(configuration.get("model.architecture", ModelOptions().architecture)));
        return 0;
    }
    if (model.empty())
        options.fail_usage(fmt::format(
            "--model DIR is missing, the folder to train into{}",
            config.empty() ? "" : fmt::format(", as in 'nmt train {} --model {}'", config, std::filesystem::path(config).stem().string())));
    const std::string file = config.empty() && resume ? (std::filesystem::path(model) / "config.ini").string() : config;
    if (resume)
        check(std::filesystem::exists(std::filesystem::path(model) / "config.ini"),
              "'{}' holds no training to resume; start it without --resume", model);
    Configuration configuration = file.empty() ? Configuration::parse("", "--set") : Configuration::load(file);
    for (const std::string& setting : settings) {
        if (std::error_code ignored; setting.find('=') == std::string::npos && std::filesystem::exists(setting, ignored))
            options.fail_usage(
                fmt::format("--set '{0}': expected section.key=value; if it is the configuration, say --config {0}", setting));
        set_known(configuration, setting);
    }
    if (options.given("seed")) configuration.set("training.seed", std::to_string(seed));
    if (options.given("from")) configuration.set("training.from", from);
    if (resume) adopt_start_of(model, configuration);
    else adopt_start(configuration);
    const TrainingSetup setup = TrainingSetup::read(configuration);
    if (!resume && !setup.data.source_tokenizer.empty() &&
        format_section("tokenizer", setup.tokenizer) != format_section("tokenizer", TokenizerOptions()))
        log_info("[tokenizer] has no effect: data.source-tokenizer and data.target-tokenizer are trained already");
    catch_stop_signals();
    try {
        train(setup, model, resume, threads);
    } catch (const Interrupted& stop) {
        throw Interrupted(stop.signal(), fmt::format("{}; go on with 'nmt train --model {} --resume'", stop.what(), model));
    }
    log_info("translate with it: 'nmt translate --model {0} FILE'; 'nmt inspect {0}' tells what it is and how good it was", model);
    return 0;
}

} // namespace nmt
