#include "nmt/decoding/window.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/random.hpp"
#include "nmt/data/line_shape.hpp"
#include "nmt/data/sentence_splitter.hpp"
#include "nmt/decoding/segmenter.hpp"

#include <algorithm>
#include <memory>
#include <numeric>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace nmt {
namespace {

constexpr std::size_t kWindowBytes = 1 << 20;
constexpr int kTokensOfSentence = 16; // batches of longer ones hold fewer, so that memory does not grow with their length

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r\v\f") == std::string_view::npos; }

// The target tokenizer's tokens_inside_words, worked out where they are needed.
class TokensInsideWords {
  public:
    explicit TokensInsideWords(const Tokenizer& target) : target_(target) {}
    const std::shared_ptr<const std::vector<std::int32_t>>& operator()() {
        if (!tokens_) tokens_ = std::make_shared<const std::vector<std::int32_t>>(tokens_inside_words(target_));
        return tokens_;
    }

  private:
    const Tokenizer& target_;
    std::shared_ptr<const std::vector<std::int32_t>> tokens_;
};

void check_room(const Prefix& prefix, int longest, std::uint64_t line) {
    check(prefix.tokens.size() < static_cast<std::size_t>(longest),
          "line {}: its prefix has {} tokens, but its translation may have at most {}, </s> counted; shorten the prefix, or raise "
          "max-length-offset, max-length-factor or max-length",
          line + 1, prefix.tokens.size(), longest);
}

// The parts that a line is translated in: its sentences, where that is asked for, or all of it.
std::vector<Sentence> parts_of(Window::Line& line, const TranslatorOptions& options) {
    const bool automatic = options.sentences == "auto";
    if (automatic || options.sentences == "split") {
        std::vector<Sentence> sentences = split_sentences(line.text);
        const auto usual = static_cast<std::size_t>(automatic ? std::max(options.usual_sentences, 1) : 1);
        const bool refrains = automatic && (options.usual_sentences == 0 || !line.prefix.text.empty() || options.search.n_best > 1 ||
                                            options.search.sampling.has_value());
        line.unusual = refrains && sentences.size() > usual;
        if (!refrains && sentences.size() > usual) {
            line.sentences = sentences.size();
            return sentences;
        }
    }
    return {{"", line.text}};
}

// Appends the segments of the last line.
void add_segments(const Tokenizer& source, const TranslatorOptions& options, Window& window) {
    Window::Line& line = window.lines.back();
    for (const Sentence& sentence : parts_of(line, options)) {
        std::string separator(sentence.separator);
        std::replace(separator.begin(), separator.end(), '\n', ' '); // a translation is one line
        const auto begin = static_cast<std::size_t>(sentence.text.data() - line.text.data());
        std::vector<LineSegment> segments =
            segment_line(source, sentence.text, options.max_source_length, options.search.alignment ? Spans::wanted : Spans::not_wanted);
        line.cut = line.cut || segments.size() > 1;
        for (LineSegment& segment : segments) {
            for (TextSpan& span : segment.spans) span = {begin + span.begin, begin + span.end};
            window.segments.push_back({std::move(segment.tokens), std::move(segment.spans), {}, std::move(separator), {}});
            separator.assign(1, ' '); // between the segments of a sentence
        }
    }
    line.end = window.segments.size();
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

bool read_window(LineReader& reader, std::size_t most, std::vector<std::string>& lines) {
    lines.clear();
    std::size_t bytes = 0;
    std::string line;
    while (lines.size() < most && bytes < kWindowBytes && (lines.empty() || reader.ready()) && reader.next(line)) {
        bytes += line.size();
        lines.push_back(std::move(line));
    }
    return !lines.empty();
}

Window prepare_window(const NumberedLines& numbered, const Tokenizer& source, const Tokenizer& target, const TranslatorOptions& options) {
    const auto& [lines, prefixes, first_line] = numbered;
    Window window;
    TokensInsideWords inside_words(target);
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
        line.text = text;
        if (!is_blank(prefix)) line.prefix = encode_prefix(target, prefix);
        add_segments(source, options, window);
        for (std::size_t segment = line.first; segment < line.end; ++segment)
            window.segments[segment].asked.stream = Random(number, segment - line.first).next();
        if (line.end == line.first) continue;
        SentenceOptions& asked = window.segments[line.first].asked;
        check_room(line.prefix, options.search.max_length_for(static_cast<int>(window.segments[line.first].tokens.size())), number);
        asked.prefix = line.prefix.tokens;
        if (line.prefix.ends_in_space) asked.not_after_prefix = inside_words();
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

namespace {

// What is written for the unknown pieces of a segment's translation.
UnknownText unknown_text(const Window::Line& line, const Window::Segment& segment, const Hypothesis& found, const std::string& unknown) {
    if (unknown == "allow") return {};
    if (unknown == "forbid") return [](std::size_t) { return std::string(); };
    return [&](std::size_t position) {
        const auto aligned = static_cast<std::size_t>(found.alignment[position]);
        return aligned < segment.spans.size()
                   ? copied_text(line.text, words_of(line.text), segment.spans[aligned], segment.tokens[aligned] == Tokenizer::kUnknown)
                   : std::string();
    };
}

// Appends the text of a segment.
void append(DecodedText& joined, const std::string& separator, const DecodedText& part) {
    if (!joined.text.empty() && !part.text.empty()) joined.text += separator;
    const std::size_t begin = joined.text.size();
    joined.text += part.text;
    for (const TextSpan& span : part.spans) joined.spans.push_back({begin + span.begin, begin + span.end});
}

// The links of a line: its segments' ones, counted through.
std::vector<AlignmentLink> align(const Window& window, const Window::Line& line, const std::vector<const Hypothesis*>& parts,
                                 const DecodedText& target, bool of_words) {
    std::vector<AlignmentLink> links;
    std::vector<TextSpan> source; // of the tokens of the segments so far
    int position = 0;             // target token
    for (std::size_t i = 0; i < parts.size(); ++i) {
        for (const std::int32_t aligned : parts[i]->alignment) links.push_back({static_cast<int>(source.size()) + aligned, position++});
        const std::vector<TextSpan>& spans = window.segments[line.first + i].spans;
        source.insert(source.end(), spans.begin(), spans.end());
    }
    if (of_words)
        return word_links(links, words_of_pieces(words_of(line.text), source), words_of_pieces(words_of(target.text), target.spans));
    std::sort(links.begin(), links.end());
    return links;
}

// The text of a segment's translation; its spans only where links need them.
DecodedText text_of_segment(const Window::Line& line, const Window::Segment& segment, const Hypothesis& found, const Tokenizer& target,
                            const TranslatorOptions& options, const Prefix& prefix) {
    const auto& tokens = found.tokens;
    const bool holds_unknown = options.unknown != "allow" && std::find(tokens.begin(), tokens.end(), Tokenizer::kUnknown) != tokens.end();
    if (prefix.text.empty() && !options.search.alignment && !holds_unknown) return {target.decode(tokens), {}};
    return text_of(target, tokens, prefix, unknown_text(line, segment, found, options.unknown));
}

// Translations of the segments of a line as one: the score is that of all their tokens together.
Translation join(const Window& window, const Window::Line& line, const std::vector<const Hypothesis*>& parts, const Tokenizer& target,
                 const TranslatorOptions& options) {
    Translation joined;
    DecodedText text;
    double coverage = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const Hypothesis* const part = parts[i];
        const Window::Segment& segment = window.segments[line.first + i];
        append(text, segment.separator, text_of_segment(line, segment, *part, target, options, i == 0 ? line.prefix : Prefix()));
        joined.log_probability += part->log_probability;
        coverage += part->coverage;
        joined.token_log_probs.insert(joined.token_log_probs.end(), part->token_log_probs.begin(), part->token_log_probs.end());
    }
    joined.score = normalized_score(joined.log_probability, joined.token_log_probs.size(), options.search.scoring()) + coverage;
    if (!options.alignment.empty()) joined.alignment = align(window, line, parts, text, options.alignment == "words");
    joined.text = std::move(text.text);
    return joined;
}

} // namespace

std::vector<Translation> translations_of_line(const Window& window, std::size_t number, const Tokenizer& target,
                                              const TranslatorOptions& options) {
    const Window::Line& line = window.lines[number];
    if (line.end == line.first) return {Translation()};
    const bool one_segment = line.end - line.first == 1, sampled = options.search.sampling.has_value();
    std::vector<Translation> translations;
    // The k-th of each segment: of a line that is cut only the best go together, or samples of the same number.
    const std::size_t count = one_segment || sampled ? window.segments[line.first].hypotheses.size() : 1;
    for (std::size_t k = 0; k < count; ++k) {
        std::vector<const Hypothesis*> parts;
        for (std::size_t segment = line.first; segment < line.end; ++segment) {
            const std::vector<Hypothesis>& found = window.segments[segment].hypotheses;
            const auto is_wanted = [&](const Hypothesis& hypothesis) { return hypothesis.sample == static_cast<int>(k); };
            parts.push_back(sampled && !one_segment ? &*std::find_if(found.begin(), found.end(), is_wanted) : &found[k]);
        }
        translations.push_back(join(window, line, parts, target, options));
    }
    std::stable_sort(translations.begin(), translations.end(),
                     [](const Translation& a, const Translation& b) { return a.score > b.score; });
    return translations;
}

} // namespace nmt
