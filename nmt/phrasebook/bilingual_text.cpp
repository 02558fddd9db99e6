// Cutting, joining and replacing text.
#include "nmt/phrasebook/bilingual_text.hpp"

#include <algorithm>

namespace nmt::phrasebook {

using std::string;
using std::string_view;

std::vector<string> split(string_view text) {
    std::vector<string> words;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        if (end > begin) words.emplace_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return words;
}

string join(std::initializer_list<string_view> parts) {
    string text;
    for (const string_view part : parts) {
        if (!text.empty() && !part.empty()) text += ' ';
        text += part;
    }
    return text;
}

string replaced(string text, string_view from, string_view to) {
    const std::size_t at = text.find(from);
    return at == string::npos ? text : text.replace(at, from.size(), to);
}

Text operator+(const Text& a, const Text& b) { return {join({a.french, b.french}), join({a.english, b.english})}; }

} // namespace nmt::phrasebook
