#include "nmt/training/trainer.hpp"

#include "nmt/base/checksum.hpp"
#include "nmt/base/folder_lock.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/base/paths.hpp"
#include "nmt/base/progress.hpp"
#include "nmt/base/resources.hpp"
#include "nmt/base/signals.hpp"
#include "nmt/data/batcher.hpp"
#include "nmt/data/subword_sampling.hpp"
#include "nmt/models/model_folder.hpp"
#include "nmt/tensor/context.hpp"
#include "nmt/tensor/elementwise.hpp"
#include "nmt/training/average.hpp"
#include "nmt/training/event_log.hpp"
#include "nmt/training/gradient_workers.hpp"
#include "nmt/training/model_selection.hpp"
#include "nmt/training/start.hpp"
#include "nmt/training/training_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace nmt {
namespace fs = std::filesystem;
namespace {

// Training diverged where so many updates in a row, after the warm-up, have a loss of so many times that of a blind guess. Either alone is
// no sign: with a small vocabulary or a high rate the loss may stand there for some dozens of updates and fall again.
constexpr int kHopelessUpdates = 100;
constexpr double kHopelessLoss = 3;
constexpr std::uint64_t kDropoutStream = 0x64726f70; // keeps its random numbers apart from those of the batches

// What the updates since the last log line add up to.
struct Recent {
    double loss = 0, log_likelihood = 0, tokens = 0, seconds = 0;
};

// What is estimated in one go is not updated: there is no running average of its first, meaningless values.
OptimizerOptions optimizer_options(const TrainingSetup& setup) {
    OptimizerOptions options = setup.training.optimizer;
    if (find_architecture(setup.model.architecture).estimate != nullptr) options.average_decay = 0;
    return options;
}

class Trainer {
  public:
    // With `resume` the folder has a checkpoint.
    Trainer(const TrainingSetup& setup, const fs::path& folder, bool resume, int threads, const ProgressStyle& progress)
        : setup_(setup), options_(setup.training), text_(setup.data.training_text()), folder_(folder),
          context_(threads, products_from_name(options_.precision)), resume_(resume), tokenizers_(folder), model_(make()),
          carried_(begin()), optimizer_(model_->parameters(), optimizer_options(setup)), events_(folder / "log.jsonl"),
          progress_(in_updates(progress)) {}

    // `before` is the setup that the training had until now.
    Progression run(const TrainingSetup& before) {
        const std::vector<OptionChange> changes = setup_changes(before, setup_);
        load_data();
        const bool had_ended = resume_ && load_latest(before);
        check_identity();
        check_measure(changes);
        if (resume_ && !changes.empty()) save_progression(folder_, progression_); // what it says of old options, config.ini soon will not
        begin_log(changes);
        if (had_ended && ended()) return say_that_it_has_ended();
        progression_.finished = false;
        if (estimated()) return estimate();
        gradients_.emplace(*model_, setup_.model, static_cast<std::int64_t>(options_.batch_tokens) * options_.accumulate);
        // What it begins with is validated; or a validation did not come to its end.
        if ((carried_ || resume_) && validation_due()) validate();
        while (!ended()) run_epoch();
        return finish();
    }

  private:
    static ProgressStyle in_updates(ProgressStyle style) {
        style.unit = "updates";
        return style;
    }

    // With all that is not to be updated frozen.
    std::unique_ptr<Model> make() {
        std::unique_ptr<Model> model = make_model(context_, setup_.model, tokenizers_.vocabulary(), options_.seed);
        freeze_parts(*model, setup_);
        return model;
    }

    // The weights to begin with, where they are another model's and none are the training's own yet.
    std::optional<CarriedWeights> begin() {
        if (resume_ || options_.from.empty()) return {};
        const CarriedWeights carried = carry_weights(*model_, tokenizers_, setup_.model, options_.from);
        log_info("begins with the weights of '{}'{}{}", options_.from,
                 carried.updates.empty() ? "" : fmt::format(" after {} updates", carried.updates),
                 carried.same_pieces
                     ? ""
                     : fmt::format("; embeddings of {} are carried over, the others are drawn", describe(carried, tokenizers_.shared())));
        return carried;
    }

    void load_data() {
        selection_.emplace(setup_, folder_, tokenizers_, *model_, events_); // first: what is wrong there shows soon
        const bool sampling = options_.subword_sampling > 0 && !estimated();
        const CorpusOptions corpus_options{.max_length = options_.max_length,
                                           .keep_source_text = sampling && options_.samples_source(),
                                           .keep_target_text = sampling && options_.samples_target(),
                                           .count_sentences = true};
        train_ = ParallelCorpus::load({text_, tokenizers_.source(), tokenizers_.target()}, corpus_options);
        check_lengths(*model_, train_);
        log_info("training data: {}", describe(train_.counts(), corpus_options));
        if (sampling)
            sampler_.emplace(train_, tokenizers_.source(), tokenizers_.target(),
                             SubwordSampling{options_.subword_sampling, options_.samples_source(), options_.samples_target(),
                                             options_.max_length, options_.seed});
        selection_->tell_usual_sentences(train_.counts().usual_sentences);
    }

    // Returns whether the training had ended by itself.
    bool load_latest(const TrainingSetup& before) {
        progression_ = load_checkpoint(folder_, *model_, optimizer_);
        snapshot_files(folder_, progression_.snapshots); // one that is missing is an error now, not at the end
        if (progression_.batch_tokens == 0) progression_.batch_tokens = before.training.batch_tokens;
        checkpointed_ = progression_.updates;
        seconds_before_ = progression_.total_seconds;
        log_info("resuming after {} updates, in epoch {}", progression_.updates, progression_.epoch);
        return progression_.finished;
    }

    // Other text has other batches, of which the checkpoint's place among them says nothing; another tokenizer gives other tokens.
    void check_identity() {
        const std::array<std::vector<std::string>, 2> sides{text_.files(Side::source), text_.files(Side::target)};
        for (std::size_t side = 0; side < sides.size(); ++side) {
            const std::string now = sha256_of_text(sides[side]);
            std::string& before = progression_.training_text[side];
            check(before.empty() || before == now ||
                      (sides[side].size() == 1 && before == sha256_of_file(sides[side].front())), // older versions summed packed files
                  "'{}' is not the text that this training began with; resume it with that text, or begin another training with these weights: "
                  "nmt train --from {} --model OTHER",
                  join_file_list(sides[side]), folder_.string());
            before = now;
        }
        std::vector<std::string> now;
        for (const auto& [key, sum] : tokenizers_.record()) now.push_back(sum);
        std::vector<std::string>& before = progression_.tokenizers;
        check(before.empty() || before == now,
              "the tokenizer in '{}' is not the one that this training began with; put that back, or train in another folder",
              folder_.string());
        before = now;
    }

    // Scores are compared with their like alone.
    void check_measure(const std::vector<OptionChange>& changes) {
        const std::string before = std::exchange(progression_.validated_by, selection_->measure());
        const auto of_scores = [](const OptionChange& change) {
            return change.key.starts_with("data.valid-") || change.key.starts_with("training.valid-") || change.key == "training.best-by";
        };
        const bool differs = before.empty() ? std::any_of(changes.begin(), changes.end(), of_scores) : before != progression_.validated_by;
        if (!differs || progression_.validations == 0 || progression_.validated_by.empty()) return;
        stoppable([&] { selection_->judge_again(progression_); });
    }

    // The configuration and the log tell of the training from here on.
    void begin_log(const std::vector<OptionChange>& changes) {
        write_file(folder_ / "config.ini", setup_.format());
        progression_.parameters = model_->parameters().count();
        progress_.start(static_cast<std::uint64_t>(progression_.updates));
        log_start();
        if (!changes.empty()) log_changes(changes);
    }

    void log_changes(const std::vector<OptionChange>& changes) {
        std::vector<std::string> said;
        EventLog::Json list = EventLog::Json::array();
        for (const OptionChange& change : changes) {
            said.push_back(describe(change));
            list.push_back({{"key", change.key}, {"before", change.before}, {"after", change.after}});
        }
        log_info("changed: {}", fmt::join(said, "; "));
        events_.write({{"event", "changed"}, {"updates", progression_.updates}, {"changes", list}});
    }

    void log_start() {
        log_info("{}: {} parameters, {} threads, products in {}, {}", model_->architecture(), model_->parameters().count(),
                 context_.threads(), name_of(context_.products()), instruction_set());
        const std::int64_t frozen = model_->parameters().count_frozen();
        if (frozen > 0) log_info("{} of them are frozen ({})", frozen, fmt::join(options_.freeze, " "));
        EventLog::Json checksums = EventLog::Json::object();
        checksums[join_file_list(text_.files(Side::source))] = progression_.training_text[0];
        checksums[join_file_list(text_.files(Side::target))] = progression_.training_text[1];
        for (const ParallelText& text : setup_.data.validation_texts())
            for (const ParallelText::Part& part : text.parts)
                for (const std::string& file : {part.source, part.target}) checksums[file] = sha256_of_file(file);
        if (selection_->measure().empty() && !estimated())
            log_info("no validation set: the last weights become the model, and nothing tells how good they are; set data.valid-source and "
                     "data.valid-target to know, and to keep the best");
        EventLog::Json start{{"event", resume_ ? "resume" : "start"},
                             {"architecture", model_->architecture()},
                             {"parameters", model_->parameters().count()},
                             {"frozen_parameters", frozen},
                             {"seed", options_.seed},
                             {"threads", context_.threads()},
                             {"precision", name_of(context_.products())},
                             {"onednn", onednn_version()},
                             {"sentencepiece", sentencepiece_version()},
                             {"instruction_set", instruction_set()},
                             {"training_pairs", train_.size()},
                             {"dropped_pairs", train_.counts().dropped()},
                             {"sha256", checksums}};
        if (carried_)
            start["from"] = {{"folder", options_.from},
                             {"source_pieces", {carried_->source.carried, carried_->source.all}},
                             {"target_pieces", {carried_->target.carried, carried_->target.all}}};
        events_.write(start);
    }

    bool estimated() const { return find_architecture(setup_.model.architecture).estimate != nullptr; }

    // An architecture without gradients: its parameters follow from the data in one go.
    Progression estimate() {
        if (!resume_) {
            log_ignored_options();
            progression_.batch_tokens = options_.batch_tokens;
            const Stopwatch watch;
            find_architecture(setup_.model.architecture).estimate(*model_, train_);
            progression_.update_seconds = watch.seconds();
        }
        progression_.last_validation = -1; // 0 in a checkpoint of an older version, whose validation did not come to its end
        return finish();
    }

    // Models of a recipe share one section of options, so what this one has no use for is said and not refused.
    void log_ignored_options() const {
        std::vector<std::string> names;
        if (options_.optimizer.average_decay > 0) names.push_back("average-decay");
        if (options_.average_checkpoints > 0) names.push_back("average-checkpoints");
        if (options_.subword_sampling > 0) names.push_back("subword-sampling");
        if (!options_.freeze.empty()) names.push_back("freeze");
        if (!names.empty())
            log_info("a {} is estimated in one go: {} {} no effect on it", model_->architecture(), fmt::join(names, ", "),
                     names.size() == 1 ? "has" : "have");
    }

    // The key of the limit that the training has reached; empty: none yet.
    std::string limit_reached() const {
        if (options_.max_epochs > 0 && progression_.epoch > options_.max_epochs) return "training.max-epochs";
        if (options_.max_updates > 0 && progression_.updates >= options_.max_updates) return "training.max-updates";
        if (options_.max_minutes > 0 && progression_.update_seconds >= options_.max_minutes * 60) return "training.max-minutes";
        if (options_.patience > 0 && progression_.without_improvement >= options_.patience) return "training.patience";
        return "";
    }

    bool ended() const { return estimated() || !limit_reached().empty(); }

    Progression say_that_it_has_ended() const {
        if (estimated()) log_info("a {} is estimated in one go: there is nothing to go on with", model_->architecture());
        else
            log_info("this training ended after {0} updates, by {1}; to go on, raise it: 'nmt train --model {2} --resume --set {1}=N'",
                     progression_.updates, limit_reached(), folder_.string());
        return progression_;
    }

    bool validation_due() const {
        const bool at_its_time =
            options_.validate_every > 0 ? progression_.updates % options_.validate_every == 0 : progression_.next_batch == 0;
        return at_its_time && progression_.last_validation != progression_.updates;
    }

    SubwordSampler::Epoch sample_epoch() const {
        SubwordSampler::Epoch sampled = sampler_->epoch(progression_.epoch);
        if (sampled.too_long > 0)
            log_info("epoch {}: {} sentences in their plain encoding; their samples were longer than {} tokens", progression_.epoch,
                     sampled.too_long, options_.max_length);
        return sampled;
    }

    void run_epoch() {
        if (epochs_begun_++ == 1) // products of this process's first epoch count only if there is no other
            gradients_->count_products_from_here();
        const ParallelCorpus sampled = sampler_ ? sample_epoch().corpus : ParallelCorpus();
        const ParallelCorpus& corpus = sampler_ ? sampled : train_;
        const std::vector<std::vector<int>> batches = batches_of_epoch(corpus);
        const auto count = std::ssize(batches);
        while (progression_.next_batch < count) {
            const std::int64_t end = std::min(progression_.next_batch + options_.accumulate, count);
            std::vector<Batch> parts;
            for (std::int64_t i = progression_.next_batch; i < end; ++i)
                parts.push_back(gather(corpus, batches[static_cast<std::size_t>(i)]));
            last_update_ = foresee_last_update(end, count);
            update(parts);
            progression_.next_batch = end;
            report_progress(count);
            const bool epoch_done = end == count;
            if (epoch_done) {
                ++progression_.epoch;
                progression_.next_batch = 0;
                progression_.read_parts.clear();
            }
            if (validation_due()) {
                validate();
                progress_.write_plain_line();
            }
            stop_if_asked();
            if (epoch_done || ended()) return;
        }
    }

    // The batches of the epoch under way, of which the next comes next. Where batch-tokens has changed within it, the pairs that were not
    // read yet are cut anew.
    std::vector<std::vector<int>> batches_of_epoch(const ParallelCorpus& corpus) {
        if (progression_.next_batch > 0 && progression_.batch_tokens != options_.batch_tokens) {
            progression_.read_parts.push_back({progression_.batch_tokens, progression_.next_batch});
            progression_.next_batch = 0;
        }
        progression_.batch_tokens = options_.batch_tokens;
        std::vector<std::vector<int>> batches =
            remaining_batches(corpus, options_.batch_tokens, options_.seed, progression_.epoch, progression_.read_parts);
        check(progression_.next_batch < std::ssize(batches),
              "the checkpoint in '{}' tells of {} batches that were read of epoch {}, which has {}; it is not what the training wrote",
              folder_.string(), progression_.next_batch, progression_.epoch, batches.size());
        std::size_t pairs = 0;
        for (const std::vector<int>& batch : batches) pairs += batch.size();
        whole_epochs_ = static_cast<double>(corpus.size()) / static_cast<double>(pairs);
        return batches;
    }

    // Where the training ends, in updates, as seen from the one that reads up to batch `end` of `count`: exactly by max-updates, by
    // max-epochs if the other epochs have as many updates as this one (with subword sampling they have nearly so); where neither is set,
    // by max-minutes, if all updates take as long as those so far.
    double foresee_last_update(std::int64_t end, std::int64_t count) const {
        if (!needs_end(options_.optimizer)) return 0;
        constexpr double kFar = 1e9; // before the first update minutes tell nothing
        const auto now = static_cast<double>(progression_.updates + 1);
        const double last = ends_by_counts(options_) ? end_by_counts(now, end, count) : end_by_minutes();
        return std::clamp(last, now, now + kFar); // against rounding, too
    }

    double end_by_counts(double now, std::int64_t end, std::int64_t count) const {
        const auto in_updates = [&](std::int64_t batches) {
            return static_cast<double>((batches + options_.accumulate - 1) / options_.accumulate);
        };
        double last = std::numeric_limits<double>::infinity();
        if (options_.max_updates > 0) last = options_.max_updates;
        if (options_.max_epochs > 0) {
            const double epochs_after = options_.max_epochs - progression_.epoch;
            last = std::min(last, now + in_updates(count - end) + epochs_after * in_updates(count) * whole_epochs_);
        }
        return last;
    }

    double end_by_minutes() const {
        if (options_.max_minutes <= 0 || progression_.update_seconds <= 0) return std::numeric_limits<double>::infinity();
        return static_cast<double>(progression_.updates) * options_.max_minutes * 60 / progression_.update_seconds;
    }

    // The same for people, after an update, by whichever limit comes first. Patience may end it before. 0: nothing tells.
    std::uint64_t expected_updates(std::int64_t end, std::int64_t count) const {
        const auto now = static_cast<double>(progression_.updates);
        const double last = std::min(end_by_counts(now, end, count), std::ceil(end_by_minutes()));
        constexpr double kBeyond = 1e15;
        return last < kBeyond ? static_cast<std::uint64_t>(std::llround(std::max(last, now))) : 0;
    }

    // One update from the batches of one accumulation; the loss is divided by the target tokens of all of them.
    void update(const std::vector<Batch>& parts) {
        const Stopwatch watch;
        double tokens = 0;
        for (const Batch& part : parts) tokens += part.target.total();
        const LossOptions loss_options{static_cast<float>(options_.label_smoothing), static_cast<float>(1 / tokens)};
        const std::uint64_t key = mix_bits(options_.seed + kDropoutStream) + static_cast<std::uint64_t>(progression_.updates) * 1000003;
        const CrossEntropy total = gradients_->run(parts, loss_options, key);
        const double norm = optimizer_.gradient_norm(&*gradients_);
        check_convergence({progression_.updates + 1, total.loss / tokens, norm});
        optimizer_.update(norm, last_update_, &*gradients_);
        ++progression_.updates;
        progression_.target_tokens += static_cast<std::int64_t>(tokens);
        progression_.update_seconds += watch.seconds();
        recent_.loss += total.loss;
        recent_.log_likelihood += total.log_likelihood;
        recent_.tokens += tokens;
        recent_.seconds += watch.seconds();
        last_norm_ = norm;
    }

    struct Figures {
        std::int64_t update;
        double loss, gradient_norm;
    };

    void check_convergence(const Figures& now) {
        const double hopeless = kHopelessLoss * std::log(static_cast<double>(model_->vocabulary().target));
        const bool warmed_up = now.update > options_.optimizer.warmup;
        hopeless_updates_ = warmed_up && now.loss >= hopeless ? hopeless_updates_ + 1 : 0;
        if (!std::isfinite(now.loss) || !std::isfinite(now.gradient_norm)) fail_diverged(now, "");
        if (hopeless_updates_ >= kHopelessUpdates)
            fail_diverged(now, fmt::format(", for {} updates above {:.3g}, {:.3g} times that of a blind guess", hopeless_updates_, hopeless,
                                           kHopelessLoss));
    }

    [[noreturn]] void fail_diverged(const Figures& now, const std::string& sign) {
        events_.write({{"event", "diverged"},
                       {"updates", now.update},
                       {"loss", fmt::format("{}", now.loss)},
                       {"gradient_norm", fmt::format("{}", now.gradient_norm)}});
        const std::string to_do =
            checkpointed_ < 0
                ? std::string("there is no checkpoint yet: try a lower learning-rate or a longer warmup")
                : fmt::format(
                      "the last checkpoint, after {} updates, is intact: try a lower learning-rate from there: nmt train --model {} "
                      "--resume --set training.learning-rate={:.2g}",
                      checkpointed_, folder_.string(), options_.optimizer.learning_rate / 3);
        fail("the training diverged at update {}: loss {:.4g} a token{}, gradient norm {:.4g}; {}", now.update, now.loss, sign,
             now.gradient_norm, to_do);
    }

    // Weights that are no numbers must not become a checkpoint.
    void check_weights() {
        for (const Parameter& parameter : model_->parameters().all())
            if (!std::isfinite(sum_of_squares(parameter.value())))
                fail_diverged({progression_.updates, recent_.tokens > 0 ? recent_.loss / recent_.tokens : 0, last_norm_},
                              fmt::format(", weights of {} beyond all numbers", parameter.name()));
    }

    void report_progress(std::int64_t batches) {
        const double rate = recent_.tokens / recent_.seconds;
        const std::string epochs = options_.max_epochs > 0 ? fmt::format(" of {}", options_.max_epochs) : "";
        progress_.update(static_cast<std::uint64_t>(progression_.updates), expected_updates(progression_.next_batch, batches),
                         fmt::format("epoch {}{}, {:.0f} target tokens/s", progression_.epoch, epochs, rate));
        if (progression_.updates % options_.log_every != 0) return;
        const double loss = recent_.loss / recent_.tokens, perplexity = std::exp(-recent_.log_likelihood / recent_.tokens);
        const double learning_rate = learning_rate_at(options_.optimizer, progression_.updates, last_update_);
        log_info("epoch {}, update {}: loss {:.3f}, perplexity {:.2f}, {:.0f} target tokens/s, gradient norm {:.2f}, learning rate {:.3g}",
                 progression_.epoch, progression_.updates, loss, perplexity, rate, last_norm_, learning_rate);
        events_.write({{"event", "training"},
                       {"epoch", progression_.epoch},
                       {"updates", progression_.updates},
                       {"loss", loss},
                       {"perplexity", perplexity},
                       {"target_tokens_per_second", rate},
                       {"gradient_norm", last_norm_},
                       {"learning_rate", learning_rate},
                       {"update_seconds", progression_.update_seconds}});
        recent_ = {};
    }

    // Where there are averaged weights, they are the ones that are validated. What stands is saved before, so that whatever happens
    // meanwhile costs the validation alone, and after.
    void validate() {
        if (checkpointed_ != progression_.updates) checkpoint();
        if (gradients_) gradients_->free_idle_storage();
        stoppable([&] {
            const AveragedWeights in_place(optimizer_);
            // The weights that it begins with are none of its snapshots.
            selection_->consider(progression_, options_.average_checkpoints > 0 && !estimated() && progression_.updates > 0);
        });
        if (gradients_) gradients_->free_idle_storage();
        progression_.last_validation = progression_.updates;
        checkpoint();
    }

    struct AveragedWeights {
        explicit AveragedWeights(Optimizer& optimizer) : optimizer_(optimizer) { optimizer_.swap_average(); }
        ~AveragedWeights() { optimizer_.swap_average(); }
        AveragedWeights(const AveragedWeights&) = delete;
        AveragedWeights& operator=(const AveragedWeights&) = delete;
        Optimizer& optimizer_;
    };

    // Runs what a signal may stop; it is done again from the checkpoint.
    template <typename Body>
    void stoppable(const Body& body) {
        try {
            body();
        } catch (const Interrupted&) {
            stop_if_asked();
            throw;
        }
    }

    // The weights are written once an update: what comes after it leaves them as they are. While they look hopeless, the checkpoint from
    // before stays the one to go on from.
    void checkpoint() {
        if (hopeless_updates_ > 0 && checkpointed_ >= 0 && !ended()) return;
        progression_.total_seconds = seconds_before_ + since_start_.seconds();
        progression_.peak_memory_mib = std::max(progression_.peak_memory_mib, peak_memory_mib());
        if (checkpointed_ == progression_.updates) return save_progression(folder_, progression_);
        check_weights();
        save_checkpoint(folder_, *model_, optimizer_, progression_, options_.keep_checkpoints);
        checkpointed_ = progression_.updates;
    }

    void stop_if_asked() {
        if (stop_signal() == 0) return;
        if (checkpointed_ != progression_.updates) checkpoint();
        events_.write({{"event", "interrupted"}, {"updates", progression_.updates}});
        throw Interrupted(stop_signal(), fmt::format("stopped by a signal after {} updates; the checkpoint after {} is saved",
                                                     progression_.updates, checkpointed_));
    }

    Progression finish() {
        // A training that ends between validations has a last one, so that its last weights had their chance.
        if (progression_.last_validation != progression_.updates) validate();
        if (!progression_.snapshots.empty() && progression_.average_update != progression_.updates)
            stoppable([&] { selection_->write_average(progression_); });
        progression_.finished = true;
        checkpoint();
        const std::string limit = limit_reached();
        log_info("done{}: {} updates in {} ({} with validation), {:.0f} target tokens/s, peak memory {:.0f} MiB",
                 limit.empty() ? "" : fmt::format(", by {}", limit), progression_.updates, format_duration(progression_.update_seconds),
                 format_duration(progression_.total_seconds),
                 progression_.update_seconds > 0 ? static_cast<double>(progression_.target_tokens) / progression_.update_seconds : 0.0,
                 progression_.peak_memory_mib);
        EventLog::Json end{{"event", "end"},
                           {"updates", progression_.updates},
                           {"target_tokens", progression_.target_tokens},
                           {"update_seconds", progression_.update_seconds},
                           {"total_seconds", progression_.total_seconds},
                           {"peak_memory_mib", progression_.peak_memory_mib}};
        if (gradients_ && gradients_->primitive_hits() > 0) {
            end["primitive_hits"] = gradients_->primitive_hits();
            end["primitive_misses"] = gradients_->primitive_misses();
            end["primitive_hit_rate"] = gradients_->hit_rate();
            end["padding"] = gradients_->padding();
        }
        events_.write(end);
        return progression_;
    }

    const TrainingSetup& setup_;
    const TrainingOptions& options_;
    ParallelText text_;
    fs::path folder_;
    Context context_;
    bool resume_;
    TokenizerPair tokenizers_;
    std::unique_ptr<Model> model_;
    std::optional<CarriedWeights> carried_; // where it begins with those of another model, in this process
    Optimizer optimizer_;
    std::optional<GradientWorkers> gradients_; // not where parameters are estimated
    EventLog events_;
    Progress progress_;
    ParallelCorpus train_;
    std::optional<SubwordSampler> sampler_; // of train_
    std::optional<ModelSelection> selection_;
    Progression progression_;
    Recent recent_;
    int epochs_begun_ = 0;
    int hopeless_updates_ = 0; // the last ones in a row
    double whole_epochs_ = 1;  // the corpus by what the batches of the epoch under way hold
    Stopwatch since_start_;
    double seconds_before_ = 0, last_norm_ = 0, last_update_ = 0;
    std::int64_t checkpointed_ = -1; // updates at the last checkpoint of this process
};

void copy_tokenizer(const fs::path& from, const fs::path& to) {
    const Tokenizer readable(from); // a foreign file is refused here
    write_file(to, read_file(from));
}

// What has ended or was interrupted has written a checkpoint, of which nothing is left where this is asked.
bool lost_its_checkpoints(const fs::path& folder) {
    const std::vector<EventLog::Json> events = EventLog::read(folder / "log.jsonl");
    return std::any_of(events.begin(), events.end(), [](const EventLog::Json& event) {
        return event.contains("event") && (event["event"] == "end" || event["event"] == "interrupted");
    });
}

// A training that is to begin, or to go on, must not replace a model that it cannot go on from.
void check_folder(const fs::path& folder, bool resume) {
    const bool checkpoint = has_checkpoint(folder), model = fs::exists(folder / "model.safetensors");
    if (model && !checkpoint) {
        // Averages and quantized models have no log; a training writes it before its first model, and its first checkpoint after that.
        check(fs::exists(folder / "log.jsonl"), "'{}' holds a model that was not trained there, but made of others; use another folder",
              folder.string());
        check(!lost_its_checkpoints(folder),
              "'{}' holds a model whose checkpoints are gone (training/), so its training cannot go on; use another folder",
              folder.string());
    }
    check(resume || !(checkpoint || model),
          "'{0}' holds a training already; go on with 'nmt train --model {0} --resume', or use another folder", folder.string());
    check(!resume || fs::exists(folder / "config.ini"), "'{}' holds no training to resume; start it without --resume", folder.string());
}

bool has_joint_tokenizer(const TrainingSetup& setup) {
    const DataOptions& data = setup.data;
    return data.source_tokenizer.empty() ? setup.tokenizer.joint : data.source_tokenizer == data.target_tokenizer;
}

// Says what cannot be made before a tokenizer is learned for it.
void check_model(const TrainingSetup& setup) {
    Context context(1);
    freeze_parts(*make_model(context, setup.model, {2, 2, has_joint_tokenizer(setup)}, std::nullopt), setup);
}

// Puts the tokenizers into the folder: given ones, those of the model to begin with, or such as are trained from the training text.
void prepare_tokenizers(const TrainingSetup& setup, const fs::path& folder) {
    const DataOptions& data = setup.data;
    const bool joint = has_joint_tokenizer(setup);
    check(joint || !fs::exists(TokenizerPair::joint_file(folder)),
          "'{}' is in the way: the model is to have a tokenizer a side; remove it, or use another folder",
          TokenizerPair::joint_file(folder).string());
    check(data.source_tokenizer.empty() == data.target_tokenizer.empty(),
          "data.source-tokenizer and data.target-tokenizer go together; give both or none");
    if (!data.source_tokenizer.empty()) {
        if (data.source_tokenizer == data.target_tokenizer) return copy_tokenizer(data.source_tokenizer, TokenizerPair::joint_file(folder));
        copy_tokenizer(data.source_tokenizer, TokenizerPair::source_file(folder));
        copy_tokenizer(data.target_tokenizer, TokenizerPair::target_file(folder));
        return;
    }
    if (!learns_tokenizers(setup)) {
        for (const fs::path& file : TokenizerPair::files(setup.training.from)) copy_tokenizer(file, folder / file.filename());
        return;
    }
    const ParallelText text = data.training_text();
    const auto learn = [&](const std::vector<Side>& sides, const fs::path& file) {
        std::vector<std::string> files;
        for (const Side side : sides)
            for (std::string& name : text.files(side)) files.push_back(std::move(name));
        Tokenizer::train({files, lines_of_sides(text, sides)}, setup.tokenizer, file);
    };
    if (setup.tokenizer.joint) return learn({Side::source, Side::target}, TokenizerPair::joint_file(folder));
    learn({Side::source}, TokenizerPair::source_file(folder));
    learn({Side::target}, TokenizerPair::target_file(folder));
}

// The tokenizers are those that the folder holds; where the configuration names files, these must be the same still.
void check_given_tokenizers(const DataOptions& data, const fs::path& folder) {
    const std::vector<fs::path> ours = TokenizerPair::files(folder);
    const auto check_side = [&](const std::string& given, const fs::path& copy) {
        check(given.empty() || !fs::exists(given) || read_file(given) == read_file(copy),
              "'{}' is another tokenizer than '{}', with which this training began; name that one, or train in another folder", given,
              copy.string());
    };
    check_side(data.source_tokenizer, ours.front());
    check_side(data.target_tokenizer, ours.back());
}

TrainingSetup read_setup(const fs::path& folder) {
    Configuration configuration = Configuration::load(folder / "config.ini");
    return TrainingSetup::read(configuration);
}

// Text that can be read only once is first copied into the folder, of which nothing stays if it is no good.
TextSample keep_and_check_text(DataOptions& data, const fs::path& folder) {
    try {
        data = keep_text(data, folder);
        return check_training_text(data);
    } catch (...) {
        remove_kept_text(folder);
        throw;
    }
}

} // namespace

Progression train(const TrainingSetup& given, const fs::path& folder, bool resume, int threads, const ProgressStyle& progress) {
    TrainingSetup setup = given;
    check_folder(folder, resume);
    if (resume) find_kept_text(setup.data, folder);
    check_setup(setup);
    const bool has_begun = resume && has_checkpoint(folder);
    if (!has_begun && !setup.training.from.empty()) check_start(setup);
    check_model(setup);
    static_cast<void>(setup.format()); // what an INI file cannot hold is said now
    const bool copies = reads_once(setup.data);
    check(!resume || !copies, "a training is resumed with the text that it began with, not with a pipe; leave the keys of [data] out");
    const TrainingSetup before = resume ? read_setup(folder) : setup;
    check_changes(setup_changes(before, setup), folder);
    std::optional<TextSample> sample;
    if (!resume && !copies && !setup.data.checked) sample = check_training_text(setup.data); // before anything is written
    make_folder(folder);
    check_writable(folder);
    make_folder(folder / "training");
    const FolderLock lock(folder / "training");
    check_folder(folder, resume); // another training may have ended there while this one waited for the lock
    if (copies) sample = keep_and_check_text(setup.data, folder);
    const bool tokenizers_ready =
        resume && (fs::exists(TokenizerPair::joint_file(folder)) || fs::exists(TokenizerPair::target_file(folder)));
    if (tokenizers_ready) check_given_tokenizers(setup.data, folder);
    else prepare_tokenizers(setup, folder);
    if (sample) log_normalization(*sample, TokenizerPair(folder));
    return Trainer(setup, folder, resume && has_checkpoint(folder), threads, progress).run(copies ? setup : before);
}

} // namespace nmt
