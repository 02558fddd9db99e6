#include "nmt/decoding/window.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/random.hpp"
#include "nmt/data/sentence_splitter.hpp"
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
constexpr int kTokensOfSentence = 16; // batches of longer ones hold fewer, so that memory does not grow with their length

// Whether a piece begins with white space, or does not.
void set_space_mark(std::string& piece, bool wanted) {
    const bool has_mark = piece.starts_with(Tokenizer::kSpaceMark);
    if (wanted && !has_mark) piece.insert(0, Tokenizer::kSpaceMark);
    if (!wanted && has_mark) piece.erase(0, Tokenizer::kSpaceMark.size());
}

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

// The parts that a line is translated in: its sentences, where that is asked for, or all of it.
std::vector<Sentence> parts_of(std::string_view text, bool has_prefix, const TranslatorOptions& options, Window::Line& line) {
    const bool automatic = options.sentences == "auto";
    if (automatic || options.sentences == "split") {
        std::vector<Sentence> sentences = split_sentences(text);
        const auto usual = static_cast<std::size_t>(automatic ? std::max(options.usual_sentences, 1) : 1);
        const bool refrains =
            automatic && (options.usual_sentences == 0 || has_prefix || options.search.n_best > 1 || options.search.sampling.has_value());
        line.unusual = refrains && sentences.size() > usual;
        if (!refrains && sentences.size() > usual) {
            line.sentences = sentences.size();
            return sentences;
        }
    }
    return {{"", text}};
}

// Appends the segments of a line.
void add_segments(std::string_view text, bool has_prefix, const Tokenizer& source, const TranslatorOptions& options, Window& window) {
    Window::Line& line = window.lines.back();
    for (const Sentence& sentence : parts_of(text, has_prefix, options, line)) {
        std::string separator(sentence.separator);
        std::replace(separator.begin(), separator.end(), '\n', ' '); // a translation is one line
        const std::size_t pieces = line.pieces.size();
        std::vector<std::vector<std::int32_t>> segments =
            segment_line(source, sentence.text, options.max_source_length, options.alignment.empty() ? nullptr : &line.pieces);
        line.cut = line.cut || segments.size() > 1;
        if (pieces > 0 && line.pieces.size() > pieces) set_space_mark(line.pieces[pieces], !separator.empty());
        for (std::vector<std::int32_t>& tokens : segments) {
            window.segments.push_back({std::move(tokens), {}, std::move(separator), {}});
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
        add_segments(text, !is_blank(prefix), source, options, window);
        for (std::size_t segment = line.first; segment < line.end; ++segment) {
            SentenceOptions& asked = window.segments[segment].asked;
            asked.stream = Random(number, segment - line.first).next();
            const auto tokens = static_cast<int>(window.segments[segment].tokens.size());
            if (segment == line.first) asked.prefix = prefix_tokens(target, prefix, options.search.max_length_for(tokens), number);
        }
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

// The links of a line: its segments' ones, counted through.
std::vector<AlignmentLink> align(const Window& window, const Window::Line& line, const std::vector<const Hypothesis*>& parts,
                                 const Tokenizer& target_tokenizer, bool of_words) {
    std::vector<AlignmentLink> links;
    std::vector<std::string> target; // pieces
    std::size_t source = 0;          // pieces of the segments before
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const Hypothesis& part = *parts[i];
        const bool apart = target.empty() || !window.segments[line.first + i].separator.empty();
        for (std::size_t k = 0; k < part.tokens.size(); ++k) {
            links.push_back({static_cast<int>(source) + part.alignment[k], static_cast<int>(target.size())});
            // <unk> is decoded as a word of its own.
            std::string piece = part.tokens[k] == Tokenizer::kUnknown ? "\u2581\u2047\u2581" : target_tokenizer.piece(part.tokens[k]);
            if (k == 0) set_space_mark(piece, apart);
            target.push_back(std::move(piece));
        }
        source += window.segments[line.first + i].tokens.size() - 1; // </s>
    }
    if (of_words) return word_links(links, words_of_pieces(line.pieces), words_of_pieces(target));
    std::sort(links.begin(), links.end());
    return links;
}

// Translations of the segments of a line as one: the score is that of all their tokens together.
Translation join(const Window& window, const Window::Line& line, const std::vector<const Hypothesis*>& parts, const Tokenizer& target,
                 const TranslatorOptions& options) {
    Translation joined;
    double coverage = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const Hypothesis* const part = parts[i];
        const std::string text = target.decode(part->tokens);
        if (!joined.text.empty() && !text.empty()) joined.text += window.segments[line.first + i].separator;
        joined.text += text;
        joined.log_probability += part->log_probability;
        coverage += part->coverage;
        joined.token_log_probs.insert(joined.token_log_probs.end(), part->token_log_probs.begin(), part->token_log_probs.end());
    }
    joined.score = normalized_score(joined.log_probability, joined.token_log_probs.size(), options.search.scoring()) + coverage;
    if (!options.alignment.empty()) joined.alignment = align(window, line, parts, target, options.alignment == "words");
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
