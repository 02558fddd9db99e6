#include "nmt/experiments/run.hpp"

#include "nmt/base/files.hpp"
#include "nmt/base/log.hpp"
#include "nmt/decoding/workers.hpp"
#include "nmt/experiments/html_report.hpp"
#include "nmt/experiments/recipe_data.hpp"
#include "nmt/experiments/report.hpp"
#include "nmt/experiments/step.hpp"
#include "nmt/models/model_folder.hpp"
#include "nmt/tensor/context.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace nmt {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

// What the steps of one model took, kept in its folder's steps.json.
Json read_steps(const fs::path& folder) {
    const fs::path path = folder / "steps.json";
    if (!fs::exists(path)) return Json::object();
    Json steps = Json::parse(read_file(path), nullptr, false);
    check(steps.is_object(), "'{}' is broken; remove it, and its steps are done again", path.string());
    return steps;
}

void write_steps(const fs::path& folder, const Json& steps) { write_file(folder / "steps.json", steps.dump(2) + "\n"); }

class Runner {
  public:
    Runner(const Recipe& recipe, const RunOptions& options) : recipe_(recipe), options_(options), work_(fs::absolute(options.work)) {}

    std::string run() {
        make_folder(work_);
        check_writable(work_);
        data_ = prepare_data(recipe_, options_.data, work_);
        run_in_child([&] { log_audit(data_); });
        prepare_tokenizers();
        run_in_child([&] { check_models(); });
        Results results{recipe_.name, recipe_.title,   instruction_set(), onednn_version(), 0, recipe_.translation.search.beam,
                        {},           recipe_.examples};
        const std::size_t total = recipe_.models.size() * recipe_.seeds.size();
        std::size_t done = 0;
        for (const RecipeModel& model : recipe_.models) {
            ModelResult result{model.name, {}};
            for (const std::uint64_t seed : recipe_.seeds)
                result.runs.push_back(run_model(model, seed, fmt::format("[{}/{}]", ++done, total)));
            for (const RunResult& run : result.runs) results.threads = std::max(results.threads, run.threads);
            results.models.push_back(std::move(result));
        }
        const std::string table = format_results(results);
        write_file(work_ / "results.md", table);
        write_file(work_ / "results.json", results_json(results).dump(2) + "\n");
        write_html_report({recipe_, data_, Json::parse(read_file(work_ / "results.json")), work_, options_.threads});
        return table;
    }

  private:
    void prepare_tokenizers() {
        const fs::path folder = work_ / "tokenizer";
        const bool joint = recipe_.tokenizer.joint;
        const fs::path source = joint ? TokenizerPair::joint_file(folder) : TokenizerPair::source_file(folder);
        const fs::path target = joint ? source : TokenizerPair::target_file(folder);
        data_.files.source_tokenizer = source.string();
        data_.files.target_tokenizer = target.string();
        if (fs::exists(source) && fs::exists(target)) return;
        make_folder(folder);
        run_in_child([&] {
            const DataOptions& files = data_.files;
            if (joint) return Tokenizer::train({files.train_source, files.train_target}, recipe_.tokenizer, source);
            Tokenizer::train({files.train_source}, recipe_.tokenizer, source);
            Tokenizer::train({files.train_target}, recipe_.tokenizer, target);
        });
    }

    // What cannot be trained or searched is said before anything is trained.
    void check_models() const {
        const Tokenizer source(data_.files.source_tokenizer), target(data_.files.target_tokenizer);
        const Vocabulary vocabulary{source.vocabulary_size(), target.vocabulary_size(), recipe_.tokenizer.joint};
        Context context(1);
        for (const RecipeModel& model : recipe_.models) {
            try {
                check_setup({model.model, recipe_.tokenizer, model.training, data_.files});
                const std::unique_ptr<Model> trial = make_model(context, model.model, vocabulary, 1);
                const Translator translator(*trial, source, target, recipe_.translation);
            } catch (const Error& error) {
                fail("[model.{}]: {}", model.name, error.what());
            }
        }
    }

    RunResult run_model(const RecipeModel& model, std::uint64_t seed, const std::string& position) {
        const fs::path folder = recipe_.seeds.size() == 1 ? work_ / model.name : work_ / model.name / fmt::format("seed-{}", seed);
        TrainingSetup setup{model.model, recipe_.tokenizer, model.training, data_.files};
        setup.training.seed = seed;
        train_step(setup, folder, fmt::format("{} {}, seed {}", position, model.name, seed));
        for (const TestSet& test : data_.tests) translate_step(folder, test, fmt::format("{} {}", position, model.name));
        examples_step(folder);
        return collect(folder, seed);
    }

    void train_step(const TrainingSetup& setup, const fs::path& folder, const std::string& what) {
        Json steps = read_steps(folder);
        const std::string data = sha256_of_file(setup.data.train_source) + " " + sha256_of_file(setup.data.train_target);
        if (steps.contains("training")) {
            Configuration configuration = Configuration::load(folder / "config.ini"); // of an older version it lacks the options since
            TrainingSetup saved = TrainingSetup::read(configuration);
            saved.data = setup.data; // the text counts, not where it lies
            check(saved.format() == setup.format(),
                  "'{}' was trained with other options than the recipe '{}' says now; use another work folder, or remove that one",
                  folder.string(), recipe_.name);
            check(steps["training"].value("data", data) == data,
                  "'{}' was trained on other text than '{}' and '{}' hold now; use another work folder, or remove that one",
                  folder.string(), setup.data.train_source, setup.data.train_target);
            log_info("{}: trained already", what);
            return;
        }
        log_info("{}: training", what);
        const bool resume = fs::exists(folder / "config.ini"); // also before its first checkpoint
        const StepUsage usage = run_in_child([&] {
            const Progression p = train(setup, folder, resume, options_.threads);
            Context context(options_.threads, products_from_name(setup.training.precision));
            write_file(folder / "training.json", Json{{"parameters", load_model(context, folder).model->parameters().count()},
                                                      {"threads", context.threads()},
                                                      {"precision", name_of(context.products())},
                                                      {"updates", p.updates},
                                                      {"training_minutes", p.update_seconds / 60},
                                                      {"training_minutes_in_all", p.total_seconds / 60},
                                                      {"target_tokens_per_second",
                                                       p.update_seconds > 0 ? static_cast<double>(p.target_tokens) / p.update_seconds : 0},
                                                      {"validation_best", p.model_figure()}}
                                                     .dump());
        });
        Json training = Json::parse(read_file(folder / "training.json"));
        training["data"] = data;
        training["peak_memory_mib"] = usage.peak_memory_mib;
        write_steps(folder, {{"training", training}});
        fs::remove(folder / "training.json");
    }

    // Runs the translation of some lines in a process of its own and keeps the figures under `key`.
    void translate_step(const fs::path& folder, const TestSet& test, const std::string& what) {
        Json steps = read_steps(folder);
        const fs::path output = folder / (test.name + ".hypotheses");
        const std::string how = search_options() + sha256_of_file(test.source);
        if (steps.contains("translation") && steps["translation"].contains(test.name) &&
            steps["translation"][test.name].value("how", "") == how && fs::exists(output))
            return;
        log_info("{}: translating {}", what, test.name);
        const fs::path figures = folder / "translation.json";
        const StepUsage usage = run_in_child([&] { translate(folder, test.source, output, figures); });
        Json translation = Json::parse(read_file(figures));
        translation["peak_memory_mib"] = usage.peak_memory_mib;
        translation["how"] = how;
        steps["translation"][test.name] = translation;
        write_steps(folder, steps);
        fs::remove(figures);
    }

    std::string search_options() const {
        TranslatorOptions options = recipe_.translation;
        OptionTable table;
        options.describe(table);
        return format_section("search", table);
    }

    void translate(const fs::path& folder, const fs::path& source, const fs::path& output, const fs::path& figures) const {
        const TranslationWorkers workers({folder.string()}, options_.threads);
        Translator translator(workers.ensembles(), workers.tokenizers().source(), workers.tokenizers().target(), recipe_.translation);
        LineReader reader(source.string());
        LineWriter writer(output.string());
        Progress progress("translating");
        translator.translate_stream(reader, writer, [&](const TranslationStatistics& s) { progress.update(s.lines, 0); });
        writer.close();
        const TranslationStatistics& s = translator.statistics();
        write_file(figures,
                   Json{{"sentences", s.lines}, {"seconds", s.seconds}, {"sentences_per_second", static_cast<double>(s.lines) / s.seconds}}
                       .dump());
    }

    void examples_step(const fs::path& folder) {
        if (recipe_.examples.empty()) return;
        Json steps = read_steps(folder);
        const Json how = {{"search", search_options()}, {"source", recipe_.examples}};
        const fs::path source = work_ / "examples.source", output = folder / "examples.hypotheses", figures = folder / "translation.json";
        if (steps.contains("examples") && steps["examples"] == how && fs::exists(output)) return;
        std::string text;
        for (const std::string& example : recipe_.examples) text += example + "\n";
        write_file(source, text);
        run_in_child([&] { translate(folder, source, output, figures); });
        steps["examples"] = how;
        write_steps(folder, steps);
        fs::remove(figures);
    }

    RunResult collect(const fs::path& folder, std::uint64_t seed) const {
        const Json steps = read_steps(folder);
        const Json& training = steps.at("training");
        RunResult run;
        run.seed = seed;
        run.threads = training.value("threads", options_.threads > 0 ? options_.threads : available_threads());
        run.precision = training.value("precision", "f32"); // of an older version it was that
        run.parameters = training.at("parameters").get<std::int64_t>();
        run.training_minutes = training.at("training_minutes").get<double>();
        run.training_minutes_in_all = training.at("training_minutes_in_all").get<double>();
        run.target_tokens_per_second = training.at("target_tokens_per_second").get<double>();
        run.training_memory_mib = training.at("peak_memory_mib").get<double>();
        double sentences = 0, seconds = 0;
        for (const TestSet& test : data_.tests) {
            const Json& translation = steps.at("translation").at(test.name);
            sentences += translation.at("sentences").get<double>();
            seconds += translation.at("seconds").get<double>();
            run.translation_memory_mib = std::max(run.translation_memory_mib, translation.at("peak_memory_mib").get<double>());
            run.tests.push_back(evaluate_test(test.name, folder / (test.name + ".hypotheses"), test.target, test.labels, recipe_.tokenize));
        }
        run.sentences_per_second = sentences / std::max(seconds, 1e-9);
        if (!recipe_.examples.empty()) run.examples = read_lines((folder / "examples.hypotheses").string());
        return run;
    }

    const Recipe& recipe_;
    const RunOptions& options_;
    fs::path work_;
    PreparedData data_;
};

} // namespace

std::string run_recipe(const Recipe& recipe, const RunOptions& options) { return Runner(recipe, options).run(); }

} // namespace nmt
