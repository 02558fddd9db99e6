// The tokenizers of BLEU, as defined by sacreBLEU (Post 2018, "A Call for Clarity in Reporting BLEU Scores"). Text is UTF-8;
// bytes that are not valid UTF-8 are kept and count as letters.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nmt {

// One of
//   13a       mteval-v13a, sacreBLEU's default: for text as people write it, in Western languages
//   intl      mteval-v14 with its international option: punctuation and symbols of all scripts
//   char      characters: for text without blanks between words
//   zh        Chinese: each ideograph, and the rest as 13a has it
//   ja-mecab  Japanese: the words of MeCab with its IPA dictionary
//   spm:FILE  the pieces of a SentencePiece model (Goyal et al. 2022, "The Flores-101 Evaluation Benchmark": spBLEU)
//   flores101, flores200   those of the models of these benchmarks, where sacreBLEU keeps them: ~/.sacrebleu/models
//   none      white space only: for text that is tokenized already
// Copies share what they have loaded. Safe to use from several threads.
class BleuTokenizer {
  public:
    // Throws Error for another name, for a model that cannot be read, and where MeCab or its dictionary is not installed.
    BleuTokenizer(const std::string& name = "13a"); // not explicit: where a tokenizer is wanted, its name will do
    BleuTokenizer(const char* name) : BleuTokenizer(std::string(name)) {}

    static const std::vector<std::string>& names(); // as above, for help
    // Throws Error, naming the nearest, for what is no name of a tokenizer. Loads nothing.
    static void check_name(const std::string& name);

    // What signatures call it: its name, for ja-mecab with the version of MeCab, for spm with the model's checksum.
    std::string signature() const;

    // The tokens of a segment, parted by white space.
    std::string operator()(std::string_view segment) const;

    class Method; // how it cuts

  private:
    std::shared_ptr<const Method> method_;
};

// NIST's mteval-v13a.pl: entities of SGML are replaced, and ASCII punctuation is set apart, but for apostrophes, for hyphens
// that follow no digit and for periods and commas between digits.
std::string tokenize_13a(std::string_view segment);

// NIST's mteval-v14.pl --international-tokenization: symbols are set apart, and punctuation is unless it stands between
// numbers (category N of Unicode) or between a number and the start or end of the segment.
std::string tokenize_intl(std::string_view segment);

// Each character but white space.
std::string tokenize_char(std::string_view segment);

// Ideographs and East Asian punctuation one by one, and ASCII punctuation as 13a has it, entities aside. As in the reference
// implementation, U+2001 to U+2A6D count among the ideographs (its ranges beyond U+FFFF are written with four digits), and those beyond
// do not.
std::string tokenize_zh(std::string_view segment);

} // namespace nmt
