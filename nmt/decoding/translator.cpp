#include "nmt/decoding/translator.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/random.hpp"
#include "nmt/base/signals.hpp"
#include "nmt/decoding/segmenter.hpp"
#include "nmt/tensor/context.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <limits>
#include <numeric>
#include <string_view>
#include <thread>
#include <unordered_map>

namespace nmt {
namespace {

constexpr std::size_t kWindowBytes = 1 << 20;
constexpr int kBatchesInWindow = 16;
constexpr int kTokensOfSentence = 16; // batches of longer ones hold fewer, so that memory does not grow with their length

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r\v\f") == std::string_view::npos; }

[[noreturn]] void stop(std::uint64_t lines) {
    throw Interrupted(stop_signal(), fmt::format("translation stopped by signal {} after {} lines", stop_signal(), lines));
}

// Returns when a line (or the end) is there; false if a signal asks to stop before. Reading itself would wait on through a signal.
bool wait_for_line(LineReader& reader) {
    while (!reader.ready()) {
        if (stop_signal() != 0) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

void check_vocabulary(const char* side, const Tokenizer& tokenizer, int expected) {
    check(tokenizer.vocabulary_size() == expected,
          "the {} tokenizer has {} pieces, but the model was made for {}; do they belong together?", side, tokenizer.vocabulary_size(),
          expected);
}

} // namespace

struct Translator::Window {
    struct Segment {
        std::vector<std::int32_t> tokens;
        SentenceOptions asked;
        std::vector<Hypothesis> hypotheses; // none yet: not translated
    };
    struct Line {
        std::size_t first = 0, end = 0; // segments; those of an equal line before it where there is one
        bool repeated = false;
        std::vector<std::string> pieces; // of the source, for alignments
    };
    std::vector<Segment> segments;
    std::vector<Line> lines;

    // How many lines, from the first one on, have all of their segments translated.
    std::size_t complete_lines() const {
        const auto is_missing = [](const Segment& segment) { return segment.hypotheses.empty(); };
        const auto begin = segments.begin();
        const auto is_incomplete = [&](const Line& line) {
            return std::any_of(begin + static_cast<std::ptrdiff_t>(line.first), begin + static_cast<std::ptrdiff_t>(line.end), is_missing);
        };
        return static_cast<std::size_t>(std::find_if(lines.begin(), lines.end(), is_incomplete) - lines.begin());
    }
};

void TranslatorOptions::describe(OptionTable& table) {
    table.add("batch-size", batch_size, "sentences translated at once", 1, 1'000'000);
    table.add("batch-tokens", batch_tokens, "source tokens translated at once, at most; 0: 16 times batch-size", 0);
    table.add("window", window, "lines read ahead to be sorted by length; 0: 16 batches", 0);
    table.add("max-source-length", max_source_length, "tokens, </s> counted; longer lines are translated in pieces", 2);
    search.describe(table);
}

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
    options_.search.alignment = !options.alignment.empty();
    for (std::size_t i = 0; i < models.size(); ++i) keep_within(models.model(i));
    check_vocabulary("source", source, models.vocabulary().source);
    check_vocabulary("target", target, models.vocabulary().target);
    check(!options_.search.needs_attention() || models.has_attention(),
          "{} attention, but {} has none; leave it out, or take a model with attention, such as rnn-attention",
          options_.search.alignment ? "an alignment needs" : "a coverage penalty needs",
          models.size() > 1 ? "none of the models" : fmt::format("a model of architecture '{}'", models.model(0).architecture()));
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
    Window window = prepare(lines, prefixes, 0);
    if (!run(window)) stop(statistics_.lines);
    std::vector<std::vector<Translation>> results;
    results.reserve(lines.size());
    for (std::size_t line = 0; line < lines.size(); ++line) results.push_back(finish_line(window, line));
    return results;
}

namespace {

// One prefix for each of so many lines; fewer where they end.
std::vector<std::string> read_prefixes(LineReader& reader, std::size_t count, std::uint64_t written) {
    std::vector<std::string> prefixes;
    for (std::string prefix; prefixes.size() < count;) {
        if (!wait_for_line(reader)) stop(written);
        if (!reader.next(prefix)) break;
        prefixes.push_back(std::move(prefix));
    }
    return prefixes;
}

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

void Translator::translate_stream(LineReader& reader, LineWriter& writer, const Report& report, LineReader* prefixes) {
    const TranslationFormat format{options_.search.n_best > 1, !options_.alignment.empty(), options_.word_scores};
    std::uint64_t written = 0;
    std::vector<std::string> lines, prefixes_of_lines;
    for (;;) {
        if (!wait_for_line(reader)) stop(written);
        if (!read_window(reader, lines)) break;
        if (prefixes != nullptr) {
            prefixes_of_lines = read_prefixes(*prefixes, lines.size(), written);
            if (prefixes_of_lines.size() < lines.size())
                check_counts(written + lines.size() + count_lines(reader), written + prefixes_of_lines.size());
        }
        Window window = prepare(lines, prefixes_of_lines, written);
        const bool finished = run(window);
        const std::size_t complete = window.complete_lines();
        for (std::size_t line = 0; line < complete; ++line, ++written)
            for (const Translation& translation : finish_line(window, line)) writer.write(format_translation(translation, written, format));
        writer.flush();
        if (!finished) stop(written);
        if (report) report(statistics_);
    }
    if (prefixes != nullptr) check_counts(written, written + count_lines(*prefixes));
}

// Fills `lines` with the next ones: one at least, and then as many as are there and the window holds. False at the end.
bool Translator::read_window(LineReader& reader, std::vector<std::string>& lines) const {
    const auto most = static_cast<std::size_t>(options_.window > 0 ? options_.window : options_.batch_size * kBatchesInWindow);
    lines.clear();
    std::size_t bytes = 0;
    std::string line;
    while (lines.size() < most && bytes < kWindowBytes && (lines.empty() || reader.ready()) && reader.next(line)) {
        bytes += line.size();
        lines.push_back(std::move(line));
    }
    return !lines.empty();
}

Translator::Window Translator::prepare(const std::vector<std::string>& lines, const std::vector<std::string>& prefixes,
                                       std::uint64_t first_line) {
    const Stopwatch watch;
    Window window;
    std::unordered_map<std::string, std::size_t> seen; // text and prefix, and the line that they were first met in
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::uint64_t number = first_line + i;
        const std::string_view text = without_carriage_return(lines[i]);
        const std::string prefix(prefixes.empty() ? std::string_view() : without_carriage_return(prefixes[i]));
        Window::Line& line = window.lines.emplace_back();
        line.first = line.end = window.segments.size();
        if (is_blank(text)) continue;
        if (!options_.search.sampling) {
            const auto [first, is_new] = seen.try_emplace(fmt::format("{}\n{}", text, prefix), i);
            if (!is_new) {
                line = window.lines[first->second];
                line.repeated = line.end > line.first;
                continue;
            }
        }
        for (std::vector<std::int32_t>& tokens :
             segment_line(source_, text, options_.max_source_length, options_.alignment.empty() ? nullptr : &line.pieces)) {
            SentenceOptions asked{.stream = Random(number, window.segments.size() - line.first).next()};
            if (window.segments.size() == line.first) asked.prefix = prefix_tokens(prefix, tokens.size(), number);
            window.segments.push_back({std::move(tokens), std::move(asked), {}});
        }
        line.end = window.segments.size();
    }
    statistics_.seconds += watch.seconds();
    return window;
}

// The tokens that the translation of a line, or of its first segment, begins with.
std::vector<std::int32_t> Translator::prefix_tokens(const std::string& prefix, std::size_t source_tokens, std::uint64_t line) const {
    if (is_blank(prefix)) return {};
    std::vector<std::int32_t> tokens = target_.encode(prefix);
    const int longest = options_.search.max_length_for(static_cast<int>(source_tokens));
    check(tokens.size() < static_cast<std::size_t>(longest),
          "line {}: its prefix has {} tokens, but its translation may have at most {}, </s> counted; shorten the prefix, or raise "
          "max-length-offset, max-length-factor or max-length",
          line + 1, tokens.size(), longest);
    check(std::find(tokens.begin(), tokens.end(), Tokenizer::kUnknown) == tokens.end(),
          "line {}: its prefix '{}' holds text that the target tokenizer does not know, so no translation can begin with it", line + 1,
          prefix);
    return tokens;
}

namespace {

// Calls body(worker) for each worker, the first one in this thread and the others in threads of their own, and waits for all.
// Throws what the first of them to fail has thrown.
template <typename Body>
void run_workers(std::size_t count, const Body& body) {
    std::vector<std::exception_ptr> failures(count);
    const auto guarded = [&](std::size_t worker) {
        try {
            body(worker);
        } catch (...) {
            failures[worker] = std::current_exception();
        }
    };
    std::vector<std::jthread> threads;
    for (std::size_t worker = 1; worker < count; ++worker) threads.emplace_back(guarded, worker);
    guarded(0);
    for (std::jthread& thread : threads) thread.join();
    for (const std::exception_ptr& failure : failures)
        if (failure) std::rethrow_exception(failure);
}

} // namespace

// `order`: segments, the longest first.
std::vector<std::span<const std::size_t>> Translator::cut_into_batches(const Window& window, std::span<const std::size_t> order) const {
    // Few segments are shared among all workers.
    const std::size_t share = (order.size() + workers_.size() - 1) / workers_.size();
    const auto batch_size = static_cast<std::size_t>(options_.batch_size);
    const std::size_t most = std::clamp<std::size_t>(share, 1, batch_size);
    const std::size_t most_tokens =
        options_.batch_tokens > 0 ? static_cast<std::size_t>(options_.batch_tokens) : kTokensOfSentence * batch_size;
    std::vector<std::span<const std::size_t>> batches;
    while (!order.empty()) {
        const std::size_t longest = std::max<std::size_t>(window.segments[order.front()].tokens.size(), 1);
        const std::size_t count = std::min({most, std::max<std::size_t>(most_tokens / longest, 1), order.size()});
        batches.push_back(order.first(count));
        order = order.subspan(count);
    }
    return batches;
}

// Translates the segments, the longest first, in batches of similar length. False when a signal asked to stop before the end.
bool Translator::run(Window& window) {
    if (stop_signal() != 0) return false;
    const Stopwatch watch;
    std::vector<std::size_t> order(window.segments.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto longer = [&](std::size_t a, std::size_t b) { return window.segments[a].tokens.size() > window.segments[b].tokens.size(); };
    std::stable_sort(order.begin(), order.end(), longer);
    const std::vector<std::span<const std::size_t>> batches = cut_into_batches(window, order);
    std::atomic<std::size_t> next = 0;
    std::atomic<bool> failed = false;
    run_workers(std::min(workers_.size(), std::max<std::size_t>(batches.size(), 1)), [&](std::size_t worker) {
        workers_[worker].model(0).context().enter();
        while (stop_signal() == 0 && !failed) {
            const std::size_t batch = next++;
            if (batch >= batches.size()) return;
            try {
                run_batch(window, batches[batch], workers_[worker]);
            } catch (...) {
                failed = true;
                throw;
            }
        }
    });
    count(window);
    statistics_.seconds += watch.seconds();
    return std::none_of(window.segments.begin(), window.segments.end(),
                        [](const Window::Segment& segment) { return segment.hypotheses.empty(); });
}
void Translator::run_batch(Window& window, std::span<const std::size_t> batch, const Ensemble& models) const {
    Sequences source;
    std::vector<SentenceOptions> asked;
    for (const std::size_t segment : batch) {
        source.add(window.segments[segment].tokens);
        asked.push_back(window.segments[segment].asked);
    }
    std::vector<std::vector<Hypothesis>> found = search(models, source, options_.search, asked);
    for (std::size_t i = 0; i < batch.size(); ++i) window.segments[batch[i]].hypotheses = std::move(found[i]);
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
    }
}

// The translations of a line whose segments are all translated. Counts the line.
std::vector<Translation> Translator::finish_line(const Window& window, std::size_t line) {
    const std::size_t first = window.lines[line].first, end = window.lines[line].end;
    ++statistics_.lines;
    statistics_.blank_lines += end == first ? 1 : 0;
    statistics_.split_lines += end - first > 1 ? 1 : 0;
    statistics_.repeated_lines += window.lines[line].repeated ? 1 : 0;
    if (end == first) return {Translation()};
    const bool sampled = options_.search.sampling.has_value();
    std::vector<Translation> translations;
    // The k-th of each segment: of a line that is cut only the best go together, or samples of the same number.
    const std::size_t count = end - first == 1 || sampled ? window.segments[first].hypotheses.size() : 1;
    for (std::size_t k = 0; k < count; ++k) {
        std::vector<const Hypothesis*> parts;
        for (std::size_t segment = first; segment < end; ++segment) {
            const std::vector<Hypothesis>& found = window.segments[segment].hypotheses;
            const auto is_wanted = [&](const Hypothesis& hypothesis) { return hypothesis.sample == static_cast<int>(k); };
            parts.push_back(sampled && end - first > 1 ? &*std::find_if(found.begin(), found.end(), is_wanted) : &found[k]);
        }
        translations.push_back(join(window, line, parts));
    }
    std::stable_sort(translations.begin(), translations.end(),
                     [](const Translation& a, const Translation& b) { return a.score > b.score; });
    return translations;
}

// Translations of the segments of a line as one: the score is that of all their tokens together.
Translation Translator::join(const Window& window, std::size_t line, const std::vector<const Hypothesis*>& parts) const {
    Translation joined;
    double coverage = 0;
    for (const Hypothesis* part : parts) {
        const std::string text = target_.decode(part->tokens);
        if (!joined.text.empty() && !text.empty()) joined.text += ' ';
        joined.text += text;
        joined.log_probability += part->log_probability;
        coverage += part->coverage;
        joined.token_log_probs.insert(joined.token_log_probs.end(), part->token_log_probs.begin(), part->token_log_probs.end());
    }
    joined.score = normalized_score(joined.log_probability, joined.token_log_probs.size(), options_.search.scoring()) + coverage;
    if (!options_.alignment.empty()) joined.alignment = align(window, line, parts);
    return joined;
}

// The links of a line: its segments' ones, counted through.
std::vector<AlignmentLink> Translator::align(const Window& window, std::size_t line, const std::vector<const Hypothesis*>& parts) const {
    const Window::Line& of = window.lines[line];
    std::vector<AlignmentLink> links;
    std::vector<std::string> target; // pieces
    std::size_t source = 0;          // pieces of the segments before
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const Hypothesis& part = *parts[i];
        for (std::size_t k = 0; k < part.tokens.size(); ++k) {
            links.push_back({static_cast<int>(source) + part.alignment[k], static_cast<int>(target.size())});
            // <unk> is decoded as a word of its own; segments are joined with a space.
            const std::string piece = part.tokens[k] == Tokenizer::kUnknown ? "\u2581\u2047\u2581" : target_.piece(part.tokens[k]);
            target.push_back(k == 0 ? "\u2581" + piece : piece);
        }
        source += window.segments[of.first + i].tokens.size() - 1; // </s>
    }
    if (options_.alignment == "words") return word_links(links, words_of_pieces(of.pieces), words_of_pieces(target));
    std::sort(links.begin(), links.end());
    return links;
}

} // namespace nmt
