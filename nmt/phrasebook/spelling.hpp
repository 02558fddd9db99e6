// Spelling that depends on the next word: elision in French, "an" and "cannot" in English. Done once, on a whole sentence.
#pragma once

#include <string>
#include <string_view>

namespace nmt::phrasebook {

// True where French elides before the word: a vowel or a mute h.
bool starts_with_vowel_sound(std::string_view word);

// "je ai" becomes "j' ai", "ma amie" "mon amie", "si il" "s' il".
std::string french_spelling(std::string_view text);

// "a apple" becomes "an apple", "can not" "cannot".
std::string english_spelling(std::string_view text);

// The text, not empty, in UTF-8, with a capital as its first letter: a to z and the French letters.
std::string capitalized(std::string_view text);

} // namespace nmt::phrasebook
