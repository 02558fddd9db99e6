#include "nmt/base/checksum.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/line_reader.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <memory>

namespace nmt {
namespace fs = std::filesystem;
namespace {

// A SHA-256 in the making: add the pieces in order, then take the digits.
class Checksum {
  public:
    Checksum() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
        check(context_ != nullptr && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1, "OpenSSL offers no SHA-256");
    }

    void add(const void* bytes, std::size_t size) {
        check(EVP_DigestUpdate(context_.get(), bytes, size) == 1, "computing a SHA-256 checksum failed");
    }

    std::string digits() {
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
        unsigned size = 0;
        check(EVP_DigestFinal_ex(context_.get(), digest.data(), &size) == 1, "computing a SHA-256 checksum failed");
        std::string text;
        for (unsigned i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
        return text;
    }

  private:
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

} // namespace

std::string sha256(std::string_view content) {
    Checksum checksum;
    checksum.add(content.data(), content.size());
    return checksum.digits();
}

std::string sha256_of_file(const fs::path& path) {
    Checksum checksum;
    read_blocks(path, [&](const char* bytes, std::size_t size) { checksum.add(bytes, size); });
    return checksum.digits();
}

std::string sha256_of_text(const std::vector<std::string>& files) {
    Checksum checksum;
    std::string line;
    for (const std::string& file : files)
        for (LineReader reader(file); reader.next(line);) {
            line += '\n';
            checksum.add(line.data(), line.size());
        }
    return checksum.digits();
}

} // namespace nmt
