// A window of lines on their way through the translator: cut into segments, these sorted into batches of similar length, and the
// translations of segments joined to those of lines.
#pragma once

#include "nmt/base/line_reader.hpp"
#include "nmt/base/strings.hpp"
#include "nmt/decoding/search.hpp"
#include "nmt/decoding/target_text.hpp"
#include "nmt/decoding/translation.hpp"
#include "nmt/decoding/translator_options.hpp"
#include "tokenizer/tokenizer.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace nmt {

struct Window {
    struct Segment {
        std::vector<std::int32_t> tokens;
        std::vector<TextSpan> spans; // of the tokens in the line, as LineSegment has them
        SentenceOptions asked;
        std::string separator;              // between the translations of the segment before and of this
        std::vector<Hypothesis> hypotheses; // none yet: not translated
    };
    struct Line {
        std::size_t first = 0, end = 0; // segments; those of an equal line before it where there is one
        bool repeated = false;
        bool cut = false;          // a sentence of it, or all of it, was too long
        std::size_t sentences = 1; // that it is translated as
        bool unusual = false;      // holds more sentences than the models are used to, but is translated whole all the same
        std::string text;          // of the source
        Prefix prefix;             // of the first segment
    };
    std::vector<Segment> segments;
    std::vector<Line> lines;

    // How many lines, from the first one on, have all of their segments translated.
    std::size_t complete_lines() const;
};

// Fills `lines` with the next ones of a window: one at least, and then as many as are there, up to `most` or a MiB. False at the end.
bool read_window(LineReader& reader, std::size_t most, std::vector<std::string>& lines);

struct NumberedLines {
    const std::vector<std::string>& lines;
    const std::vector<std::string>& prefixes; // none, or one a line
    std::uint64_t first = 0;                  // the number of the first line, from 0 on
};

// The segments of the lines.
// Throws Error, naming the line, for a prefix that leaves no room below the maximum length.
Window prepare_window(const NumberedLines& numbered, const Tokenizer& source, const Tokenizer& target, const TranslatorOptions& options);

// Batches of segments of similar length, the longest first, each segment once. Few segments are shared among all workers.
std::vector<std::vector<std::size_t>> cut_into_batches(const Window& window, const TranslatorOptions& options, std::size_t workers);

// The translations of a line whose segments are all translated, best first: n best, samples, or one of a line of several segments, joined
// with what stood between them. One empty translation for a line without segments.
std::vector<Translation> translations_of_line(const Window& window, std::size_t line, const Tokenizer& target,
                                              const TranslatorOptions& options);

} // namespace nmt
