#include "nmt/decoding/translator.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/line_reader.hpp"
#include "nmt/base/line_writer.hpp"
#include "nmt/base/mapped_file.hpp"
#include "nmt/base/parallel_failure.hpp"
#include "nmt/base/resources.hpp"
#include "nmt/base/signals.hpp"
#include "nmt/tensor/context.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <latch>
#include <limits>
#include <utility>

namespace nmt {
namespace {

constexpr int kBatchesInWindow = 16; // at the least

[[noreturn]] void stop(std::uint64_t lines) {
    throw Interrupted(stop_signal(), fmt::format("translation stopped by signal {} after {} lines", stop_signal(), lines));
}

// Returns when a line (or the end) is there; false if a signal asks to stop before. Reading itself would wait on through a signal.
bool wait_for_line(LineReader& reader) {
    constexpr std::chrono::milliseconds kPatience{100}; // a signal that comes just before the wait is seen after it
    while (!reader.ready(kPatience))
        if (stop_signal() != 0) return false;
    return true;
}

void check_vocabulary(const char* side, const Tokenizer& tokenizer, int expected) {
    check(tokenizer.vocabulary_size() == expected,
          "the {} tokenizer has {} pieces, but the model was made for {}; do they belong together?", side, tokenizer.vocabulary_size(),
          expected);
}

} // namespace

// A window whose batches are being searched.
struct Translator::UnderWork {
    UnderWork(Window w, std::vector<std::vector<std::size_t>> b)
        : window(std::move(w)), batches(std::move(b)), missing(static_cast<std::ptrdiff_t>(batches.size())) {}

    Window window;
    std::vector<std::vector<std::size_t>> batches; // segments
    std::latch missing;                            // batches
    std::atomic<bool> abandoned = false;           // nobody waits for them any more
    ParallelFailure failure;
};

Translator::Translator(std::vector<Ensemble> workers, const Tokenizer& source, const Tokenizer& target, const TranslatorOptions& options)
    : workers_(std::move(workers)), source_(source), target_(target), options_(options) {
    check(!workers_.empty(), "a translator without a worker");
    const Ensemble& models = workers_.front();
    options.search.validate();
    check(options.batch_size > 0, "batch-size = {}: expected at least 1", options.batch_size);
    check(options.batch_tokens >= 0, "batch-tokens = {}: expected at least 1, or 0 for 16 times batch-size", options.batch_tokens);
    check(options.max_source_length > 1, "max-source-length = {}: expected room for a token and </s>", options.max_source_length);
    check(options.alignment.empty() || options.alignment == "words" || options.alignment == "pieces",
          "alignment = '{}': expected words or pieces", options.alignment);
    check(options.sentences == "whole" || options.sentences == "split" || options.sentences == "auto",
          "sentences = '{}': expected whole, split or auto", options.sentences);
    check(options.unknown == "allow" || options.unknown == "forbid" || options.unknown == "copy",
          "unknown = '{}': expected allow, forbid or copy", options.unknown);
    options_.search.alignment = !options.alignment.empty() || options.unknown == "copy";
    options_.search.forbid_unknown = options.unknown == "forbid";
    for (std::size_t i = 0; i < models.size(); ++i) keep_within(models.model(i));
    check_vocabulary("source", source, models.vocabulary().source);
    check_vocabulary("target", target, models.vocabulary().target);
    check(!options_.search.needs_attention() || models.has_attention(),
          "{} attention, but {} has none; leave it out, or take a model with attention, such as rnn-attention",
          !options.alignment.empty()  ? "an alignment needs"
          : options_.search.alignment ? "unknown = copy needs"
                                      : "a coverage penalty needs",
          models.size() > 1 ? "none of the models" : fmt::format("a model of architecture '{}'", models.model(0).architecture()));
    if (options_.window == 0) options_.window = options_.batch_size * std::max(kBatchesInWindow, 2 * static_cast<int>(workers_.size()));
    if (workers_.size() > 1) queue_ = std::make_unique<WorkQueue>(workers_.size());
}

// Longer sources are cut, longer translations end where the model does.
void Translator::keep_within(Model& model) {
    options_.max_source_length = std::min(options_.max_source_length, model.encoder().max_length());
    const int longest = model.decoder().max_length();
    int& max_length = options_.search.max_length;
    if (longest == std::numeric_limits<int>::max()) return;
    max_length = max_length > 0 ? std::min(max_length, longest) : longest;
    options_.search.min_length = std::min(options_.search.min_length, max_length);
}

std::vector<std::string> Translator::translate(const std::vector<std::string>& lines, const std::vector<std::string>& prefixes) {
    std::vector<std::string> texts;
    texts.reserve(lines.size());
    for (std::vector<Translation>& translations : translate_n_best(lines, prefixes)) texts.push_back(std::move(translations.front().text));
    return texts;
}

std::vector<std::vector<Translation>> Translator::translate_n_best(const std::vector<std::string>& lines,
                                                                   const std::vector<std::string>& prefixes) {
    check(prefixes.empty() || prefixes.size() == lines.size(), "{} prefixes for {} lines: expected one each", prefixes.size(),
          lines.size());
    if (stop_signal() != 0) stop(0);
    const Stopwatch watch;
    const std::shared_ptr<UnderWork> work = begin(prepare(lines, prefixes, 0), true);
    if (!finish(*work)) stop(statistics_.lines);
    std::vector<std::vector<Translation>> results;
    results.reserve(lines.size());
    for (std::size_t line = 0; line < lines.size(); ++line) results.push_back(finish_line(work->window, line));
    statistics_.seconds += watch.seconds();
    return results;
}

namespace {

std::uint64_t count_lines(LineReader& reader) {
    std::uint64_t count = 0;
    for (std::string line; reader.next(line);) ++count;
    return count;
}

void check_counts(std::uint64_t lines, std::uint64_t prefixes) {
    check(lines == prefixes, "the text has {} lines, but there are {} prefixes: expected one a line, empty where a translation is free",
          lines, prefixes);
}

} // namespace

// Lines on their way from a reader to a writer, some windows of them under work.
class Translator::Stream {
  public:
    Stream(Translator& translator, LineReader& reader, LineWriter& writer, const Report& report, LineReader* prefixes)
        : translator_(translator), reader_(reader), writer_(writer), report_(report), prefixes_(prefixes),
          seconds_before_(translator.statistics_.seconds) {}
    ~Stream() { abandon(); }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    void run() {
        const std::size_t ahead = translator_.queue_ ? 1 : 0; // windows that the workers go on with while others are read and written
        for (bool more = true; more;) {
            try {
                more = begin_next();
            } catch (...) {
                deliver_all(); // the windows before it
                throw;
            }
            while (under_work_.size() > ahead) deliver();
        }
        deliver_all();
        if (prefixes_ != nullptr) check_counts(written_, written_ + count_lines(*prefixes_));
    }

  private:
    // Reads a window and gives it to the workers; false at the end.
    bool begin_next() {
        wait_for(reader_);
        std::vector<std::string> lines, prefixes;
        if (!read_window(reader_, static_cast<std::size_t>(translator_.options_.window), lines)) return false;
        if (stop_signal() != 0) {
            deliver_all();
            stop(written_);
        }
        for (std::string prefix; prefixes_ != nullptr && prefixes.size() < lines.size();) {
            wait_for(*prefixes_);
            if (!prefixes_->next(prefix)) {
                deliver_all();
                check_counts(read_ + lines.size() + count_lines(reader_), read_ + prefixes.size());
            }
            prefixes.push_back(std::move(prefix));
        }
        under_work_.push_back(translator_.begin(translator_.prepare(lines, prefixes, read_), under_work_.empty()));
        read_ += lines.size();
        return true;
    }

    // What is done goes out before a slow producer is waited for.
    void wait_for(LineReader& input) {
        if (input.ready()) return;
        deliver_all();
        const Stopwatch watch;
        const bool is_there = wait_for_line(input);
        waited_ += watch.seconds();
        if (!is_there) stop(written_);
    }

    // Writes the oldest window.
    void deliver() {
        const std::shared_ptr<UnderWork> work = std::move(under_work_.front());
        under_work_.pop_front();
        try {
            write(*work);
        } catch (...) {
            abandon(); // nothing may follow where lines are missing
            throw;
        }
        if (report_) report_(translator_.statistics_);
    }

    // As far as the window is complete.
    void write(UnderWork& work) {
        const bool finished = translator_.finish(work);
        const TranslatorOptions& options = translator_.options_;
        const TranslationFormat format{options.search.n_best > 1, !options.alignment.empty(), options.word_scores};
        const std::size_t complete = work.window.complete_lines();
        for (std::size_t line = 0; line < complete; ++line, ++written_)
            for (const Translation& translation : translator_.finish_line(work.window, line))
                writer_.write(format_translation(translation, written_, format));
        writer_.flush();
        translator_.statistics_.seconds = seconds_before_ + watch_.seconds() - waited_;
        if (!finished) stop(written_);
    }

    void deliver_all() {
        while (!under_work_.empty()) deliver();
    }

    // The workers leave what they have not begun.
    void abandon() {
        for (const std::shared_ptr<UnderWork>& work : under_work_) work->abandoned = true;
        for (const std::shared_ptr<UnderWork>& work : under_work_) work->missing.wait();
        under_work_.clear();
    }

    Translator& translator_;
    LineReader& reader_;
    LineWriter& writer_;
    const Report& report_;
    LineReader* prefixes_;
    std::deque<std::shared_ptr<UnderWork>> under_work_; // in the order of their lines
    std::uint64_t read_ = 0, written_ = 0;              // lines
    double seconds_before_, waited_ = 0;
    Stopwatch watch_;
};

void Translator::translate_stream(LineReader& reader, LineWriter& writer, const Report& report, LineReader* prefixes) {
    Stream(*this, reader, writer, report, prefixes).run();
}

Window Translator::prepare(const std::vector<std::string>& lines, const std::vector<std::string>& prefixes,
                           std::uint64_t first_line) const {
    return prepare_window({lines, prefixes, first_line}, source_, target_, options_);
}

// Gives the window's batches to the workers. Where there is one worker, it searches them here and now; so does the first of several where
// nothing else is under way and there is but one batch, which is sooner done than a thread is there.
std::shared_ptr<Translator::UnderWork> Translator::begin(Window window, bool nothing_else) {
    std::vector<std::vector<std::size_t>> batches = cut_into_batches(window, options_, workers_.size());
    const auto work = std::make_shared<UnderWork>(std::move(window), std::move(batches));
    const bool here = !queue_ || (nothing_else && work->batches.size() == 1);
    for (std::size_t batch = 0; batch < work->batches.size(); ++batch) {
        const auto search_it = [this, work, batch](std::size_t worker) {
            if (stop_signal() == 0 && !work->abandoned && !work->failure.happened())
                work->failure.guard([&] { search_batch(*work, batch, workers_[worker]); });
            work->missing.count_down();
        };
        if (here) search_it(0);
        else queue_->add(search_it);
    }
    return work;
}

// Waits until the window is searched. False when a signal asked to stop before its end; throws what a worker has thrown.
bool Translator::finish(UnderWork& work) {
    work.missing.wait();
    work.failure.rethrow();
    check_mapped_files();
    count(work.window);
    return std::none_of(work.window.segments.begin(), work.window.segments.end(),
                        [](const Window::Segment& segment) { return segment.hypotheses.empty(); });
}

void Translator::search_batch(UnderWork& work, std::size_t batch, const Ensemble& models) const {
    models.model(0).context().enter();
    Sequences source;
    std::vector<SentenceOptions> asked;
    for (const std::size_t segment : work.batches[batch]) {
        source.add(work.window.segments[segment].tokens);
        asked.push_back(work.window.segments[segment].asked);
    }
    std::vector<std::vector<Hypothesis>> found = search(models, source, options_.search, asked);
    for (std::size_t i = 0; i < found.size(); ++i) work.window.segments[work.batches[batch][i]].hypotheses = std::move(found[i]);
}

// Counts the segments that have been translated.
void Translator::count(const Window& window) {
    for (const Window::Segment& segment : window.segments) {
        if (segment.hypotheses.empty()) continue;
        const Hypothesis& best = segment.hypotheses.front();
        ++statistics_.segments;
        statistics_.source_tokens += segment.tokens.size();
        statistics_.target_tokens += best.token_log_probs.size();
        statistics_.truncated += best.truncated ? 1 : 0;
        statistics_.unknown_tokens += static_cast<std::uint64_t>(
            std::count(best.tokens.begin() + std::ssize(segment.asked.prefix), best.tokens.end(), Tokenizer::kUnknown));
    }
}

// The translations of a line whose segments are all translated. Counts the line.
std::vector<Translation> Translator::finish_line(const Window& window, std::size_t line) {
    const std::size_t segments = window.lines[line].end - window.lines[line].first;
    ++statistics_.lines;
    statistics_.blank_lines += segments == 0 ? 1 : 0;
    statistics_.split_lines += window.lines[line].cut ? 1 : 0;
    statistics_.sentence_lines += window.lines[line].sentences > 1 ? 1 : 0;
    statistics_.unusual_lines += window.lines[line].unusual ? 1 : 0;
    statistics_.repeated_lines += window.lines[line].repeated ? 1 : 0;
    return translations_of_line(window, line, target_, options_);
}

} // namespace nmt
