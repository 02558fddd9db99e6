// Text in both languages, and what is done with a string of words. For all files of the phrasebook, which live in nmt::phrasebook and
// name the entries of the lexicon without a prefix.
#pragma once

#include "nmt/phrasebook/lexicon.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace nmt::phrasebook {

using namespace lexicon;

// The words between blanks.
std::vector<std::string> split(std::string_view text);

// The parts that are not empty, with one blank between them.
std::string join(std::initializer_list<std::string_view> parts);

// `text` with `to` in place of the first `from`, if there is one.
std::string replaced(std::string text, std::string_view from, std::string_view to);

// The same text in both languages: lower case, and not spelled yet (see spelling.hpp).
struct Text {
    std::string french, english;

    Text() = default;
    Text(std::string_view french_text, std::string_view english_text) : french(french_text), english(english_text) {}
    Text(const Pair& pair) : Text(pair.french, pair.english) {}
};

// One after the other, in each language.
Text operator+(const Text& a, const Text& b);

} // namespace nmt::phrasebook
