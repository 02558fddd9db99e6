// A small tokenizer that is trained once, for tests that translate lines.
#pragma once

#include "nmt/base/log.hpp"
#include "tests/base/test_support.hpp"
#include "tokenizer/tokenizer.hpp"

#include <fstream>
#include <memory>
#include <string>

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

} // namespace nmt
