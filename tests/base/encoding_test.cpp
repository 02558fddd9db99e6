#include "nmt/base/encoding.hpp"

#include "nmt/base/error.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <utility>

namespace nmt {
namespace {

using std::string_literals::operator""s;

// Converted in pieces of so many bytes.
std::string converted(const std::string& encoding, const std::string& bytes, std::size_t piece) {
    EncodingReader reader(encoding);
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += piece) reader.convert(std::string_view(bytes).substr(at, piece), false, text);
    reader.convert("", true, text);
    return text;
}

TEST(EncodingReader, GivesTheSameTextWhereverItIsCut) {
    const std::string utf16 = "\xff\xfe\xe9\0a\0\x3d\xd8\0\xde\n\0"s; // é, a, U+1F600
    const std::string shift_jis = "\x93\xfa\x96\x7b\n";               // 日本
    for (const std::size_t piece : {1, 2, 3, 5, 100}) {
        EXPECT_EQ(converted("UTF-16", utf16, piece), "éa😀\n") << piece;
        EXPECT_EQ(converted("Shift_JIS", shift_jis, piece), "日本\n") << piece;
        EXPECT_EQ(converted("WINDOWS-1252", "caf\xe9 \x80", piece), "café €") << piece;
        EXPECT_EQ(converted("iso-8859-1", "\xa4\xff", piece), "¤ÿ") << piece;
        EXPECT_EQ(converted("UTF-8", "naïve", piece), "naïve") << piece;
    }
    EXPECT_EQ(converted("UTF-16BE", "", 1), "");
}

TEST(EncodingReader, AByteOrderMarkIsNoText) {
    EXPECT_EQ(converted("UTF-8",
                        "\xef\xbb\xbf"
                        "a\xef\xbb\xbf",
                        100),
              "a\xef\xbb\xbf")
        << "but a mark in the middle is";
    EXPECT_EQ(converted("UTF-16LE",
                        "\xff\xfe"
                        "a\0"s,
                        100),
              "a");
}

TEST(EncodingReader, GoesOnWhereItIsMoved) {
    EncodingReader first("UTF-16LE");
    std::string text;
    first.convert("a"s, false, text);
    EncodingReader second = std::move(first);
    second.convert("\0"s, true, text);
    EXPECT_EQ(text, "a");
}

TEST(EncodingReader, NamesThePlaceOfWhatIsNotOfTheEncoding) {
    const auto failure = [](const std::string& encoding, const std::string& bytes) {
        return message_of<Error>([&] { converted(encoding, bytes, 2); });
    };
    EXPECT_EQ(failure("UTF-8", "abcd\xff"
                               "e"),
              "not UTF-8 at byte 5 or a little before; is that its encoding?");
    EXPECT_NE(failure("UTF-16LE", "a\0b"s).find("not UTF-16LE"), std::string::npos) << "half a character at the end";
    EXPECT_NE(failure("US-ASCII", "caf\xc3\xa9").find("not US-ASCII"), std::string::npos);
    for (const char* const name : {"UTF-61", "", "klingon"})
        EXPECT_NE(message_of<UsageError>([&] { EncodingReader reader(name); }).find(std::string("unknown encoding '") + name + "'"),
                  std::string::npos)
            << name;
}

TEST(Marks, OfUtf16And32) {
    EXPECT_EQ(marked_encoding("\xff\xfe"
                              "a\0"s),
              "UTF-16LE");
    EXPECT_EQ(marked_encoding("\xff\xfe\0\0"s), "UTF-32LE");
    EXPECT_EQ(marked_encoding("\xfe\xff"s), "UTF-16BE");
    EXPECT_EQ(marked_encoding("\0\0\xfe\xff"s), "UTF-32BE");
    for (const std::string& other : {""s, "\xff"s, "a"s, "\0\0"s, "\xef\xbb\xbf"s}) EXPECT_EQ(marked_encoding(other), "") << other;
}

TEST(Marks, MayComeYet) {
    for (const std::string& beginning : {""s, "\xff"s, "\xfe"s, "\0"s, "\xff\xfe"s, "\xff\xfe\0"s, "\0\0\xfe"s})
        EXPECT_TRUE(may_become_mark(beginning)) << beginning.size();
    for (const std::string& beginning : {"a"s, "\xfe\xff"s, "\xff\xfe\0\0"s, "\0a"s}) EXPECT_FALSE(may_become_mark(beginning)) << beginning;
}

} // namespace
} // namespace nmt
