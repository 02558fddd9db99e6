// A parallel corpus in memory, as token ids: what training, validation and scoring read.
#pragma once

#include "nmt/data/parallel_text.hpp"
#include "tokenizer/tokenizer.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace nmt {

// The text to read and the tokenizers of its two sides, which may be one and the same.
struct CorpusSource {
    ParallelText text;
    const Tokenizer& source_tokenizer;
    const Tokenizer& target_tokenizer;
};

struct CorpusOptions {
    int max_length = 0;                                      // tokens a side, </s> counted; longer pairs are dropped; 0: none are
    bool keep_empty = false;                                 // also pairs with an empty side
    bool keep_source_text = false, keep_target_text = false; // in memory, for what encodes them again (subword_sampling.hpp)
    bool count_sentences = false;                            // of the source
};

// What became of the pairs of lines.
struct CorpusCounts {
    std::size_t kept = 0;
    std::size_t dropped_empty = 0; // a side without tokens
    std::size_t dropped_long = 0;  // a side of more than max_length tokens
    std::string first_long;        // where the first of those stands: "'a.fr', line 12"
    int usual_sentences = 0;       // the most that 99 % of the kept source lines hold (sentence_sample.hpp), where they were counted

    std::size_t dropped() const { return dropped_empty + dropped_long; }
};

// Many token sequences in two flat vectors.
class TokenStore {
  public:
    void add(std::span<const std::int32_t> sequence);
    std::size_t size() const { return ends_.size(); }
    int length(std::size_t i) const { return static_cast<int>(ends_[i] - begin(i)); }
    std::span<const std::int32_t> operator[](std::size_t i) const { return std::span(tokens_).subspan(begin(i), ends_[i] - begin(i)); }

  private:
    std::size_t begin(std::size_t i) const { return i == 0 ? 0 : ends_[i - 1]; }
    std::vector<std::int32_t> tokens_;
    std::vector<std::size_t> ends_;
};

class ParallelCorpus {
  public:
    // Tokenizes both sides, appends </s> and drops pairs as `options` say.
    // Throws Error for files that cannot be read, for unequal line counts (naming both files and counts), and if no pair is left.
    static ParallelCorpus load(const CorpusSource& from, const CorpusOptions& options = {});

    int size() const { return static_cast<int>(source_.size()); } // pairs kept
    const CorpusCounts& counts() const { return counts_; }
    // The number of the line, from 0, that pair i stood on, counted over all files of the text.
    std::size_t line(int i) const { return lines_[static_cast<std::size_t>(i)]; }
    // Where that is: "'a.fr', line 12".
    std::string place(Side side, int i) const { return places_.place(side, line(i)); }

    // The text of each pair, where it was kept; else empty.
    const std::vector<std::string>& source_texts() const { return source_texts_; }
    const std::vector<std::string>& target_texts() const { return target_texts_; }

    // Adds a pair; both sides end in </s>.
    void add(std::span<const std::int32_t> source_tokens, std::span<const std::int32_t> target_tokens, std::size_t line);

    // Of equal size; every sequence ends in </s>.
    const TokenStore& source() const { return source_; }
    const TokenStore& target() const { return target_; }

  private:
    TokenStore source_, target_;
    CorpusCounts counts_;
    std::vector<std::size_t> lines_;
    LinePlaces places_;
    std::vector<std::string> source_texts_, target_texts_;
};

// The ids of a text, without a carriage return at its end, and </s>: what a model reads.
std::vector<std::int32_t> encode_with_end(const Tokenizer& tokenizer, std::string_view text);

// "29000 pairs, 3 dropped: 2 with an empty side, 1 longer than 100 tokens (the first: 'a.fr', line 12)".
std::string describe(const CorpusCounts& counts, const CorpusOptions& options);

} // namespace nmt
