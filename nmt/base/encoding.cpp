#include "nmt/base/encoding.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/utf8.hpp"

#include <unicode/ucnv.h>

#include <algorithm>
#include <array>

namespace nmt {
namespace {

using std::string_view_literals::operator""sv;

struct Mark {
    std::string_view bytes, encoding;
};
constexpr Mark kMarks[] = {
    {"\xff\xfe\x00\x00"sv, "UTF-32LE"}, // before the one that it begins with
    {"\x00\x00\xfe\xff"sv, "UTF-32BE"},
    {"\xff\xfe"sv, "UTF-16LE"},
    {"\xfe\xff"sv, "UTF-16BE"},
};

using Converter = std::unique_ptr<UConverter, void (*)(UConverter*)>;

Converter open_converter(const char* name) {
    UErrorCode status = U_ZERO_ERROR;
    Converter converter(ucnv_open(name, &status), &ucnv_close);
    if (U_SUCCESS(status)) ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
    if (U_FAILURE(status) || *name == '\0')
        throw UsageError(
            fmt::format("unknown encoding '{}'; expected UTF-16, ISO-8859-1, WINDOWS-1252 or another one that ICU knows", name));
    return converter;
}

} // namespace

struct EncodingReader::Converters {
    explicit Converters(const std::string& encoding)
        : name(encoding), from(open_converter(encoding.c_str())), to(open_converter("UTF-8")) {}

    std::string name;
    Converter from, to;
    std::array<UChar, 4096> pivot; // UTF-16 on its way from the one to the other
    UChar *pivot_begin = pivot.data(), *pivot_end = pivot.data();
    bool begun = false;
    std::size_t taken = 0; // bytes, in all
};

EncodingReader::EncodingReader(const std::string& encoding) : converters_(std::make_unique<Converters>(encoding)) {}
EncodingReader::~EncodingReader() = default;
EncodingReader::EncodingReader(EncodingReader&&) noexcept = default;

void EncodingReader::convert(std::string_view bytes, bool last, std::string& text) {
    Converters& c = *converters_;
    const std::size_t before = text.size();
    const char *const begin = bytes.empty() ? "" : bytes.data(), *const end = begin + bytes.size(), *next = begin; // ICU wants no null
    for (UErrorCode status = U_BUFFER_OVERFLOW_ERROR; status == U_BUFFER_OVERFLOW_ERROR;) {
        status = U_ZERO_ERROR;
        std::array<char, 1 << 14> buffer;
        char* out = buffer.data();
        ucnv_convertEx(c.to.get(), c.from.get(), &out, out + buffer.size(), &next, end, c.pivot.data(), &c.pivot_begin, &c.pivot_end,
                       c.pivot.data() + c.pivot.size(), false, last, &status);
        text.append(buffer.data(), static_cast<std::size_t>(out - buffer.data()));
        check(U_SUCCESS(status) || status == U_BUFFER_OVERFLOW_ERROR, "not {} at byte {} or a little before; is that its encoding?", c.name,
              c.taken + static_cast<std::size_t>(next - begin));
    }
    c.taken += bytes.size();
    constexpr std::string_view kMark = "\xef\xbb\xbf";
    if (!c.begun && std::string_view(text).substr(before).starts_with(kMark)) text.erase(before, kMark.size());
    c.begun = c.begun || text.size() > before;
}

std::string_view marked_encoding(std::string_view beginning) {
    const auto* const mark =
        std::find_if(std::begin(kMarks), std::end(kMarks), [&](const Mark& m) { return beginning.starts_with(m.bytes); });
    return mark == std::end(kMarks) ? "" : mark->encoding;
}

bool may_become_mark(std::string_view beginning) {
    return std::any_of(std::begin(kMarks), std::end(kMarks),
                       [&](const Mark& m) { return beginning.size() < m.bytes.size() && m.bytes.starts_with(beginning); });
}

void FirstLines::see(std::string_view line) {
    ++lines_;
    if (line.find('\0') != std::string_view::npos) ++with_nul_;
    if (std::any_of(line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
        ++beyond_ascii_;
        if (!is_utf8(line)) ++invalid_;
    }
    if (line.ends_with('\r')) line.remove_suffix(1);
    bare_returns_ = bare_returns_ || std::count(line.begin(), line.end(), '\r') > 1;
}

std::string FirstLines::oddity(const std::string& name) const {
    if (with_nul_ > 1 && with_nul_ * 2 > lines_)
        return fmt::format("most lines of '{}' hold NUL bytes: is it UTF-16? iconv -f UTF-16LE -t UTF-8 converts it", name);
    if (invalid_ > 1 && invalid_ * 10 > beyond_ascii_)
        return fmt::format("'{}' is not UTF-8 ({} of {} lines beyond ASCII): its bytes are taken as they are; convert it, likely with "
                           "iconv -f WINDOWS-1252 -t UTF-8",
                           name, invalid_, beyond_ascii_);
    if (bare_returns_)
        return fmt::format("'{}' has lines that hold several CRs: only LF ends a line; if CRs end them, convert it with tr '\\r' '\\n'",
                           name);
    return "";
}

} // namespace nmt
