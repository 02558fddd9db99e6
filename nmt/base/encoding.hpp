// Text that is not in UTF-8, or not in lines: converted by name, known by its mark, or by how its first lines look. Used by LineReader.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace nmt {

// Turns text of another encoding into UTF-8. A byte order mark at its start is no part of the text.
class EncodingReader {
  public:
    // A name that ICU knows: UTF-16, ISO-8859-1, WINDOWS-1252, GB18030, Shift_JIS, ... Throws UsageError for another.
    explicit EncodingReader(const std::string& encoding);
    ~EncodingReader();
    EncodingReader(EncodingReader&&) noexcept;

    // Appends `bytes` to `text`; with `last`, nothing follows. Throws Error, with the place, where they are not of the encoding.
    void convert(std::string_view bytes, bool last, std::string& text);

  private:
    struct Converters;
    std::unique_ptr<Converters> converters_;
};

// The encoding whose byte order mark the text begins with: UTF-16LE, UTF-16BE, UTF-32LE or UTF-32BE; "" where it begins otherwise.
std::string_view marked_encoding(std::string_view beginning);

// Whether more bytes behind this beginning may make it such a mark.
bool may_become_mark(std::string_view beginning);

// Looks at the first lines of a text, which go through as they are, and says what people would want to know of them.
class FirstLines {
  public:
    void see(std::string_view line);
    bool enough() const { return lines_ >= kLines; }

    // One sentence for a warning on the text that is called `name`; empty where nothing is odd.
    std::string oddity(const std::string& name) const;

  private:
    static constexpr std::size_t kLines = 1000;
    std::size_t lines_ = 0, beyond_ascii_ = 0, invalid_ = 0, with_nul_ = 0;
    bool bare_returns_ = false; // a line that holds several
};

} // namespace nmt
