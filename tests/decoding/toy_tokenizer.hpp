// A small tokenizer that is trained once, for tests that translate lines.
#pragma once

#include "nmt/base/log.hpp"
#include "nmt/base/random.hpp"
#include "tests/base/test_support.hpp"
#include "tokenizer/tokenizer.hpp"

#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace nmt {

// A small real tokenizer: every printable ASCII character and some others; bytes for the rest.
inline const Tokenizer& tokenizer() {
    static const std::unique_ptr<Tokenizer> trained = [] {
        const TemporaryFolder folder;
        std::ofstream text(folder / "text");
        for (int c = '!'; c < 0x7f; ++c) text << "a" << static_cast<char>(c) << " " << static_cast<char>(c) << "\n";
        for (int i = 0; i < 20; ++i) text << "the cat sees the dog. the dog, the cat! über été 你好。\n";
        text.close();
        set_quiet(true);
        TokenizerOptions options;
        options.type = "bpe";
        options.vocabulary_size = 420;
        options.exact = false;
        options.byte_fallback = true;
        Tokenizer::train({folder / "text"}, options, folder / "model");
        return std::make_unique<Tokenizer>(folder / "model");
    }();
    return *trained;
}

inline int vocabulary() { return tokenizer().vocabulary_size(); }

// What a model that copies makes of a line without over-long parts.
inline std::string copied(const std::string& line) { return tokenizer().decode(tokenizer().encode(line)); }

// Lines of odd characters: white space of all kinds, what normalization makes white space of, what it deletes, and bytes that are no text.
inline std::string odd_line(Random& random) {
    static const std::vector<std::string> kinds{"cat",    "the",    "x",        ".",      " ",      "  ",     "\t",     "\u00a0",
                                                "\u2003", "\u3000", "\u2028",   "\u0085", "\x1c",   "\u200b", "\u200d", "\ufeff",
                                                "\u00b4", "\u00bd", "\u00b2",   "\ufdfa", "\u0301", "\u4f60", "\uff0c", "\U0001f600",
                                                "\u2581", "\xff",   "\xe4\xbd", "\u2047", "\x01",   "</s>"};
    std::string line;
    for (std::uint64_t i = 1 + random.next() % 12; i > 0; --i) line += kinds[random.next() % kinds.size()];
    return line;
}

} // namespace nmt
