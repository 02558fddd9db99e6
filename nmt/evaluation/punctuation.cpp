#include "nmt/evaluation/punctuation.hpp"

#include "nmt/base/strings.hpp"

#include <cstddef>

namespace nmt {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_stop(char c) { return c == '.' || c == ','; }

// ASCII punctuation that is a token wherever it stands: all but the apostrophe, hyphen, period and comma.
bool is_separate(char c) {
    return (c >= '!' && c <= '&') || (c >= '(' && c <= '+') || c == '/' || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
           (c >= '{' && c <= '~');
}

} // namespace

void replace_entities(std::string& text) {
    if (text.find('&') == std::string::npos) return;
    replace_all(text, "&quot;", "\"");
    replace_all(text, "&amp;", "&");
    replace_all(text, "&lt;", "<");
    replace_all(text, "&gt;", ">");
}

std::string separate_punctuation(std::string_view text) {
    std::string result;
    result.reserve(text.size() * 2);
    for (const char c : text) {
        if (is_separate(c)) result.append({' ', c, ' '});
        else result += c;
    }
    return result;
}

// Bytes serve for characters here: a pair has an ASCII character on one side, and the other bytes of a longer character than
// the one on its other side neither start nor end a pair.
std::string separate_stops_and_hyphens(std::string_view text) {
    std::string result = rewrite_pairs(
        std::string(text), [](char a, char b) { return !is_digit(a) && is_stop(b); }, write_second_apart<std::string, char>);
    result = rewrite_pairs(
        result, [](char a, char b) { return is_stop(a) && !is_digit(b); }, write_first_apart<std::string, char>);
    return rewrite_pairs(
        result, [](char a, char b) { return is_digit(a) && b == '-'; }, write_second_apart<std::string, char>);
}

} // namespace nmt
