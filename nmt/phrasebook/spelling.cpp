// The last pass over a sentence, where each word sees the next.
#include "nmt/phrasebook/spelling.hpp"

#include "nmt/base/utf8.hpp"
#include "nmt/phrasebook/bilingual_text.hpp"

#include <algorithm>
#include <vector>

namespace nmt::phrasebook {

using std::string;
using std::string_view;

bool starts_with_vowel_sound(string_view word) {
    if (word.starts_with("honte")) return false; // the h that forbids elision
    static constexpr string_view kStarts[] = {"a", "e", "i", "o", "u", "y", "h", "A", "E", "I",
                                              "O", "U", "é", "ê", "è", "â", "œ", "î", "ô"};
    return std::ranges::any_of(kStarts, [&](string_view start) { return word.starts_with(start); });
}

namespace {

// Forms that change before a vowel sound: "je ai" is written "j' ai", "ma amie" "mon amie", "du eau" "de l' eau".
constexpr Pair kBeforeVowel[] = {
    {"je", "j'"},   {"me", "m'"},  {"te", "t'"},  {"le", "l'"},  {"la", "l'"},  {"ne", "n'"},    {"de", "d'"},
    {"que", "qu'"}, {"ma", "mon"}, {"ta", "ton"}, {"sa", "son"}, {"ce", "cet"}, {"du", "de l'"}, {"au", "à l'"},
};

} // namespace

string french_spelling(string_view text) {
    std::vector<string> words = split(text);
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        if (words[i] == "si" && (words[i + 1] == "il" || words[i + 1] == "ils")) words[i] = "s'";
        if (!starts_with_vowel_sound(words[i + 1])) continue;
        for (const Pair& pair : kBeforeVowel)
            if (words[i] == pair.french) {
                words[i] = pair.english;
                break;
            }
    }
    string result;
    for (const string& word : words) result = join({result, word});
    return result;
}

string english_spelling(string_view text) {
    const std::vector<string> words = split(text);
    string result;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const string_view next = i + 1 < words.size() ? string_view(words[i + 1]) : "";
        const bool vowel = !next.empty() && string_view("aeiouAEIOU").find(next[0]) != string_view::npos && !next.starts_with("useful");
        if (words[i] == "a" && (vowel || next.starts_with("hour"))) result = join({result, "an"});
        else if (words[i] == "can" && next == "not") result = join({result, "cannot"}), ++i;
        else result = join({result, words[i]});
    }
    return result;
}

string capitalized(string_view text) {
    std::size_t rest = 0;
    string result;
    append_utf8(result, uppercase(next_character(text, rest)));
    return result.append(text, rest);
}

} // namespace nmt::phrasebook
