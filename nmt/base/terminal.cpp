#include "nmt/base/terminal.hpp"

#include "nmt/base/table.hpp"
#include "nmt/base/utf8.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <vector>

namespace nmt {
namespace {

struct Word {
    std::string_view text;
    bool glued; // to the one before it, without a blank
};

// Where the word that begins at `begin` ends: at a blank, or behind what stands in quotes.
std::size_t word_end(std::string_view line, std::size_t begin) {
    std::size_t from = begin;
    if (line[begin] == '\'') {
        const std::size_t quote = line.find('\'', begin + 1);
        if (quote != std::string_view::npos) from = quote;
    }
    return std::min(line.find(' ', from), line.size());
}

// Where the first part of a word ends: long ones may be parted behind a '|'.
std::size_t part_end(std::string_view line, std::size_t begin, std::size_t end) {
    constexpr std::size_t kLong = 24;
    if (end - begin <= kLong || line[begin] == '\'') return end;
    for (std::size_t at = begin; at + 1 < end; ++at)
        if (line[at] == '|' && line[at + 1] != '|') return at + 1;
    return end;
}

std::vector<Word> words_of(std::string_view line) {
    std::vector<Word> words;
    for (std::size_t begin = 0; (begin = line.find_first_not_of(' ', begin)) != std::string_view::npos;) {
        const std::size_t end = word_end(line, begin);
        for (bool glued = false; begin < end; glued = true) {
            const std::size_t cut = part_end(line, begin, end);
            words.push_back({line.substr(begin, cut - begin), glued});
            begin = cut;
        }
    }
    return words;
}

// A line that is too wide: `head` stands before its text, and `before` in place of it before each line that follows.
std::string wrap(std::string_view head, std::string_view text, std::string_view before, std::size_t columns) {
    std::string wrapped(head);
    std::size_t width = display_width(head);
    bool first = true; // of its line
    const std::size_t margin = display_width(before);
    for (const Word& word : words_of(text)) {
        const std::size_t blank = first || word.glued ? 0 : 1;
        const std::size_t size = display_width(word.text);
        if (!first && width + blank + size > columns) {
            wrapped.append("\n").append(before);
            width = margin;
        } else {
            wrapped.append(blank, ' ');
            width += blank;
        }
        wrapped += word.text;
        width += size;
        first = false;
    }
    return wrapped;
}

std::string fit_line(std::string_view line, std::size_t columns) {
    if (display_width(line) <= columns) return std::string(line);
    const std::string_view mark = line.starts_with("# ") ? "# " : "";
    const std::size_t indent = line.find_first_not_of(' ', mark.size());
    if (indent == std::string_view::npos) return std::string(mark);
    const std::size_t gap = line.find("  ", indent);
    const std::size_t meaning = gap == std::string_view::npos ? gap : line.find_first_not_of(' ', gap);
    const auto margin = [&](std::size_t width) { return std::string(mark) + std::string(width - mark.size(), ' '); };
    if (meaning == std::string_view::npos) return wrap(line.substr(0, indent), line.substr(indent), margin(indent), columns);
    const std::size_t width = display_width(line.substr(0, meaning));
    if (2 * width <= columns) return wrap(line.substr(0, meaning), line.substr(meaning), margin(width), columns);
    const std::string below = margin(indent + 2);
    return wrap(line.substr(0, indent), line.substr(indent, gap - indent), below, columns) + "\n" +
           wrap(below, line.substr(meaning), below, columns);
}

} // namespace

std::size_t terminal_columns(int descriptor) {
    winsize size{};
    return isatty(descriptor) == 1 && ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

std::size_t text_columns() {
    constexpr std::size_t kUsual = 80, kFewest = 20;
    std::size_t columns = 0;
    if (const char* const asked = std::getenv("COLUMNS")) {
        const std::string_view text = asked;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), columns);
        if (error != std::errc() || end != text.data() + text.size()) columns = 0;
    }
    if (columns == 0) columns = terminal_columns(STDOUT_FILENO);
    return columns == 0 ? kUsual : std::max(columns, kFewest);
}

std::string wrap_words(std::string_view line, std::size_t columns, std::size_t hang) {
    return wrap("", line, std::string(hang, ' '), columns);
}

std::string fit_text(std::string_view text, std::size_t columns) {
    std::string fitted, table; // the one that is being read
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string_view line = text.substr(begin, end - begin);
        begin = end + 1;
        const bool last = begin > text.size();
        if (line.starts_with('|')) table.append(line).append("\n");
        if (!table.empty() && (last || !line.starts_with('|'))) {
            const std::string tables = fit_table(table, columns);
            fitted += tables.starts_with('|') ? tables : fit_text(tables, columns); // a list
            if (last && line.starts_with('|')) fitted.pop_back();
            table.clear();
        }
        if (!line.starts_with('|')) fitted += fit_line(line, columns) + (last ? "" : "\n");
    }
    return fitted;
}

} // namespace nmt
