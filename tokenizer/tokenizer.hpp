// SentencePiece (Kudo and Richardson, 2018) as the toolkit uses it: training, text to pieces, pieces to text.
// The only folder that names SentencePiece.
#pragma once

#include "nmt/base/config.hpp"
#include "nmt/base/strings.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nmt {

// How a SentencePiece model is trained: section [tokenizer] of a configuration.
struct TokenizerOptions {
    std::string type = "unigram"; // unigram, bpe, char, word
    int vocabulary_size = 8000;   // with </s>, <unk>, bytes and user-defined symbols; key "vocab-size"
    bool exact = true;            // a text that cannot fill the vocabulary is an error; false, or type char: it gives a smaller one
    bool joint = true;            // one model for both sides, or one a side
    double character_coverage = 1.0;
    bool byte_fallback = false;
    std::string normalization = "nmt_nfkc"; // nmt_nfkc, nmt_nfkc_cf (lower-cases), nfkc, nfkc_cf, identity
    std::vector<std::string> user_defined_symbols;

    void describe(OptionTable& table);
};

// Text to learn from. `next` gives one line after another, without its LF, and false at the end; messages name `files`.
struct TokenizerText {
    std::vector<std::string> files;
    std::function<bool(std::string& line)> next;
};

// A piece of an encoded text.
struct Piece {
    std::int32_t id;
    std::string text; // of the vocabulary; of <unk>: the unknown text as normalization left it. White space is kSpaceMark
    // What it stands for in the text as it was before normalization, white space before it included. The spans of a text ascend without
    // overlap; one is empty where its piece shares the characters of a later one (a character that is spelt in several pieces, a
    // mark of white space that is not in the text).
    TextSpan span;
};

// A decoded text, and which bytes of it each id gave.
struct DecodedText {
    std::string text;
    std::vector<TextSpan> spans;
};

// A loaded SentencePiece model. Safe to use from several threads.
class Tokenizer {
  public:
    static constexpr std::int32_t kEndOfSentence = 0;        // </s>
    static constexpr std::int32_t kUnknown = 1;              // <unk>; there is no <s>
    static constexpr std::string_view kSpaceMark = "\u2581"; // a space inside a piece

    // Trains on the text and writes the model to `model_path`, whole or not at all.
    // Logs the size of the vocabulary, and warns of lines with bytes that SentencePiece cannot learn.
    // Throws Error if the text is empty, cannot fill the vocabulary (naming the largest size that it can fill) or has more
    // characters than the vocabulary has room for (naming the smallest), and for a path that cannot be written.
    // Deterministic: the same lines and options give the same model, and the same as spm_train.
    static void train(const TokenizerText& text, const TokenizerOptions& options, const std::filesystem::path& model_path);
    // On the lines of the files, one after another; plain or compressed.
    static void train(const std::vector<std::string>& files, const TokenizerOptions& options, const std::filesystem::path& model_path);

    // Which ids a model's special tokens must have: those above, or any, where it only cuts text into pieces.
    enum class SpecialTokens { ours, any };

    // Throws Error naming the path for a missing, broken or foreign file, and for a model whose </s> or <unk> has another id than
    // `expected`.
    explicit Tokenizer(const std::filesystem::path& model_path, SpecialTokens expected = SpecialTokens::ours);
    ~Tokenizer();
    Tokenizer(Tokenizer&&) noexcept;
    Tokenizer& operator=(Tokenizer&&) noexcept;

    int vocabulary_size() const;
    std::string type() const;          // unigram, bpe, char, word
    std::string normalization() const; // TokenizerOptions::normalization, or the name that another program gave its rules

    // The text as the tokenizer reads it, after normalization: what the pieces of encode() say.
    std::string normalized(std::string_view text) const;

    // Any bytes are welcome, also NUL and invalid UTF-8. No </s> is added, nor does "</s>" in the text become one.
    // A piece holds no space, so that a space can separate pieces. Time is linear in the text whatever it holds: a text of more than
    // kLongestPart bytes is encoded part by part, cut at spaces, or between two characters where one word alone is so long.
    std::vector<std::int32_t> encode(std::string_view text) const;
    std::vector<std::string> encode_as_pieces(std::string_view text) const;
    std::vector<Piece> encode_with_spans(std::string_view text) const;
    static constexpr std::size_t kLongestPart = 8192;

    // Encodes each text as `encode` does, but in one of its many ways, drawn by chance. unigram: a segmentation is drawn with its
    // probability to the power of alpha (Kudo, 2018, section 3.3, over all segmentations): 1 is the model's own distribution, smaller
    // values make all ways equally probable. bpe: each merge is left out with probability alpha (BPE-dropout; Provilkov et al., 2020). A
    // function of its arguments alone, whatever was sampled before and on whichever thread. Throws Error for the types char and word, which
    // know one way alone, and unless 0 < alpha <= 1.
    std::vector<std::vector<std::int32_t>> sample(std::span<const std::string> texts, double alpha, std::uint64_t seed) const;

    // </s> is left out, <unk> becomes " \u2047 "; a piece that is not in the vocabulary stands for itself.
    // The text never holds LF or CR: a decoded line break becomes a space.
    // Throws Error for an id outside the vocabulary.
    std::string decode(const std::vector<std::int32_t>& ids) const;
    DecodedText decode_with_spans(const std::vector<std::int32_t>& ids) const;
    std::string decode_pieces(const std::vector<std::string>& pieces) const;

    std::string piece(std::int32_t id) const;
    std::int32_t id(std::string_view piece) const; // kUnknown if it is no piece

  private:
    void check_ids(const std::vector<std::int32_t>& ids) const;

    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

// The version of the SentencePiece library.
std::string sentencepiece_version();

} // namespace nmt
