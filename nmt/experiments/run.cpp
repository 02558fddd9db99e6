#include "nmt/experiments/run.hpp"

#include "nmt/base/checksum.hpp"
#include "nmt/base/folder_lock.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/line_reader.hpp"
#include "nmt/base/line_writer.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/base/paths.hpp"
#include "nmt/base/progress.hpp"
#include "nmt/base/resources.hpp"
#include "nmt/decoding/translator.hpp"
#include "nmt/decoding/workers.hpp"
#include "nmt/experiments/child_process.hpp"
#include "nmt/experiments/finished_steps.hpp"
#include "nmt/experiments/html_report.hpp"
#include "nmt/experiments/outlook.hpp"
#include "nmt/experiments/recipe_data.hpp"
#include "nmt/experiments/report.hpp"
#include "nmt/experiments/sizing.hpp"
#include "nmt/experiments/work_folder.hpp"
#include "nmt/models/model_folder.hpp"
#include "nmt/tensor/context.hpp"
#include "nmt/training/start.hpp"
#include "nmt/training/training_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace nmt {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr double kPlainLineSeconds = 60; // where stderr is a file

class Runner {
  public:
    Runner(const Recipe& recipe, const RunOptions& options)
        : recipe_(recipe), options_(options), work_(fs::absolute(options.work).lexically_normal()), models_(recipe.models) {}

    RecipeResults run() {
        make_folder(work_);
        const FolderLock lock(work_);
        check_writable(work_);
        data_ = prepare_data(recipe_, options_.data, work_);
        training_text_ = sha256_of_text({data_.files.train_source}) + " " + sha256_of_text({data_.files.train_target});
        run_in_child([&] { log_audit(data_); });
        prepare_tokenizers();
        check_parts();
        run_in_child([&] { log_normalization(check_training_text(data_.files), TokenizerPair(work_ / "tokenizer")); });
        data_.files.checked = true;
        if (recipe_.budget.parameters > 0)
            models_ = sized_models(
                recipe_, [&] { return vocabulary(); }, work_ / "budget.ini");
        run_in_child([&] { check_models(); });
        plan_steps();
        Results results{recipe_.name, recipe_.title,    instruction_set(), onednn_version(), recipe_.translation.search.beam,
                        {},           recipe_.examples, recipe_.budget};
        for (const RecipeModel& model : models_) {
            ModelResult result{model.name, {}, recipe_.budget.parameters > 0 && !has_widths(model.model)};
            for (const std::uint64_t seed : recipe_.seeds) result.runs.push_back(run_model(model, seed));
            results.models.push_back(std::move(result));
        }
        run_in_child([&] { report(results); }); // it computes with threads
        const Json figures = Json::parse(read_file(work_ / "results.json"));
        write_page(figures);
        return {read_file(work_ / "results.md"), best_model(figures)};
    }

  private:
    void prepare_tokenizers() {
        const fs::path folder = work_ / "tokenizer";
        const bool joint = recipe_.tokenizer.joint;
        const fs::path source = joint ? TokenizerPair::joint_file(folder) : TokenizerPair::source_file(folder);
        const fs::path target = joint ? source : TokenizerPair::target_file(folder);
        data_.files.source_tokenizer = source.string();
        data_.files.target_tokenizer = target.string();
        const fs::path record = folder / "how.txt"; // older versions did not write it
        const auto how = [&](const std::string& text) {
            return format_section("tokenizer", recipe_.tokenizer) + "# training text: " + text + "\n";
        };
        if (fs::exists(source) && fs::exists(target)) {
            const std::string recorded = fs::exists(record) ? read_file(record) : how(training_text_);
            check(recorded == how(training_text_) || recorded == how(training_files()),
                  "'{}' was made with other options, or from other text, than the recipe '{}' says now; use another work folder, or remove "
                  "this one",
                  folder.string(), recipe_.name);
            return;
        }
        make_folder(folder);
        write_file(record, how(training_text_));
        run_in_child([&] {
            const DataOptions& files = data_.files;
            if (joint) return Tokenizer::train({files.train_source, files.train_target}, recipe_.tokenizer, source);
            Tokenizer::train({files.train_source}, recipe_.tokenizer, source);
            Tokenizer::train({files.train_target}, recipe_.tokenizer, target);
        });
    }

    // The training text as older versions summed it: its files as they are packed.
    std::string training_files() const { return sha256_of_file(data_.files.train_source) + " " + sha256_of_file(data_.files.train_target); }

    // Models that are trained one after another are compared only if they had the same tokenizers and validation text, too.
    void check_parts() const {
        const DataOptions& files = data_.files;
        const std::string parts =
            fmt::format("tokenizers: {} {}\nvalidation text: {} {}\n", sha256_of_file(files.source_tokenizer),
                        sha256_of_file(files.target_tokenizer), sha256_of_text({files.valid_source}), sha256_of_text({files.valid_target}));
        const fs::path record = work_ / "tokenizer" / "parts.txt"; // older versions did not write it
        if (!fs::exists(record)) return write_file(record, parts);
        check(read_file(record) == parts,
              "the tokenizers in '{}', or the validation text, are not those that this run began with; put them back, use another work "
              "folder, or remove this one",
              record.parent_path().string());
    }

    Vocabulary vocabulary() const {
        const Tokenizer source(data_.files.source_tokenizer), target(data_.files.target_tokenizer);
        return {source.vocabulary_size(), target.vocabulary_size(), recipe_.tokenizer.joint};
    }

    // What cannot be trained or searched is said before anything is trained.
    void check_models() const {
        const Tokenizer source(data_.files.source_tokenizer), target(data_.files.target_tokenizer);
        const Vocabulary sizes = vocabulary();
        Context context(1);
        for (const RecipeModel& model : models_) {
            try {
                TrainingSetup setup{model.model, recipe_.tokenizer, model.training, data_.files};
                check_setup(setup);
                const auto begun = [&](std::uint64_t seed) { return has_begun(folder_of(model.name, seed)); };
                if (const std::string& from = model.training.from; !from.empty() && recipe_.find_model(from) == nullptr &&
                                                                   !std::all_of(recipe_.seeds.begin(), recipe_.seeds.end(), begun)) {
                    setup.training.from = start_folder(model, 0).string();
                    check_start(setup);
                }
                const std::unique_ptr<Model> trial = make_model(context, model.model, sizes, std::nullopt);
                freeze_parts(*trial, setup);
                const Translator translator(*trial, source, target, recipe_.translation);
            } catch (const Error& error) {
                fail("[model.{}]: {}", model.name, error.what());
            }
        }
    }

    fs::path folder_of(const std::string& model, std::uint64_t seed) const { return run_folder(recipe_, work_, model, seed); }

    // Where the model lies that another one begins with.
    fs::path start_folder(const RecipeModel& model, std::uint64_t seed) const {
        const std::string& from = model.training.from;
        return recipe_.find_model(from) != nullptr ? folder_of(from, seed) : fs::absolute(recipe_.folder / from).lexically_normal();
    }

    // The steps in the order in which they are done; what is known of those that are done already tells how long others take.
    void plan_steps() {
        for (const RecipeModel& model : models_)
            for (const std::uint64_t seed : recipe_.seeds) {
                const FinishedSteps finished(folder_of(model.name, seed));
                const bool network = has_widths(model.model);
                const std::optional<TrainingFigures> training = finished.training();
                plan_.push_back({model.name, false, network, {}});
                if (training) plan_.back().seconds = training->minutes_in_all * 60;
                plan_.push_back({model.name, true, network, translation_seconds(finished)});
            }
    }

    std::optional<double> translation_seconds(const FinishedSteps& finished) const {
        double seconds = 0;
        for (const TestSet& test : data_.tests) {
            const std::optional<TranslationFigures> figures = finished.translation(test.name);
            if (!figures) return {};
            seconds += figures->seconds;
        }
        return seconds;
    }

    // How the progress of plan_[current_] is shown. `what` follows the model's name and its seed.
    ProgressStyle style(const std::string& what) const {
        const auto outlook = [this, watch = Stopwatch()](double left) {
            return fmt::format("about {} until the run's end",
                               format_duration(estimate_seconds_left(plan_, current_, watch.seconds(), left)));
        };
        return {fmt::format("{}: {}", position_, what), "", kPlainLineSeconds, outlook};
    }

    RunResult run_model(const RecipeModel& model, std::uint64_t seed) {
        const fs::path folder = folder_of(model.name, seed);
        TrainingSetup setup{model.model, recipe_.tokenizer, model.training, data_.files};
        setup.training.seed = seed;
        if (!model.training.from.empty()) setup.training.from = start_folder(model, seed).string();
        position_ = fmt::format("[{}/{}] {}, seed {}", current_ / 2 + 1, plan_.size() / 2, model.name, seed);
        train_step(setup, folder);
        ++current_;
        for (const TestSet& test : data_.tests) translate_step(folder, test);
        examples_step(folder);
        ++current_;
        return collect(folder, seed);
    }

    void train_step(const TrainingSetup& setup, const fs::path& folder) {
        FinishedSteps finished(folder);
        const std::string trained_on = finished.training_data().value_or(training_text_);
        check(trained_on == training_text_ || trained_on == training_files(),
              "'{}' was trained on other text than '{}' and '{}' hold now; use another work folder, or remove this one", work_.string(),
              setup.data.train_source, setup.data.train_target);
        const bool resume = has_begun(folder);
        if (resume) check_trained_alike(setup, folder);
        if (!setup.training.from.empty()) check_or_set_start(setup.training.from, folder, finished);
        if (finished.training()) {
            const fs::path weights = folder / "model.safetensors";
            const std::optional<std::string> sum = finished.training_weights();
            check(!sum || *sum == sha256_of_file(weights), "'{}' is not what its training wrote; put that back, or remove the folder '{}'",
                  weights.string(), folder.string());
            log_info("{}: trained already", position_);
            return;
        }
        log_info("{}: training", position_);
        const fs::path figures = folder / "training.json";
        const double peak_memory_mib = run_in_child([&] {
            const Progression p = train(setup, folder, resume, options_.threads, style("training"));
            const double seconds = p.update_seconds;
            write_file(figures, Json{{"parameters", p.parameters},
                                     {"threads", options_.threads > 0 ? options_.threads : available_threads()},
                                     {"precision", name_of(products_from_name(setup.training.precision))},
                                     {"updates", p.updates},
                                     {"training_minutes", seconds / 60},
                                     {"training_minutes_in_all", p.total_seconds / 60},
                                     {"target_tokens_per_second", seconds > 0 ? static_cast<double>(p.target_tokens) / seconds : 0},
                                     {"validation_best", p.model_score()},
                                     {"peak_memory_mib", p.peak_memory_mib}}
                                    .dump());
        });
        Json training = Json::parse(read_file(figures));
        training["data"] = training_text_;
        training["weights"] = sha256_of_file(folder / "model.safetensors");
        training["peak_memory_mib"] = std::max(peak_memory_mib, training["peak_memory_mib"].get<double>());
        finished.set_training(training);
        plan_[current_].seconds = training["training_minutes_in_all"].get<double>() * 60;
        fs::remove(figures);
    }

    static bool has_begun(const fs::path& folder) { return fs::exists(folder / "config.ini"); } // also before its first checkpoint

    // A training that has begun goes on without the weights that it began with, but where they are there they are the same ones.
    static void check_or_set_start(const fs::path& from, const fs::path& folder, FinishedSteps& finished) {
        const fs::path weights = from / "model.safetensors";
        if (!has_begun(folder)) {
            make_folder(folder);
            return finished.set_training_start(sha256_of_file(weights));
        }
        const std::optional<std::string> start = finished.training_start();
        check(!start || !fs::exists(weights) || *start == sha256_of_file(weights),
              "'{}' began with other weights than '{}' holds now; use another work folder, or remove that model", folder.string(),
              from.string());
    }

    // A training may go on with other options, but not among those that it is compared with.
    void check_trained_alike(const TrainingSetup& setup, const fs::path& folder) const {
        Configuration configuration = Configuration::load(folder / "config.ini"); // of an older version it lacks the options since
        TrainingSetup saved = TrainingSetup::read(configuration);
        saved.data = setup.data; // the text counts, not where it lies; weights to begin with likewise
        if (!saved.training.from.empty() && !setup.training.from.empty()) saved.training.from = setup.training.from;
        for (const OptionChange& change : setup_changes(saved, setup))
            fail("'{}' was trained with other options than the recipe '{}' says now ({}); use another work folder, or remove that model",
                 folder.string(), recipe_.name, describe(change));
    }

    // Runs the translation of some lines in a process of its own and keeps the figures.
    void translate_step(const fs::path& folder, const TestSet& test) {
        FinishedSteps finished(folder);
        const fs::path output = hypotheses_file(folder, test.name);
        const std::string how = search_options() + sha256_of_file(test.source);
        if (finished.translation(test.name) && finished.translated_how(test.name) == how && fs::exists(output)) return;
        log_info("{}: translating {}", position_, test.name);
        const fs::path figures = folder / "translation.json";
        const double peak_memory_mib =
            run_in_child([&] { translate(folder, test.source, output, figures, style("translating " + test.name)); });
        Json translation = Json::parse(read_file(figures));
        translation["peak_memory_mib"] = peak_memory_mib;
        translation["how"] = how;
        finished.set_translation(test.name, translation);
        plan_[current_].seconds = translation_seconds(finished);
        fs::remove(figures);
    }

    std::string search_options() const { return format_section("search", recipe_.translation); }

    void translate(const fs::path& folder, const fs::path& source, const fs::path& output, const fs::path& figures,
                   ProgressStyle style) const {
        const TranslationWorkers workers({folder.string()}, options_.threads);
        Translator translator(workers.ensembles(), workers.tokenizers().source(), workers.tokenizers().target(), recipe_.translation);
        const std::size_t lines = read_lines(source.string()).size();
        LineReader reader(source.string());
        LineWriter writer(output.string());
        style.unit = "lines";
        Progress progress(style);
        translator.translate_stream(reader, writer, [&](const TranslationStatistics& s) {
            progress.update(s.lines, lines, fmt::format("{:.0f} lines/s", static_cast<double>(s.lines) / std::max(s.seconds, 1e-9)));
        });
        writer.close();
        const TranslationStatistics& s = translator.statistics();
        write_file(figures, Json{{"sentences", s.lines},
                                 {"seconds", s.seconds},
                                 {"sentences_per_second", static_cast<double>(s.lines) / std::max(s.seconds, 1e-9)}}
                                .dump());
    }

    void examples_step(const fs::path& folder) {
        if (recipe_.examples.empty()) return;
        FinishedSteps finished(folder);
        const Json how = {{"search", search_options()}, {"source", recipe_.examples}};
        const fs::path source = work_ / "examples.source", output = folder / "examples.hypotheses", figures = folder / "translation.json";
        if (finished.examples_are(how) && fs::exists(output) && read_lines(output.string()).size() == recipe_.examples.size()) return;
        std::string text;
        for (const std::string& example : recipe_.examples) text += example + "\n";
        write_file(source, text);
        run_in_child([&] { translate(folder, source, output, figures, style("translating examples")); });
        finished.set_examples(how);
        fs::remove(figures);
    }

    // The figures of one training; what its translations are worth, report() finds out.
    RunResult collect(const fs::path& folder, std::uint64_t seed) const {
        const FinishedSteps finished(folder);
        const TrainingFigures training = finished.training().value();
        RunResult run;
        run.seed = seed;
        run.threads = training.threads > 0 ? training.threads : options_.threads > 0 ? options_.threads : available_threads();
        run.precision = training.precision;
        run.parameters = training.parameters;
        run.training_minutes = training.minutes;
        run.training_minutes_in_all = training.minutes_in_all;
        run.target_tokens_per_second = training.target_tokens_per_second;
        run.training_memory_mib = training.peak_memory_mib;
        double sentences = 0, seconds = 0;
        for (const TestSet& test : data_.tests) {
            const TranslationFigures translation = finished.translation(test.name).value();
            sentences += translation.sentences;
            seconds += translation.seconds;
            run.translation_memory_mib = std::max(run.translation_memory_mib, translation.peak_memory_mib);
        }
        run.sentences_per_second = sentences / std::max(seconds, 1e-9);
        if (!recipe_.examples.empty()) run.examples = read_lines((folder / "examples.hypotheses").string());
        return run;
    }

    void report(Results& results) const {
        log_info("comparing {} models", results.models.size());
        for (ModelResult& model : results.models)
            for (RunResult& run : model.runs)
                for (const TestSet& test : data_.tests)
                    run.tests.push_back(evaluate_test(test, hypotheses_file(folder_of(model.name, run.seed), test.name), recipe_.tokenize,
                                                      options_.threads));
        results.comparisons = compare_models(results, options_.threads);
        write_file(work_ / "results.md", format_results(results));
        write_file(work_ / "results.json", results_json(results).dump(2) + "\n");
    }

    void write_page(const Json& figures) const {
        Recipe sized = recipe_;
        sized.models = models_;
        write_html_report({sized, data_, figures, work_, options_.threads});
    }

    fs::path best_model(const Json& figures) const {
        const std::string& test = data_.tests.front().name;
        const auto bleu = [&](const Json& model) { return model.at("tests").at(test).at("bleu").get<double>(); };
        const Json& models = figures.at("models");
        const auto best = std::max_element(models.begin(), models.end(), [&](const Json& a, const Json& b) { return bleu(a) < bleu(b); });
        return folder_of(best->at("name").get<std::string>(), recipe_.seeds.front());
    }

    const Recipe& recipe_;
    const RunOptions& options_;
    fs::path work_;
    std::vector<RecipeModel> models_; // sized to the budget
    PreparedData data_;
    std::string training_text_; // sums of both sides
    std::vector<RunStep> plan_; // two for each training: itself, and the translations
    std::size_t current_ = 0;   // the one under way
    std::string position_;      // "[3/8] rnn, seed 2"
};

} // namespace

RecipeResults run_recipe(const Recipe& recipe, const RunOptions& options) { return Runner(recipe, options).run(); }

} // namespace nmt
