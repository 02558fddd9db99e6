#include "tests/mutations/mutate.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>

namespace nmt::mutations {
namespace {

std::size_t below(Random& random, std::size_t n) { return static_cast<std::size_t>(random.below(n)); }

std::size_t place(const std::string& content, Random& random) {
    return below(random, random.below(2) == 0 ? std::min<std::size_t>(content.size(), 1024) : content.size());
}

std::string piece(const std::string& content, Random& random) {
    const std::size_t at = place(content, random);
    return content.substr(at, 1 + below(random, std::min<std::size_t>(content.size() - at, 64)));
}

// A written number becomes another one.
void change_number(std::string& content, Random& random) {
    static const std::array<const char*, 16> numbers = {"0",
                                                        "-1",
                                                        "1",
                                                        "256",
                                                        "65536",
                                                        "1e308",
                                                        "2147483648",
                                                        "4294967296",
                                                        "1e-300",
                                                        "9223372036854775808",
                                                        "nan",
                                                        "inf",
                                                        "0.5",
                                                        "",
                                                        "18446744073709551615",
                                                        "99999999999999999999"};
    const auto is_digit = [](unsigned char c) { return std::isdigit(c) != 0; };
    const auto begin = std::find_if(content.begin() + static_cast<std::ptrdiff_t>(place(content, random)), content.end(), is_digit);
    const auto end = std::find_if_not(begin, content.end(), is_digit);
    if (begin != end) content.replace(begin, end, numbers[below(random, numbers.size())]);
}

// A little-endian number becomes another one.
void change_binary(std::string& content, Random& random) {
    static const std::array<std::uint64_t, 8> numbers = {0, 1, 0x7f, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fffffffffffffff, ~0ULL};
    const std::uint64_t number = numbers[below(random, numbers.size())];
    const std::size_t size = std::size_t{1} << random.below(4), at = place(content, random) / size * size;
    for (std::size_t i = 0; i < size && at + i < content.size(); ++i) content[at + i] = static_cast<char>(number >> (8 * i) & 0xff);
}

void change(std::string& content, const std::string& other, Random& random) {
    const std::size_t at = place(content, random);
    switch (random.below(10)) {
    case 0:
        content[at] = static_cast<char>(static_cast<unsigned char>(content[at]) ^ (1u << random.below(8)));
        break;
    case 1:
        content[at] = static_cast<char>(random.below(256));
        break;
    case 2:
        change_number(content, random);
        break;
    case 3:
        change_binary(content, random);
        break;
    case 4:
        content.erase(at, 1 + below(random, 16));
        break;
    case 5:
        content.insert(at, piece(content, random));
        break;
    case 6:
        content.insert(at, other.empty() ? std::string(3, '\0') : piece(other, random));
        break;
    case 7: { // two lines, or what stands between two line feeds, change places
        const std::size_t from = content.find('\n', at), to = from == std::string::npos ? from : content.find('\n', from + 1);
        if (to == std::string::npos) break;
        const std::string line = content.substr(from, to - from);
        content.erase(from, to - from);
        content.insert(below(random, content.size() + 1), line);
        break;
    }
    case 8:
        content.replace(at, std::min<std::size_t>(content.size() - at, 8), piece(content, random));
        break;
    default:
        if (random.below(4) == 0) content.resize(at);
        else content[at] = "\0\xff\n\t [=\"{%"[random.below(10)];
    }
}

} // namespace

std::string mutate(std::string content, const std::string& other, Random& random) {
    const std::string before = content;
    for (std::uint64_t n = random.below(2) == 0 ? 1 : 1 + random.below(8); n > 0 && !content.empty(); --n) change(content, other, random);
    return content == before ? content + "\xff" : content;
}

} // namespace nmt::mutations
