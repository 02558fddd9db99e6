#include "nmt/base/codecs.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/line_reader.hpp"
#include "nmt/base/line_writer.hpp"
#include "nmt/base/output_file.hpp"
#include "tests/base/text_file.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace nmt {
namespace {

// Each codec that can be written: read back in every way in which files come.
class CodecTest : public testing::TestWithParam<const Codec*>, protected TextFile {
  protected:
    const Codec& codec() const { return *GetParam(); }
};

TEST_P(CodecTest, ReadsBackWhatItWrites) {
    std::string text;
    Lines expected;
    for (int i = 0; i < 50'000; ++i) {
        expected.push_back(std::string(static_cast<std::size_t>(i % 40), static_cast<char>('a' + i % 26)) + std::to_string(i * 7919));
        text += expected.back() + "\n";
    }
    EXPECT_EQ(lines_of(packed(codec(), text)), expected);
    EXPECT_EQ(lines_of(packed(codec(), "")), Lines{});
    EXPECT_EQ(lines_of(packed(codec(), std::string("\0\n\xff", 3))), (Lines{std::string(1, '\0'), "\xff"}));
    const std::string longest(300'000, 'x');
    EXPECT_EQ(lines_of(packed(codec(), longest + "\nb\n" + longest)), (Lines{longest, "b", longest}));
}

TEST_P(CodecTest, MembersFollowEachOther) {
    const auto pack = [&](const std::string& text) { return packed(codec(), text); };
    EXPECT_EQ(lines_of(pack("one\ntw") + pack("o\nthree") + pack("") + pack("\n")), (Lines{"one", "two", "three"}));
    for (const std::size_t zeros : {1, 4, 512, 200'000}) {
        EXPECT_EQ(lines_of(pack("one\ntwo\n") + std::string(zeros, '\0')), (Lines{"one", "two"})) << zeros;
        EXPECT_EQ(lines_of(pack("one\n") + std::string(zeros, '\0') + pack("two\n")), (Lines{"one", "two"})) << zeros;
    }
}

TEST_P(CodecTest, UnfinishedOrBrokenDataIsAnError) {
    std::string whole = packed(codec(), "one\ntwo\n" + std::string(1000, 'z'));
    for (std::size_t length = codec().magic.size(); length < whole.size(); ++length)
        EXPECT_NE(error_of(whole.substr(0, length)).find("'" + path_ + "': the " + std::string(codec().name) + " data ends too early"),
                  std::string::npos)
            << length;
    EXPECT_NE(error_of(whole + "rubbish, as long as a header").find("broken " + std::string(codec().name) + " data"), std::string::npos);
    whole[whole.size() / 2] ^= 1;
    EXPECT_EQ(error_of(whole).find("cannot read '" + path_ + "': "), 0u);
}

TEST_P(CodecTest, LinesAreWrittenByTheName) {
    const std::string path = folder_ / ("out" + std::string(codec().suffix));
    Lines lines;
    LineWriter writer(path);
    for (int i = 0; i < 30'000; ++i) {
        lines.push_back("line " + std::to_string(i));
        writer.write(lines.back());
        if (i % 1000 == 0) writer.flush();
    }
    EXPECT_EQ(folder_.count(), 0u) << "before it is whole";
    writer.close();
    EXPECT_EQ(codec_of_content(read_file(path)), &codec());
    EXPECT_EQ(read_lines(path), lines);
    EXPECT_EQ(folder_.count(), 1u);
}

std::vector<const Codec*> written_codecs() {
    std::vector<const Codec*> found;
    for (const Codec& codec : codecs())
        if (codec.packer != nullptr) found.push_back(&codec);
    return found;
}

INSTANTIATE_TEST_SUITE_P(Codecs, CodecTest, testing::ValuesIn(written_codecs()),
                         [](const auto& about) { return std::string(about.param->name); });

TEST(Codecs, ReadWhatTheProgramsWrite) { // printf 'one\ntwo\n' | gzip -n, zstd, xz, bzip2
    const std::string hexadecimal[] = {
        "1f8b0800000000000003cbcf4be52a29cfe70200e60bba1208000000",
        "28b52ffd04584100006f6e650a74776f0ae6a60e40",
        "fd377a585a000004e6d6b4460200210116000000742fe5a30100076f6e650a74776f0a0051ab9eaf5775704900012008bb19d9bb1fb6f37d010000000004595a",
        "425a6839314159265359a7142b77000002c180001002018480200021800c0238f51b8bb9229c2848538a15bb80",
    };
    const TemporaryFolder folder;
    for (const std::string& digits : hexadecimal) {
        std::string bytes;
        for (std::size_t i = 0; i < digits.size(); i += 2) bytes += static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16));
        write_file(folder / "text", bytes);
        EXPECT_EQ(read_lines(folder / "text"), (Lines{"one", "two"})) << digits;
    }
}

TEST(Codecs, TextThatBeginsAlmostSoIsText) {
    const TemporaryFolder folder;
    for (const std::string text : {"BZh9 is how bzip2 begins", "BZh", "\x1f", "\x28\xb5", "P", "PK", "LZIP is text"}) {
        write_file(folder / "text", text);
        EXPECT_EQ(read_lines(folder / "text"), Lines{text});
    }
}

TEST(Codecs, OthersAreRefusedByName) {
    const TemporaryFolder folder;
    write_file(folder / "text", std::string("PK\x03\x04 and so on", 14));
    EXPECT_EQ(message_of<Error>([&] { read_lines(folder / "text"); }),
              "cannot read '" + (folder / "text") + "': it is compressed with zip; unpack it first");
}

} // namespace
} // namespace nmt
