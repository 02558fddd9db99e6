#include "nmt/data/sentence_splitter.hpp"

#include "nmt/base/utf8.hpp"
#include "nmt/data/sentence_words.hpp"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <utility>

namespace nmt {
namespace {

enum class Kind : std::uint8_t { other, space, period, ellipsis, strong_mark, upper, lower, letter, digit, emoji };

constexpr std::size_t kNone = static_cast<std::size_t>(-1);
constexpr std::size_t kLongestWord = 40;  // characters; a longer one is not looked at
constexpr std::size_t kLongestSpan = 400; // characters between brackets or quotes; behind that they are taken for stray
constexpr std::u32string_view kDoubleQuotes = U"\"“”„«»‟〝〞";
constexpr std::u32string_view kSingleQuotes = U"'‘’‚‛‹›";
constexpr std::u32string_view kContinuing = U",;:،؛、，；：";

struct Character {
    std::size_t offset; // in the line
    char32_t code;
    Kind kind;
    std::size_t partner = kNone; // of a bracket or quote that is closed: the other one
    bool closes = false;         // is the second of the two

    bool opens() const { return partner != kNone && !closes; }
};

bool contains(std::u32string_view set, char32_t c) { return set.find(c) != std::u32string_view::npos; }
bool is_quote(char32_t c) { return contains(kDoubleQuotes, c) || contains(kSingleQuotes, c); }
bool is_mark(Kind kind) { return kind == Kind::period || kind == Kind::ellipsis || kind == Kind::strong_mark; }
bool is_cased(Kind kind) { return kind == Kind::upper || kind == Kind::lower; }
bool is_letter(Kind kind) { return is_cased(kind) || kind == Kind::letter; }
bool is_word(Kind kind) { return is_letter(kind) || kind == Kind::digit; }
// From here on are the scripts that put no white space between sentences; Korean is not among them.
bool is_east_asian(char32_t c) { return c >= 0x2e80 && !(c >= 0xac00 && c < 0xd7b0); }

bool has_script(char32_t c, UScriptCode script) {
    UErrorCode status = U_ZERO_ERROR;
    return uscript_getScript(static_cast<UChar32>(c), &status) == script;
}

Kind find_kind(UChar32 c) {
    constexpr std::pair<USentenceBreak, Kind> kKinds[] = {
        {U_SB_SP, Kind::space},       {U_SB_SEP, Kind::space},         {U_SB_CR, Kind::space},    {U_SB_LF, Kind::space},
        {U_SB_ATERM, Kind::period},   {U_SB_STERM, Kind::strong_mark}, {U_SB_UPPER, Kind::upper}, {U_SB_LOWER, Kind::lower},
        {U_SB_OLETTER, Kind::letter}, {U_SB_NUMERIC, Kind::digit}};
    const int property = u_getIntPropertyValue(c, UCHAR_SENTENCE_BREAK);
    for (const auto& [value, kind] : kKinds)
        if (value == property) return kind;
    if (c == 0x17d4 || c == 0x17d5) return Kind::strong_mark; // of Khmer: later versions of Unicode have them among their marks
    if (c == 0x2026 || c == 0x22ef) return Kind::ellipsis;
    const bool is_emoji = u_hasBinaryProperty(c, UCHAR_EMOJI_PRESENTATION) || u_hasBinaryProperty(c, UCHAR_EMOJI_MODIFIER);
    return is_emoji ? Kind::emoji : Kind::other;
}

Kind kind_of(UChar32 c) {
    static const std::array<Kind, 128> ascii = [] {
        std::array<Kind, 128> kinds{};
        for (UChar32 a = 0; a < 128; ++a) kinds[static_cast<std::size_t>(a)] = find_kind(a);
        return kinds;
    }();
    return c < 128 ? ascii[static_cast<std::size_t>(c)] : find_kind(c);
}

// Accents, joiners and marks of direction belong to the character before them.
bool extends(UChar32 c) {
    if (c < 0x80) return false;
    const int property = u_getIntPropertyValue(c, UCHAR_SENTENCE_BREAK);
    return property == U_SB_EXTEND || property == U_SB_FORMAT;
}

// The character at the "&" at `i`, which moves behind it: Moses' tokenizer escapes some.
char32_t next_escape(std::string_view line, std::size_t& i) {
    constexpr std::pair<std::string_view, char> kEscapes[] = {{"&quot;", '"'}, {"&apos;", '\''}, {"&#91;", '['}, {"&#93;", ']'}};
    for (const auto& [escape, character] : kEscapes)
        if (line.substr(i).starts_with(escape)) {
            i += escape.size();
            return character;
        }
    ++i;
    return '&';
}

std::vector<Character> read_characters(std::string_view line) {
    std::vector<Character> characters;
    characters.reserve(line.size() + 1);
    for (std::size_t i = 0; i < line.size();) {
        const std::size_t offset = i;
        const char32_t c = line[i] == '&' ? next_escape(line, i) : next_character(line, i);
        if (c == kNoCharacter) {
            characters.push_back({offset, c, Kind::other});
            continue;
        }
        const bool follows = !characters.empty() && characters.back().kind != Kind::space;
        if (follows && extends(c)) continue;
        // A semicolon is the question mark of Greek.
        const bool greek_question = (c == ';' || c == 0x37e) && follows && has_script(characters.back().code, USCRIPT_GREEK);
        characters.push_back({offset, c, greek_question ? Kind::strong_mark : kind_of(c)});
    }
    return characters;
}

// Finds which brackets and double quotes belong together. Quotes that look alike open and close in turn, if there is an even number.
class Pairing {
  public:
    explicit Pairing(std::vector<Character>& characters) : characters_(characters) {
        const auto count = std::count_if(characters.begin(), characters.end(), [](const Character& c) { return c.code == U'"'; });
        straight_quotes_ = count % 2 == 0;
    }

    void run() {
        for (std::size_t i = 0; i < characters_.size(); ++i) {
            const char32_t c = characters_[i].code;
            if (contains(kDoubleQuotes, c)) see_quote(i);
            else if (characters_[i].kind == Kind::other) see_bracket(i);
        }
    }

  private:
    static bool closes(char32_t open, char32_t c) {
        constexpr std::pair<char32_t, std::u32string_view> kClosers[] = {{U'"', U"\""}, {U'“', U"”"}, {U'”', U"”"},
                                                                         {U'„', U"“”"}, {U'«', U"»"}, {U'»', U"«»"}};
        for (const auto& [opening, closers] : kClosers)
            if (opening == open) return contains(closers, c);
        return false;
    }

    void see_quote(std::size_t i) {
        const char32_t c = characters_[i].code;
        if (c == U'"' && !straight_quotes_) return;
        if (quote_ != kNone && closes(characters_[quote_].code, c)) {
            join(quote_, i);
            quote_ = kNone;
        } else if (can_open(i)) {
            quote_ = i;
        }
    }

    // Not behind a word and before white space or a mark.
    bool can_open(std::size_t i) const {
        if (i == 0 || characters_[i - 1].kind == Kind::space) return true;
        const Character* const next = i + 1 < characters_.size() ? &characters_[i + 1] : nullptr;
        return next != nullptr && next->kind != Kind::space && !is_mark(next->kind) && !contains(kContinuing, next->code);
    }

    void see_bracket(std::size_t i) {
        const auto c = static_cast<UChar32>(characters_[i].code);
        const int type = u_getIntPropertyValue(c, UCHAR_BIDI_PAIRED_BRACKET_TYPE);
        if (type == U_BPT_OPEN) brackets_.push_back(i);
        if (type != U_BPT_CLOSE) return;
        if (brackets_.empty() || u_getBidiPairedBracket(static_cast<UChar32>(characters_[brackets_.back()].code)) != c) {
            brackets_.clear(); // of another kind: stray, all of them
            return;
        }
        join(brackets_.back(), i);
        brackets_.pop_back();
    }

    void join(std::size_t open, std::size_t close) {
        if (close - open > kLongestSpan) return;
        characters_[open].partner = close;
        characters_[close].partner = open;
        characters_[close].closes = true;
    }

    std::vector<Character>& characters_;
    std::vector<std::size_t> brackets_; // open
    std::size_t quote_ = kNone;         // open
    bool straight_quotes_ = true;
};

// Marks that may end a sentence, with what closes behind them.
struct Ending {
    std::size_t mark = 0, end = 0; // the first mark, and behind the last mark or closer
    std::size_t next = 0;          // behind the white space that follows
    char32_t last_mark = 0;
    std::size_t marks = 0;
    bool strong = false, ellipsis = false; // one of the marks is no period; dots in a row
    bool closed = false, quoted = false;   // closers of any kind, a quotation mark
    std::size_t bracket = kNone;           // where one was opened that is closed behind the last mark

    bool spaced() const { return next > end; }
    bool is_period() const { return !strong && !ellipsis; }
};

struct Word {
    std::size_t begin = 0, end = 0;
    std::string lower = {}; // empty if it is longer than any that is known

    bool empty() const { return begin == end; }
};

// A line as characters, and questions about them. Behind the end is white space.
class Text {
  public:
    explicit Text(std::string_view line) : line_(line), characters_(read_characters(line)), size_(line.size()) {
        while (!characters_.empty() && characters_.back().kind == Kind::space) {
            size_ = characters_.back().offset;
            characters_.pop_back();
        }
        Pairing(characters_).run();
        cased_ = std::any_of(characters_.begin(), characters_.end(), [](const Character& c) { return c.kind == Kind::upper; });
    }

    std::size_t size() const { return characters_.size(); }
    Kind kind(std::size_t i) const { return i < size() ? characters_[i].kind : Kind::space; }
    char32_t code(std::size_t i) const { return i < size() ? characters_[i].code : 0; }
    const Character& operator[](std::size_t i) const { return characters_[i]; }
    bool has_capitals() const { return cased_; }
    std::string_view between(std::size_t begin, std::size_t end) const { return line_.substr(offset(begin), offset(end) - offset(begin)); }

    std::size_t skip_spaces(std::size_t i) const {
        while (i < size() && kind(i) == Kind::space) ++i;
        return i;
    }
    std::size_t skip_spaces_back(std::size_t i) const {
        while (i > 0 && kind(i - 1) == Kind::space) --i;
        return i;
    }
    Ending read_ending(std::size_t mark) const;
    Word word_at(std::size_t begin) const;
    Word word_before(std::size_t end) const;

  private:
    std::size_t offset(std::size_t i) const { return i < size() ? characters_[i].offset : size_; }
    bool closes(std::size_t i, bool spaced) const;
    std::string lower(std::size_t begin, std::size_t end) const;

    std::string_view line_;
    std::vector<Character> characters_; // without white space at the end
    std::size_t size_;                  // bytes without it
    bool cased_ = false;
};

// Whether the character behind a mark, or behind white space behind a mark, closes what stands before.
bool Text::closes(std::size_t i, bool spaced) const {
    const Character& c = characters_[i];
    if (c.kind == Kind::emoji) return true;
    if (c.opens()) return false;
    const bool bracket = c.code == U')' || c.code == U']' || c.code == U'}' || c.closes;
    if (spaced) return bracket && !is_word(kind(i + 1));
    if (bracket || contains(U"”»›’", c.code)) return true;
    return (c.code == U'"' || c.code == U'\'') && !is_word(kind(i + 1));
}

Ending Text::read_ending(std::size_t mark) const {
    Ending e{.mark = mark, .end = mark};
    std::size_t dots = 0; // in a row
    for (std::size_t i = mark; i < size();) {
        const bool spaced = kind(i) == Kind::space;
        const std::size_t at = skip_spaces(i);
        // ".5" and ".NET" begin with a period.
        const bool starts_word = spaced && kind(at) == Kind::period && is_word(kind(at + 1));
        if (is_mark(kind(at)) && !starts_word) {
            dots = kind(at) == Kind::period ? dots + 1 : 0;
            e.ellipsis = e.ellipsis || dots > 1 || kind(at) == Kind::ellipsis;
            e.strong = e.strong || kind(at) == Kind::strong_mark;
            e.last_mark = code(at);
            e.bracket = kNone;
            ++e.marks;
            i = at + 1;
        } else if (at < size() && closes(at, spaced)) {
            e.closed = true;
            e.quoted = e.quoted || is_quote(code(at));
            if (characters_[at].closes && !is_quote(code(at))) e.bracket = characters_[at].partner;
            i = at + 1;
        } else if (!spaced && code(at) == U'[' && characters_[at].opens() && kind(at + 1) == Kind::digit) {
            i = characters_[at].partner + 1; // a reference
        } else {
            break;
        }
        e.end = i;
    }
    e.next = skip_spaces(e.end);
    return e;
}

std::string Text::lower(std::size_t begin, std::size_t end) const {
    std::string text;
    if (end - begin > kLongestWord) return text;
    const std::string_view word = between(begin, end);
    for (std::size_t i = 0; i < word.size();) {
        const char32_t c = next_character(word, i);
        append_utf8(text, c == kNoCharacter ? U'\ufffd' : static_cast<char32_t>(u_tolower(static_cast<UChar32>(c))));
    }
    return text;
}

// The letters and digits from there on.
Word Text::word_at(std::size_t begin) const {
    std::size_t end = begin;
    while (is_word(kind(end)) && end - begin <= kLongestWord) ++end;
    return {begin, end, lower(begin, end)};
}

// What stands before `end` without white space, quotes or opening brackets: "E.S.E", "Goethestr", "3.14".
Word Text::word_before(std::size_t end) const {
    const auto ends_word = [&](std::size_t i) {
        const char32_t c = code(i);
        return kind(i) == Kind::space || contains(kDoubleQuotes, c) || contains(U"([{¿¡—–/", c) || kind(i) == Kind::strong_mark ||
               (i + 1 < end && is_east_asian(c));
    };
    std::size_t begin = end;
    while (begin > 0 && !ends_word(begin - 1) && end - begin <= kLongestWord) --begin;
    while (begin < end && !is_word(kind(begin))) ++begin;
    return {begin, end, lower(begin, end)};
}

// What the words next to a mark say.
class Judge {
  public:
    // content: where the first letter or digit of the sentence is. behind_insertion: a bracket within the sentence closes behind the mark.
    Judge(const Text& text, const Ending& ending, std::size_t content, bool behind_insertion)
        : text_(text), ending_(ending), content_(content), behind_insertion_(behind_insertion),
          detached_(ending.mark > 0 && text.kind(ending.mark - 1) == Kind::space),
          before_(text.word_before(text.skip_spaces_back(ending.mark))) {}

    bool ends_sentence();

  private:
    bool find_next();
    bool ends_without_space() const;
    bool goes_on_in_lower_case() const;
    bool ends_before_number() const;
    bool ends_before_word() const;
    bool number_ends() const;
    bool numbers_an_item() const;
    bool is_dotted() const;
    bool is_initial() const;
    bool is_unit() const;
    bool is_unspeakable() const;
    bool is_plain_word() const;
    bool is_abbreviation(WordRole role) const;
    bool begins_sentence() const;

    const Text& text_;
    const Ending& ending_;
    std::size_t content_;
    bool behind_insertion_;
    bool detached_; // white space before the mark, as tokenizers put it, but not before the periods of abbreviations
    Word before_;
    std::size_t first_ = 0; // letter or digit of the next sentence
    Word next_;
};

// Words without a vowel are abbreviations as a rule; of Latin script, that is.
bool has_vowel(std::string_view word) {
    constexpr std::u32string_view kVowels = U"aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýœąęěůőű";
    bool found = false, latin = false;
    for (std::size_t i = 0; i < word.size();) {
        const char32_t c = next_character(word, i);
        latin = latin || (c >= 'a' && c < 0x250);
        found = found || contains(kVowels, c);
    }
    return found || !latin || has_role(word, WordRole::without_vowel);
}

bool Judge::ends_sentence() {
    if (!find_next()) return false;
    if (contains(kContinuing, text_.code(ending_.next))) return false;
    if (!ending_.spaced()) return ends_without_space();
    if (ending_.is_period() && numbers_an_item()) return false;
    if (text_.kind(first_) == Kind::lower && (text_.has_capitals() ? goes_on_in_lower_case() : ending_.quoted)) return false;
    if (text_.kind(first_) == Kind::digit) return ends_before_number();
    return ends_before_word();
}

// The first letter or digit behind the marks; false where there are other marks before one, or none at all.
bool Judge::find_next() {
    std::size_t i = ending_.next;
    while (i < text_.size() && !is_word(text_.kind(i)) && (!is_mark(text_.kind(i)) || is_word(text_.kind(i + 1)))) ++i;
    first_ = i;
    next_ = text_.word_at(i);
    return is_word(text_.kind(i));
}

// "end.Then" does, where both words are beyond doubt, and so do marks of scripts that put no white space behind them.
bool Judge::ends_without_space() const {
    const char32_t before = ending_.mark > 0 ? text_.code(ending_.mark - 1) : 0, next = text_.code(ending_.next);
    if (behind_insertion_) return false;
    const bool wide = is_east_asian(ending_.last_mark) && ending_.last_mark != U'．';
    if (wide) return !(ending_.closed && contains(U"とっをのが", next));
    if (ending_.is_period()) {
        if (is_east_asian(before) && is_east_asian(next) && is_word(text_.kind(ending_.next))) return true;
    } else if (ending_.strong && contains(U"¿¡", next)) {
        return true;
    } else if (ending_.strong && text_.kind(ending_.next) == Kind::letter) {
        return !(ending_.last_mark < 0x80 && is_cased(text_.kind(ending_.mark - 1)));
    }
    const bool plain = ending_.marks == 1 && !ending_.closed && is_plain_word() && before_.end - before_.begin >= 3;
    const bool whole_word = text_.kind(next_.end) == Kind::space || text_.code(next_.end) == U'\'' || text_.code(next_.end) == U'’';
    return plain && first_ == ending_.next && text_.kind(first_) == Kind::upper && whole_word && begins_sentence();
}

// Of text with capital letters elsewhere. An ordinary word with a single mark ends a sentence even so.
bool Judge::goes_on_in_lower_case() const {
    for (std::size_t i = next_.begin; i < next_.end && i < next_.begin + 3; ++i)
        if (text_.kind(i) == Kind::upper) return false; // "iPhones"
    if (ending_.marks > 1 || ending_.ellipsis || ending_.closed || first_ != ending_.next) return true;
    const std::size_t length = before_.end - before_.begin;
    return !is_plain_word() || length < 3 || (length == 3 && !detached_ && !begins_sentence());
}

bool Judge::ends_before_number() const {
    if (!ending_.is_period()) return ending_.strong;
    if (detached_ || before_.empty()) return true;
    if (text_.kind(before_.end - 1) == Kind::digit) return before_.end - before_.begin > 2; // "3. 5. 2020"
    return !is_initial() && !is_dotted() && !is_abbreviation(WordRole::title) && !is_abbreviation(WordRole::abbreviation) &&
           !is_abbreviation(WordRole::before_number) && !is_unspeakable();
}

bool Judge::ends_before_word() const {
    const Word behind = text_.word_at(text_.skip_spaces(next_.end));
    if (ending_.quoted && has_role(behind.lower, WordRole::verb_of_speaking)) return false;
    if (behind_insertion_ && !begins_sentence()) return false;
    if (ending_.ellipsis && !ending_.strong && next_.lower == "i") return false; // the capital of "I" says nothing
    if (!ending_.is_period() || detached_ || before_.empty()) return true;
    if (text_.kind(before_.end - 1) == Kind::digit) return number_ends();
    if (is_abbreviation(WordRole::title)) return false;
    if (is_initial()) {
        const bool pronoun = before_.lower == "i" || before_.lower == "я";
        if (pronoun && before_.begin > 1 && text_.kind(before_.begin - 2) == Kind::lower) return true; // "so do I."
        return begins_sentence() && !has_role(next_.lower, WordRole::name_part);
    }
    if (is_dotted() || is_abbreviation(WordRole::abbreviation) || is_unspeakable()) return begins_sentence();
    const bool numeral = next_.end == next_.begin + 1 && text_.kind(first_) == Kind::upper;
    return !(is_abbreviation(WordRole::before_number) && numeral && !begins_sentence()); // "Fig. A"
}

// "am 3. Mai", "im 19. Jahrhundert" against "in 1985. John", "I am 30. John".
bool Judge::number_ends() const {
    if (before_.end - before_.begin > 2) return true;
    if (has_role(next_.lower, WordRole::month) || has_role(next_.lower, WordRole::behind_ordinal)) return false;
    if (begins_sentence()) return true;
    const Word ahead = text_.word_before(text_.skip_spaces_back(before_.begin));
    if (!has_role(ahead.lower, WordRole::before_ordinal)) return true;
    return ahead.lower == "am" && ahead.begin > 1 && text_.word_before(ahead.begin - 1).lower == "i"; // not German
}

// The sentence so far is a number or a letter: "1. Wash the rice."
bool Judge::numbers_an_item() const {
    if (detached_ || before_.empty() || before_.begin > content_) return false;
    const std::size_t length = before_.end - before_.begin;
    const bool number = text_.kind(content_) == Kind::digit && length <= 2;
    return number || (length == 1 && is_cased(text_.kind(content_)));
}

// "U.S", "e.g", "Ph.D", "J.-P": letters, few between two periods.
bool Judge::is_dotted() const {
    std::size_t letters = 0, periods = 0;
    for (std::size_t i = before_.begin; i < before_.end; ++i) {
        if (text_.kind(i) == Kind::period) {
            ++periods;
            letters = 0;
        } else if (is_cased(text_.kind(i))) {
            if (++letters > 3) return false;
        } else if (text_.code(i) != U'-') {
            return false;
        }
    }
    return periods > 0;
}

// "mfg": consonants alone; in capitals it may be a name.
bool Judge::is_unspeakable() const {
    return before_.end - before_.begin > 1 && text_.kind(before_.end - 1) == Kind::lower && !has_vowel(before_.lower);
}

// "5 m", "8 h"
bool Judge::is_unit() const {
    const std::size_t number = text_.skip_spaces_back(before_.begin);
    return contains(U"ghlms", text_.code(before_.begin)) && number > 0 && text_.kind(number - 1) == Kind::digit;
}

// One letter, of a script where names are shortened so.
bool Judge::is_initial() const {
    if (before_.end != before_.begin + 1) return false;
    const bool part_of_word = before_.begin > 0 && contains(U"'’/", text_.code(before_.begin - 1)); // "it's" tokenized, "a/b"
    if (part_of_word || is_unit()) return false;
    if (is_cased(text_.kind(before_.begin))) return true;
    const char32_t c = text_.code(before_.begin);
    return text_.kind(before_.begin) == Kind::letter && (has_script(c, USCRIPT_ARABIC) || has_script(c, USCRIPT_HEBREW));
}

// Of letters alone, the first one small (or of a script without capitals), and no abbreviation.
bool Judge::is_plain_word() const {
    if (before_.empty() || text_.kind(before_.begin) == Kind::upper) return false;
    for (std::size_t i = before_.begin; i < before_.end; ++i)
        if (!is_letter(text_.kind(i)) && text_.code(i) != U'-' && text_.code(i) != U'\'' && text_.code(i) != U'’') return false;
    return has_vowel(before_.lower) && !is_abbreviation(WordRole::title) && !is_abbreviation(WordRole::abbreviation) &&
           !is_abbreviation(WordRole::before_number);
}

// The word before the mark, or what stands in it behind "-", "." or "'": "Dipl.-Ing", "Goethestr".
bool Judge::is_abbreviation(WordRole role) const {
    const std::string_view word = before_.lower;
    if (has_role(word, role)) return true;
    if (role == WordRole::abbreviation && word.size() > 3 && word.ends_with("str")) return true;
    const std::size_t cut = word.find_last_of("-.'&");
    return cut != std::string_view::npos && has_role(word.substr(cut + 1), role);
}

// Whether the next word often does. "L'homme" begins with an article, "L'Oréal" and "D'Angelo" do not; "A." is an initial.
bool Judge::begins_sentence() const {
    const bool one_letter = next_.end == next_.begin + 1;
    const bool apostrophe = text_.code(next_.end) == U'\'' || text_.code(next_.end) == U'’';
    if (one_letter && text_.kind(next_.end) == Kind::period) return false;
    if (one_letter && apostrophe && contains(U"ldsmtLDSMT", text_.code(first_))) return text_.kind(next_.end + 1) == Kind::lower;
    return text_.has_capitals() && has_role(next_.lower, WordRole::first_word); // in lower case it may as well go on: "e.g. on monday"
}

class Splitter {
  public:
    explicit Splitter(std::string_view line) : text_(line) {}

    std::vector<Sentence> run() {
        begin_ = text_.skip_spaces(0);
        for (std::size_t i = begin_; i < text_.size();) {
            if (!is_mark(text_.kind(i))) {
                see(i++);
                continue;
            }
            const Ending ending = text_.read_ending(i);
            for (; i < ending.end; ++i) see(i);
            if (content_ == kNone || (!open_.empty() && is_insertion(open_.back()))) continue;
            const bool behind_insertion = ending.bracket != kNone && is_insertion(ending.bracket);
            if (Judge(text_, ending, content_, behind_insertion).ends_sentence()) cut(ending);
        }
        if (begin_ < text_.size()) add(text_.size());
        return std::move(sentences_);
    }

  private:
    // What has to be known of the sentence so far.
    void see(std::size_t i) {
        if (content_ == kNone && is_word(text_.kind(i))) content_ = i;
        while (!open_.empty() && text_[open_.back()].partner <= i) open_.pop_back();
        if (text_[i].opens()) open_.push_back(i);
    }

    // Whether a bracket, or a quote that no comma or colon introduces, has been opened within the sentence.
    bool is_insertion(std::size_t open) const {
        if (open < content_) return false;
        if (!is_quote(text_.code(open)) && !contains(U"「『", text_.code(open))) return true;
        const std::size_t before = text_.skip_spaces_back(open);
        return before > begin_ && !contains(kContinuing, text_.code(before - 1));
    }

    void cut(const Ending& ending) {
        add(ending.end);
        separator_ = ending.end;
        begin_ = ending.next;
        content_ = kNone;
    }

    void add(std::size_t end) { sentences_.push_back({text_.between(separator_, begin_), text_.between(begin_, end)}); }

    std::vector<Sentence> sentences_;
    Text text_;
    std::size_t separator_ = 0, begin_ = 0; // of the sentence
    std::size_t content_ = kNone;           // its first letter or digit
    std::vector<std::size_t> open_;         // brackets and quotes
};

} // namespace

std::vector<Sentence> split_sentences(std::string_view line) { return Splitter(line).run(); }

} // namespace nmt
