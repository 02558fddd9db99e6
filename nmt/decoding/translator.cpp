#include "nmt/decoding/translator.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/signals.hpp"
#include "nmt/decoding/segmenter.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <string_view>
#include <thread>

namespace nmt {
namespace {

constexpr std::size_t kWindowBytes = 1 << 20;
constexpr int kBatchesInWindow = 16;

std::string_view without_carriage_return(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

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

// Line i has the segments [first_segment[i], first_segment[i + 1]).
struct Translator::Window {
    std::vector<std::vector<std::int32_t>> segments;
    std::vector<std::vector<Hypothesis>> hypotheses; // of each segment; none yet: not translated
    std::vector<std::size_t> first_segment = {0};

    std::size_t lines() const { return first_segment.size() - 1; }

    // How many lines, from the first one on, have all of their segments translated.
    std::size_t complete_lines() const {
        const auto missing = std::find_if(hypotheses.begin(), hypotheses.end(), [](const auto& found) { return found.empty(); });
        const auto translated = static_cast<std::size_t>(missing - hypotheses.begin());
        return static_cast<std::size_t>(std::upper_bound(first_segment.begin(), first_segment.end(), translated) - first_segment.begin()) -
               1;
    }
};

void TranslatorOptions::describe(OptionTable& table) {
    table.add("batch-size", batch_size, "sentences translated at once", 1, 1'000'000);
    table.add("window", window, "lines read ahead to be sorted by length; 0: 16 batches", 0);
    table.add("max-source-length", max_source_length, "tokens, </s> counted; longer lines are translated in pieces", 2);
    search.describe(table);
}

Translator::Translator(Model& model, const Tokenizer& source, const Tokenizer& target, const TranslatorOptions& options)
    : model_(model), source_(source), target_(target), options_(options) {
    options.search.validate();
    check(options.batch_size > 0, "batch-size = {}: expected at least 1", options.batch_size);
    check(options.max_source_length > 1, "max-source-length = {}: expected room for a token and </s>", options.max_source_length);
    check_vocabulary("source", source, model.vocabulary().source);
    check_vocabulary("target", target, model.vocabulary().target);
}

std::vector<std::string> Translator::translate(const std::vector<std::string>& lines) {
    std::vector<std::string> texts;
    texts.reserve(lines.size());
    for (std::vector<Translation>& translations : translate_n_best(lines)) texts.push_back(std::move(translations.front().text));
    return texts;
}

std::vector<std::vector<Translation>> Translator::translate_n_best(const std::vector<std::string>& lines) {
    Window window = prepare(lines);
    if (!run(window)) stop(statistics_.lines);
    std::vector<std::vector<Translation>> results;
    results.reserve(lines.size());
    for (std::size_t line = 0; line < lines.size(); ++line) results.push_back(finish_line(window, line));
    return results;
}

void Translator::translate_stream(LineReader& reader, LineWriter& writer, const Report& report) {
    std::uint64_t written = 0;
    std::vector<std::string> lines;
    for (;;) {
        if (!wait_for_line(reader)) stop(written);
        if (!read_window(reader, lines)) return;
        Window window = prepare(lines);
        const bool finished = run(window);
        const std::size_t complete = window.complete_lines();
        for (std::size_t line = 0; line < complete; ++line) write_line(writer, written++, finish_line(window, line));
        writer.flush();
        if (!finished) stop(written);
        if (report) report(statistics_);
    }
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

Translator::Window Translator::prepare(const std::vector<std::string>& lines) {
    const Stopwatch watch;
    Window window;
    for (const std::string& line : lines) {
        const std::string_view text = without_carriage_return(line);
        if (!is_blank(text))
            for (std::vector<std::int32_t>& segment : segment_line(source_, text, options_.max_source_length))
                window.segments.push_back(std::move(segment));
        window.first_segment.push_back(window.segments.size());
    }
    window.hypotheses.resize(window.segments.size());
    statistics_.seconds += watch.seconds();
    return window;
}

// Translates the segments, the longest first, in batches of similar length. False when a signal asked to stop before the end.
bool Translator::run(Window& window) {
    if (stop_signal() != 0) return false;
    const Stopwatch watch;
    std::vector<std::size_t> order(window.segments.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto longer = [&](std::size_t a, std::size_t b) { return window.segments[a].size() > window.segments[b].size(); };
    std::stable_sort(order.begin(), order.end(), longer);
    const auto batch_size = static_cast<std::size_t>(options_.batch_size);
    std::size_t begin = 0;
    for (; begin < order.size() && stop_signal() == 0; begin += batch_size) {
        const std::size_t end = std::min(begin + batch_size, order.size());
        run_batch(window, {order.begin() + static_cast<std::ptrdiff_t>(begin), order.begin() + static_cast<std::ptrdiff_t>(end)});
    }
    statistics_.seconds += watch.seconds();
    return begin >= order.size();
}

void Translator::run_batch(Window& window, const std::vector<std::size_t>& batch) {
    Sequences source;
    for (const std::size_t segment : batch) source.add(window.segments[segment]);
    std::vector<std::vector<Hypothesis>> found = search(model_, source, options_.search);
    for (std::size_t i = 0; i < batch.size(); ++i) {
        const Hypothesis& best = found[i].front();
        statistics_.target_tokens += best.token_log_probs.size();
        statistics_.truncated += best.truncated ? 1 : 0;
        window.hypotheses[batch[i]] = std::move(found[i]);
    }
    statistics_.segments += batch.size();
    statistics_.source_tokens += static_cast<std::uint64_t>(source.total());
}

// The translations of a line whose segments are all translated. Counts the line.
std::vector<Translation> Translator::finish_line(const Window& window, std::size_t line) {
    const std::size_t first = window.first_segment[line], end = window.first_segment[line + 1];
    ++statistics_.lines;
    statistics_.blank_lines += end == first ? 1 : 0;
    statistics_.split_lines += end - first > 1 ? 1 : 0;
    if (end - first != 1) return {join(window, first, end)};
    std::vector<Translation> translations;
    for (const Hypothesis& hypothesis : window.hypotheses[first])
        translations.push_back({target_.decode(hypothesis.tokens), hypothesis.log_probability, hypothesis.score});
    return translations;
}

// The best translations of some segments as one: the score is that of all their tokens together.
Translation Translator::join(const Window& window, std::size_t first, std::size_t end) const {
    Translation joined;
    std::size_t length = 0;
    for (std::size_t segment = first; segment < end; ++segment) {
        const Hypothesis& best = window.hypotheses[segment].front();
        const std::string text = target_.decode(best.tokens);
        if (!joined.text.empty() && !text.empty()) joined.text += ' ';
        joined.text += text;
        joined.log_probability += best.log_probability;
        length += best.token_log_probs.size();
    }
    if (length > 0) joined.score = normalized_score(joined.log_probability, length, options_.search.scoring());
    return joined;
}

void Translator::write_line(LineWriter& writer, std::uint64_t number, const std::vector<Translation>& translations) const {
    if (options_.search.n_best == 1) {
        writer.write(translations.front().text);
        return;
    }
    for (const Translation& translation : translations)
        writer.write(
            fmt::format("{} ||| {} ||| F0= {:.6f} ||| {:.6f}", number, translation.text, translation.log_probability, translation.score));
}

} // namespace nmt
