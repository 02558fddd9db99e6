#include "nmt/base/checksum.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/output_file.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include <string>

namespace nmt {
namespace {

TEST(Checksum, Sha256OfKnownTexts) {
    const TemporaryFolder folder;
    const std::string path = folder / "file";
    // FIPS 180-2, appendix B.
    const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    EXPECT_EQ(sha256("abc"), abc);
    EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    const std::string million(1'000'000, 'a');
    EXPECT_EQ(sha256(million), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    write_file(path, "abc");
    EXPECT_EQ(sha256_of_file(path), abc);
    write_file(path, million);
    EXPECT_EQ(sha256_of_file(path), sha256(million));
    EXPECT_THROW(sha256_of_file(folder / "none"), Error);
}

TEST(Checksum, Sha256OfATextIsThatOfItsLines) {
    const TemporaryFolder folder;
    const std::string a = folder / "a", b = folder / "b", all = folder / "all", packed = folder / "packed";
    write_file(a, "one\r\ntwo"); // its last line is not ended
    write_file(b, "\nthree\n");
    write_file(all, "one\r\ntwo\n\nthree\n");
    const gzFile file = gzopen(packed.c_str(), "wb");
    gzputs(file, "one\r\ntwo\n\nthree");
    gzclose(file);
    EXPECT_EQ(sha256_of_text({all}), sha256_of_file(all));
    EXPECT_EQ(sha256_of_text({a, b}), sha256_of_file(all));
    EXPECT_EQ(sha256_of_text({packed}), sha256_of_file(all));
    EXPECT_NE(sha256_of_text({b, a}), sha256_of_file(all));
    EXPECT_THROW(sha256_of_text({all, folder / "none"}), Error);
}

} // namespace
} // namespace nmt
