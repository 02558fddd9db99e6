#include "nmt/decoding/segmenter.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/utf8.hpp"

#include <algorithm>
#include <iterator>
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
std::vector<Place> places_before(std::span<const std::string> pieces) {
    std::vector<Place> places;
    places.reserve(pieces.size());
    PlaceFinder finder;
    for (const std::string& piece : pieces) {
        places.push_back(Place::inside_word);
        for (std::size_t position = 0; position < piece.size();) {
            const bool first = position == 0;
            const Place place = finder.before(next_character(piece, position));
            if (first) places.back() = place;
        }
        if (continues_character(piece)) places.back() = Place::inside_character;
    }
    return places;
}

} // namespace

std::vector<std::size_t> segment_ends(std::span<const std::string> pieces, std::size_t longest) {
    check(longest > 0, "segments of 0 pieces: expected at least 1");
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

namespace {

// Tokenizing takes more than linear time on some texts, such as long runs of unknown characters: longer lines are cut before it.
// Lines of fewer bytes a token than this are rare, so that this limit is seldom the one that cuts.
constexpr std::size_t kBytesPerToken = 32;
constexpr std::size_t kLongestText = 8192;

// Where to end a first part of at most `limit` bytes: the last of the best places in its second half.
std::size_t end_of_part(std::string_view text, std::size_t limit) {
    if (text.size() <= limit) return text.size();
    PlaceFinder finder;
    Place best = Place::inside_word;
    std::size_t end = 0;
    for (std::size_t position = 0; position <= limit;) {
        const std::size_t start = position;
        const Place place = finder.before(next_character(text, position));
        if (start < limit / 2 || place < best) continue;
        best = place;
        end = start;
    }
    return end;
}

// Appends the segments of a text; returns its pieces, or none where nobody needs them.
std::vector<std::string> add_segments(const Tokenizer& tokenizer, std::string_view text, std::size_t longest, bool wants_pieces,
                                      std::vector<std::vector<std::int32_t>>& segments) {
    const std::vector<std::int32_t> ids = tokenizer.encode(text);
    std::vector<std::string> pieces;
    if (ids.empty()) return pieces;
    if (wants_pieces || ids.size() > longest) {
        pieces = tokenizer.encode_as_pieces(text);
        check(pieces.size() == ids.size(), "the tokenizer gave {} pieces and {} ids for one text", pieces.size(), ids.size());
    }
    const std::vector<std::size_t> ends = ids.size() > longest ? segment_ends(pieces, longest) : std::vector<std::size_t>{ids.size()};
    std::size_t begin = 0;
    for (const std::size_t end : ends) {
        std::vector<std::int32_t>& segment = segments.emplace_back();
        segment.reserve(end - begin + 1);
        segment.assign(ids.begin() + static_cast<std::ptrdiff_t>(begin), ids.begin() + static_cast<std::ptrdiff_t>(end));
        segment.push_back(Tokenizer::kEndOfSentence);
        begin = end;
    }
    return pieces;
}

// Whether a text ends, or the one behind it begins, with white space.
bool is_cut_at_space(std::string_view text, std::string_view behind) {
    const auto ends_in = [&](std::string_view space) { return text.ends_with(space) || behind.starts_with(space); };
    return ends_in(" ") || ends_in("\t") || ends_in("\u2581") || ends_in("\u00a0") || ends_in("\u3000");
}

} // namespace

std::vector<std::vector<std::int32_t>> segment_line(const Tokenizer& tokenizer, std::string_view line, int max_length,
                                                    std::vector<std::string>* pieces) {
    check(max_length > 1, "segments of at most {} tokens: expected room for one and </s>", max_length);
    const auto longest = static_cast<std::size_t>(max_length - 1);
    const std::size_t limit = std::max(kLongestText, kBytesPerToken * longest);
    std::vector<std::vector<std::int32_t>> segments;
    bool at_space = true;
    while (!line.empty()) {
        const std::string_view text = line.substr(0, end_of_part(line, limit));
        line.remove_prefix(text.size());
        std::vector<std::string> of_text = add_segments(tokenizer, text, longest, pieces != nullptr, segments);
        // The tokenizer puts white space before every text, also where one goes on with a word.
        if (!at_space && !of_text.empty() && of_text.front().starts_with(Tokenizer::kSpaceMark))
            of_text.front().erase(0, Tokenizer::kSpaceMark.size());
        at_space = is_cut_at_space(text, line);
        if (pieces != nullptr) std::move(of_text.begin(), of_text.end(), std::back_inserter(*pieces));
    }
    return segments;
}

} // namespace nmt
