#include "nmt/decoding/segmenter.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/utf8.hpp"

#include <algorithm>
#include <optional>

namespace nmt {
namespace {

// How good a place before a piece is for a cut.
enum class Place { inside_character, inside_word, white_space, clause_end, sentence_end };

constexpr std::u32string_view kSentenceMarks = U".!?…。！？｡．؟।॥۔";
constexpr std::u32string_view kClauseMarks = U";:,、،；：，､؛";
constexpr std::u32string_view kClosers = U"\"'”’»›)]}」』）】》〉］";
constexpr std::u32string_view kSpaces = U" \t\u2581\u00a0\u3000";

bool contains(std::u32string_view set, char32_t c) { return set.find(c) != std::u32string_view::npos; }

// From here on are the scripts of East Asia, which put no white space between sentences.
bool is_east_asian(char32_t c) { return c >= 0x2e80 && c != kNoCharacter; }

// Reads a line character by character and says what kind of place lies before each.
class PlaceFinder {
  public:
    Place before(char32_t c) {
        const std::optional<Place> ended = ended_;
        if (contains(kSentenceMarks, c)) ended_ = Place::sentence_end;
        else if (contains(kClauseMarks, c)) ended_ = std::max(ended_.value_or(Place::clause_end), Place::clause_end);
        else if (!contains(kClosers, c)) return before_text(c, ended);
        return Place::inside_word;
    }

  private:
    Place before_text(char32_t c, std::optional<Place> ended) {
        ended_.reset();
        if (contains(kSpaces, c)) return ended.value_or(Place::white_space);
        return is_east_asian(c) ? ended.value_or(Place::inside_word) : Place::inside_word;
    }

    std::optional<Place> ended_; // by a mark, with nothing but marks and closers behind it
};

// Whether a piece is a byte that goes on with a character: "<0x80>" to "<0xBF>", where a tokenizer spells in bytes.
bool continues_character(std::string_view piece) {
    return piece.size() == 6 && piece.starts_with("<0x") && piece.ends_with('>') &&
           std::string_view("89AB").find(piece[3]) != std::string_view::npos;
}

// The place before each piece.
std::vector<Place> places_before(std::span<const Piece> pieces) {
    std::vector<Place> places;
    places.reserve(pieces.size());
    PlaceFinder finder;
    for (const Piece& piece : pieces) {
        places.push_back(Place::inside_word);
        for (std::size_t position = 0; position < piece.text.size();) {
            const bool first = position == 0;
            const Place place = finder.before(next_character(piece.text, position));
            if (first) places.back() = place;
        }
        if (continues_character(piece.text)) places.back() = Place::inside_character;
    }
    return places;
}

} // namespace

std::vector<std::size_t> segment_ends(std::span<const Piece> pieces, std::size_t longest) {
    check(longest > 0, "segments of 0 pieces: expected at least 1");
    if (pieces.size() <= longest) return pieces.empty() ? std::vector<std::size_t>{} : std::vector<std::size_t>{pieces.size()};
    const std::vector<Place> places = places_before(pieces);
    std::vector<std::size_t> ends;
    std::size_t begin = 0;
    while (pieces.size() - begin > longest) {
        std::size_t end = begin + longest;
        for (std::size_t i = end; i > begin; --i)
            if (places[i] > places[end]) end = i;
        ends.push_back(end);
        begin = end;
    }
    if (begin < pieces.size()) ends.push_back(pieces.size());
    return ends;
}

std::vector<LineSegment> segment_line(const Tokenizer& tokenizer, std::string_view line, int max_length, Spans spans) {
    check(max_length > 1, "segments of at most {} tokens: expected room for one and </s>", max_length);
    if (spans == Spans::not_wanted) { // to find them takes as long as to encode
        std::vector<std::int32_t> tokens = tokenizer.encode(line);
        if (tokens.empty()) return {};
        if (std::ssize(tokens) < max_length) {
            tokens.push_back(Tokenizer::kEndOfSentence);
            return {{std::move(tokens), {}}};
        }
    }
    const std::vector<Piece> pieces = tokenizer.encode_with_spans(line);
    std::vector<LineSegment> segments;
    std::size_t begin = 0;
    for (const std::size_t end : segment_ends(pieces, static_cast<std::size_t>(max_length - 1))) {
        LineSegment& segment = segments.emplace_back();
        segment.tokens.reserve(end - begin + 1);
        segment.spans.reserve(end - begin);
        for (; begin < end; ++begin) {
            segment.tokens.push_back(pieces[begin].id);
            segment.spans.push_back(pieces[begin].span);
        }
        segment.tokens.push_back(Tokenizer::kEndOfSentence);
    }
    return segments;
}

} // namespace nmt
