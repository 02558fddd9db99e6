#include "nmt/base/safetensors.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/output_file.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>

namespace nmt {
namespace {

// A file from its parts; the header's length is that of `header` unless another is given.
std::string file_of(const std::string& header, const std::string& data, std::uint64_t length = 0) {
    if (length == 0) length = header.size();
    std::string content(8, '\0');
    std::memcpy(content.data(), &length, 8);
    return content + header + data;
}

class SafetensorsTest : public testing::Test {
  protected:
    // What reading a file with this content complains about, without the path.
    std::string error_of(const std::string& content) {
        write_file(path_, content);
        const std::string message = message_of<Error>([&] { SafetensorsFile file(path_); });
        const std::string start = "cannot read '" + path_ + "': ";
        EXPECT_EQ(message.substr(0, start.size()), message.empty() ? "" : start);
        EXPECT_EQ(message.find('\n'), std::string::npos);
        return message.empty() ? "" : message.substr(start.size());
    }
    std::string write_error(const std::vector<SafetensorsEntry>& entries) {
        return message_of<Error>([&] { write_safetensors(path_, entries); });
    }

    TemporaryFolder folder_;
    std::string path_ = folder_ / "model.safetensors";
    std::vector<float> floats_ = {1.5F, -2.0F, 3.25F, 0.0F, 1e30F, -1e-30F};
    std::vector<std::int64_t> steps_ = {1LL << 40};
    std::vector<std::int8_t> bytes_ = {-1, 2, 3};
};

TEST_F(SafetensorsTest, RoundTrip) {
    const std::vector<SafetensorsEntry> written = {{"small \"one\" ü", "I8", {3}, bytes_.data()},
                                                   {"encoder.weight", "F32", {2, 3}, floats_.data()},
                                                   {"step", "I64", {}, steps_.data()},
                                                   {"empty", "BF16", {0, 5}, nullptr}};
    write_safetensors(path_, written, {{"format", "nmt"}, {"note", "two\nlines"}});
    const SafetensorsFile file(path_);
    EXPECT_EQ(file.metadata(), (std::map<std::string, std::string>{{"format", "nmt"}, {"note", "two\nlines"}}));
    ASSERT_EQ(file.entries().size(), written.size());
    for (const SafetensorsEntry& entry : written) {
        const SafetensorsEntry* const found = file.find(entry.name);
        ASSERT_NE(found, nullptr) << entry.name;
        EXPECT_EQ(found->name, entry.name);
        EXPECT_EQ(found->dtype, entry.dtype);
        EXPECT_EQ(found->shape, entry.shape);
        if (entry.data != nullptr) {
            EXPECT_EQ(std::memcmp(found->data, entry.data, size_in_bytes(entry)), 0) << entry.name;
        }
    }
    EXPECT_EQ(file.find("none"), nullptr);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(file.entries()[0].data) % 64, 0u);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(file.find("encoder.weight")->data) % 4, 0u);
}

TEST_F(SafetensorsTest, TheBytesAreThoseOfTheFormat) {
    write_safetensors(path_, {{"b", "I8", {3}, bytes_.data()}, {"a", "F32", {6, 1}, floats_.data()}}, {{"k", "v"}});
    const std::string content = read_file(path_);
    std::uint64_t length = 0;
    std::memcpy(&length, content.data(), 8);
    EXPECT_EQ((length + 8) % 64, 0u);
    EXPECT_EQ(content[8], '{');
    EXPECT_EQ(nlohmann::json::parse(content.substr(8, length)), nlohmann::json::parse(R"({"__metadata__": {"k": "v"},
        "a": {"dtype": "F32", "shape": [6, 1], "data_offsets": [0, 24]}, "b": {"dtype": "I8", "shape": [3], "data_offsets": [24, 27]}})"));
    EXPECT_EQ(content.size(), 8 + length + 27);
    EXPECT_EQ(std::memcmp(content.data() + 8 + length, floats_.data(), 24), 0);
}

TEST_F(SafetensorsTest, AFileMayHoldNothing) {
    write_safetensors(path_, {});
    EXPECT_TRUE(SafetensorsFile(path_).entries().empty());
    EXPECT_EQ(error_of(file_of("{}", "")), "");
    EXPECT_EQ(error_of(file_of("{}   ", "")), "");
}

TEST_F(SafetensorsTest, SurvivesBeingReplacedAndMoved) {
    write_safetensors(path_, {{"a", "F32", {6}, floats_.data()}});
    SafetensorsFile first(path_);
    write_safetensors(path_, {{"a", "I8", {3}, bytes_.data()}});
    const SafetensorsFile second = std::move(first);
    EXPECT_EQ(std::memcmp(second.find("a")->data, floats_.data(), 24), 0);
    EXPECT_EQ(SafetensorsFile(path_).find("a")->dtype, "I8");
}

TEST_F(SafetensorsTest, StorageOutlivesTheFileAndKeepsWhatIsWrittenToItself) {
    write_safetensors(path_, {{"a", "F32", {6}, floats_.data()}});
    std::shared_ptr<std::byte> storage;
    {
        const SafetensorsFile file(path_);
        storage = file.storage(*file.find("a"));
    }
    ASSERT_EQ(std::memcmp(storage.get(), floats_.data(), 24), 0);
    std::memset(storage.get(), 0, 24);
    EXPECT_EQ(std::memcmp(SafetensorsFile(path_).find("a")->data, floats_.data(), 24), 0);
}

TEST_F(SafetensorsTest, RefusesToWriteWhatNobodyCouldRead) {
    write_file(path_, "old");
    const float* const data = floats_.data();
    const std::string start = "cannot write '" + path_ + "': ";
    EXPECT_EQ(write_error({{"a", "F32", {1}, data}, {"a", "F32", {1}, data}}), start + "two tensors are called 'a'");
    EXPECT_EQ(write_error({{"__metadata__", "F32", {1}, data}}), start + "'__metadata__' cannot be the name of a tensor");
    EXPECT_EQ(write_error({{"", "F32", {1}, data}}), start + "'' cannot be the name of a tensor");
    EXPECT_EQ(write_error({{"a", "F99", {1}, data}}), start + "tensor 'a' has dtype 'F99'; expected F32, I32, I64, BF16, U8 or I8");
    EXPECT_EQ(write_error({{"a", "F32", {2, -1}, data}}), start + "tensor 'a' has the extent -1 in its shape");
    EXPECT_EQ(write_error({{"a", "F32", {1LL << 40, 1LL << 40}, data}}), start + "tensor 'a' has a shape of more than 2^60 elements");
    EXPECT_EQ(write_error({{"a", "F32", {1}, nullptr}}), start + "tensor 'a' has no data");
    EXPECT_EQ(write_error({{"\xff", "F32", {1}, data}}), start + "a name or text is not valid UTF-8");
    EXPECT_EQ(read_file(path_), "old");
    EXPECT_EQ(folder_.count(), 1u);
    EXPECT_EQ(message_of<Error>([&] {
                  write_safetensors("/dev/full", {{"a", "F32", {1}, data}});
              }),
              "cannot write '/dev/full': No space left on device");
}

TEST_F(SafetensorsTest, RefusesWhatIsNoRegularFile) {
    EXPECT_EQ(message_of<Error>([&] { SafetensorsFile file(path_); }), "cannot read '" + path_ + "': No such file or directory");
    EXPECT_EQ(message_of<Error>([&] { SafetensorsFile file(folder_.path()); }),
              "cannot read '" + folder_.path().string() + "': it is no regular file");
}

TEST_F(SafetensorsTest, EveryTruncationIsAnError) {
    write_safetensors(path_, {{"a", "F32", {6}, floats_.data()}, {"b", "I8", {3}, bytes_.data()}});
    const std::string content = read_file(path_);
    for (std::size_t length = 0; length < content.size(); ++length)
        EXPECT_NE(error_of(content.substr(0, length)).find("truncated"), std::string::npos) << length;
    EXPECT_EQ(error_of(content + "x"), "1 bytes follow the last tensor");
}

TEST_F(SafetensorsTest, ForeignFilesAreErrors) {
    EXPECT_NE(error_of("PK\3\4 this is a zip archive").find("it is no safetensors file"), std::string::npos);
    EXPECT_NE(error_of(file_of("{}", "", 100'000'001)).find("its header would have 100000001 bytes"), std::string::npos);
    EXPECT_NE(error_of(file_of("{}", "", ~0ULL)).find("its header would have"), std::string::npos);
    for (const std::string header : {"[]", "12", "{\"a\":", "{} {}", "nonsense", "\"\xff\"", "{\"\xff\": 1}"})
        EXPECT_EQ(error_of(file_of(header, "")), "its header is not a JSON object; it is no safetensors file") << header;
    EXPECT_NE(error_of(file_of(std::string(1'000'000, '['), "")), "");
}

TEST_F(SafetensorsTest, DeepHeadersAreErrors) {
    for (const auto& [open, close] : {std::pair("[", "]"), std::pair("{\"a\":", "}")}) {
        std::string header = "{\"a\":";
        for (int i = 0; i < 1000; ++i) header += open;
        header += "0";
        for (int i = 0; i < 1000; ++i) header += close;
        EXPECT_NE(error_of(file_of(header + "}", "")).find("nested too deeply"), std::string::npos);
    }
}

TEST_F(SafetensorsTest, BadEntriesAreErrors) {
    const std::string improper = "tensor 'a' lacks a proper dtype, shape or data_offsets";
    for (const std::string entry :
         {R"(1)", R"({})", R"({"dtype":"U8","shape":[1]})", R"({"dtype":"U8","shape":[1],"data_offsets":[0]})",
          R"({"dtype":"U8","shape":[1],"data_offsets":[0,1,2]})", R"({"dtype":"U8","shape":[-1],"data_offsets":[0,1]})",
          R"({"dtype":"U8","shape":[1.0],"data_offsets":[0,1]})", R"({"dtype":"U8","shape":1,"data_offsets":[0,1]})",
          R"({"dtype":8,"shape":[1],"data_offsets":[0,1]})", R"({"dtype":"U8","shape":[1],"data_offsets":["0","1"]})"})
        EXPECT_EQ(error_of(file_of("{\"a\":" + entry + "}", "x")), improper) << entry;
    EXPECT_EQ(error_of(file_of(R"({"a":{"dtype":"F64","shape":[],"data_offsets":[0,8]}})", "12345678")),
              "tensor 'a' has dtype 'F64'; expected F32, I32, I64, BF16, U8 or I8");
    EXPECT_EQ(error_of(file_of(R"({"a":{"dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,1]}})", "x")),
              "tensor 'a' has a shape of more than 2^60 elements");
    EXPECT_EQ(error_of(file_of(R"({"a":{"dtype":"I64","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", "")),
              "tensor 'a' has a shape of more than 2^60 elements");
    EXPECT_EQ(error_of(file_of(R"({"a\nb":{"dtype":"?","shape":[],"data_offsets":[0,1]}})", "x")).substr(0, 12), "tensor 'a b'");
}

TEST_F(SafetensorsTest, BadOffsetsAreErrors) {
    const auto header = [](int begin_a, int end_a, int begin_b, int end_b) {
        return nlohmann::json{{"a", {{"dtype", "U8"}, {"shape", {2}}, {"data_offsets", {begin_a, end_a}}}},
                              {"b", {{"dtype", "U8"}, {"shape", {2}}, {"data_offsets", {begin_b, end_b}}}}}
            .dump();
    };
    EXPECT_EQ(error_of(file_of(header(2, 4, 0, 2), "1234")), "");
    EXPECT_EQ(error_of(file_of(header(0, 3, 3, 5), "12345")), "tensor 'a' stands at bytes 0 to 3, but its shape and dtype U8 need 2 bytes");
    EXPECT_EQ(error_of(file_of(header(2, 0, 2, 4), "1234")), "tensor 'a' stands at bytes 2 to 0, but its shape and dtype U8 need 2 bytes");
    EXPECT_EQ(error_of(file_of(header(0, 2, 1, 3), "1234")),
              "tensor 'b' begins at byte 1 of the data, before the byte 2 where the one before ends");
    EXPECT_EQ(error_of(file_of(header(0, 2, 0, 2), "1234")),
              "tensor 'b' begins at byte 0 of the data, before the byte 2 where the one before ends");
    EXPECT_EQ(error_of(file_of(header(0, 2, 3, 5), "12345")),
              "tensor 'b' begins at byte 3 of the data, behind the byte 2 where the one before ends");
    EXPECT_EQ(error_of(file_of(header(1, 3, 3, 5), "12345")),
              "tensor 'a' begins at byte 1 of the data, behind the byte 0 where the one before ends");
    EXPECT_EQ(error_of(file_of(header(0, 2, 2, 4), "123")),
              "tensor 'b' ends at byte 4 of the data, of which there are 3; the file is truncated");
    EXPECT_EQ(error_of(file_of(header(0, 2, 2, 4), "12345")), "1 bytes follow the last tensor");
}

TEST_F(SafetensorsTest, DuplicateNamesAndBadMetadataAreErrors) {
    const std::string a = R"("a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]})";
    const std::string again = R"("a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]})";
    EXPECT_EQ(error_of(file_of("{" + a + "," + again + "}", "12")), "'a' stands in its header twice");
    EXPECT_EQ(error_of(file_of(R"({"__metadata__":{"k":1}})", "")), "'k' in its __metadata__ is not a text");
    EXPECT_EQ(error_of(file_of(R"({"__metadata__":["k"]})", "")), "its __metadata__ is not a JSON object");
}

} // namespace
} // namespace nmt
