#include "nmt/decoding/window.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/random.hpp"
#include "nmt/decoding/segmenter.hpp"

#include <algorithm>
#include <numeric>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace nmt {
namespace {

constexpr std::size_t kWindowBytes = 1 << 20;
constexpr int kBatchesInWindow = 16;
constexpr int kTokensOfSentence = 16; // batches of longer ones hold fewer, so that memory does not grow with their length

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r\v\f") == std::string_view::npos; }

// The tokens that the translation of a line, or of its first segment, begins with.
std::vector<std::int32_t> prefix_tokens(const Tokenizer& target, const std::string& prefix, int longest, std::uint64_t line) {
    if (is_blank(prefix)) return {};
    std::vector<std::int32_t> tokens = target.encode(prefix);
    check(tokens.size() < static_cast<std::size_t>(longest),
          "line {}: its prefix has {} tokens, but its translation may have at most {}, </s> counted; shorten the prefix, or raise "
          "max-length-offset, max-length-factor or max-length",
          line + 1, tokens.size(), longest);
    check(std::find(tokens.begin(), tokens.end(), Tokenizer::kUnknown) == tokens.end(),
          "line {}: its prefix '{}' holds text that the target tokenizer does not know, so no translation can begin with it", line + 1,
          prefix);
    return tokens;
}

} // namespace

std::size_t Window::complete_lines() const {
    const auto is_missing = [](const Segment& segment) { return segment.hypotheses.empty(); };
    const auto begin = segments.begin();
    const auto is_incomplete = [&](const Line& line) {
        return std::any_of(begin + static_cast<std::ptrdiff_t>(line.first), begin + static_cast<std::ptrdiff_t>(line.end), is_missing);
    };
    return static_cast<std::size_t>(std::find_if(lines.begin(), lines.end(), is_incomplete) - lines.begin());
}

bool read_window(LineReader& reader, const TranslatorOptions& options, std::vector<std::string>& lines) {
    const auto most = static_cast<std::size_t>(options.window > 0 ? options.window : options.batch_size * kBatchesInWindow);
    lines.clear();
    std::size_t bytes = 0;
    std::string line;
    while (lines.size() < most && bytes < kWindowBytes && (lines.empty() || reader.ready()) && reader.next(line)) {
        bytes += line.size();
        lines.push_back(std::move(line));
    }
    return !lines.empty();
}

Window prepare_window(const std::vector<std::string>& lines, const std::vector<std::string>& prefixes, std::uint64_t first_line,
                      const Tokenizer& source, const Tokenizer& target, const TranslatorOptions& options) {
    Window window;
    std::unordered_map<std::string, std::size_t> seen; // text and prefix, and the line that they were first met in
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::uint64_t number = first_line + i;
        const std::string_view text = without_carriage_return(lines[i]);
        const std::string prefix(prefixes.empty() ? std::string_view() : without_carriage_return(prefixes[i]));
        Window::Line& line = window.lines.emplace_back();
        line.first = line.end = window.segments.size();
        if (is_blank(text)) continue;
        if (!options.search.sampling) {
            const auto [first, is_new] = seen.try_emplace(fmt::format("{}\n{}", text, prefix), i);
            if (!is_new) {
                line = window.lines[first->second];
                line.repeated = line.end > line.first;
                continue;
            }
        }
        for (std::vector<std::int32_t>& tokens :
             segment_line(source, text, options.max_source_length, options.alignment.empty() ? nullptr : &line.pieces)) {
            SentenceOptions asked{.stream = Random(number, window.segments.size() - line.first).next()};
            if (window.segments.size() == line.first)
                asked.prefix = prefix_tokens(target, prefix, options.search.max_length_for(static_cast<int>(tokens.size())), number);
            window.segments.push_back({std::move(tokens), std::move(asked), {}});
        }
        line.end = window.segments.size();
    }
    return window;
}

std::vector<std::vector<std::size_t>> cut_into_batches(const Window& window, const TranslatorOptions& options, std::size_t workers) {
    std::vector<std::size_t> order(window.segments.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto length = [&](std::size_t segment) { return window.segments[segment].tokens.size(); };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return length(a) > length(b); });

    const auto batch_size = static_cast<std::size_t>(options.batch_size);
    const std::size_t most = std::clamp<std::size_t>((order.size() + workers - 1) / workers, 1, batch_size);
    const std::size_t most_tokens =
        options.batch_tokens > 0 ? static_cast<std::size_t>(options.batch_tokens) : kTokensOfSentence * batch_size;
    std::vector<std::vector<std::size_t>> batches;
    for (std::span<const std::size_t> rest = order; !rest.empty();) {
        const std::size_t fitting = most_tokens / std::max<std::size_t>(length(rest.front()), 1);
        const std::size_t count = std::min({most, std::max<std::size_t>(fitting, 1), rest.size()});
        batches.emplace_back(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(count));
        rest = rest.subspan(count);
    }
    return batches;
}

} // namespace nmt
