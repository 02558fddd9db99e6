#include "nmt/evaluation/bleu_tokenizer.hpp"

#include "nmt/base/checksum.hpp"
#include "nmt/base/config.hpp"
#include "nmt/base/error.hpp"
#include "nmt/base/strings.hpp"
#include "nmt/evaluation/japanese_words.hpp"
#include "nmt/evaluation/punctuation.hpp"
#include "nmt/evaluation/python_text.hpp"
#include "tokenizer/tokenizer.hpp"

#include <unicode/uchar.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include <fmt/ranges.h>

namespace nmt {

class BleuTokenizer::Method {
  public:
    explicit Method(std::string signature) : signature_(std::move(signature)) {}
    virtual ~Method() = default;
    virtual std::string cut(std::string_view segment) const = 0;
    const std::string& signature() const { return signature_; }

  private:
    std::string signature_;
};

namespace {

// What needs nothing but the text.
class Rule : public BleuTokenizer::Method {
  public:
    using Function = std::string (*)(std::string_view);
    Rule(const std::string& name, Function function) : Method(name), function_(function) {}
    std::string cut(std::string_view segment) const override { return function_(segment); }

  private:
    Function function_;
};

class Japanese : public BleuTokenizer::Method {
  public:
    Japanese() : Japanese(std::make_unique<JapaneseWords>()) {}
    std::string cut(std::string_view segment) const override { return words_->cut(strip(segment)); }

  private:
    explicit Japanese(std::unique_ptr<JapaneseWords> words) : Method("ja-mecab-" + words->signature()), words_(std::move(words)) {}
    std::unique_ptr<JapaneseWords> words_;
};

class Pieces : public BleuTokenizer::Method {
  public:
    Pieces(const std::string& file, const std::string& signature) : Method(signature), model_(file, Tokenizer::SpecialTokens::any) {}
    std::string cut(std::string_view segment) const override { return fmt::format("{}", fmt::join(model_.encode_as_pieces(segment), " ")); }

  private:
    Tokenizer model_;
};

using MethodPointer = std::shared_ptr<const BleuTokenizer::Method>;

// A model that sacreBLEU has downloaded.
MethodPointer flores(const std::string& name, const std::string& file) {
    const char* const home = std::getenv("HOME");
    const std::filesystem::path path = std::filesystem::path(home != nullptr ? home : "/") / ".sacrebleu/models" / file;
    check(std::filesystem::exists(path),
          "the tokenizer {} needs its SentencePiece model, which sacreBLEU keeps in '{}'; fetch it with sacreBLEU, or give its file as "
          "spm:FILE",
          name, path.string());
    return std::make_shared<Pieces>(path.string(), name);
}

constexpr std::string_view kModelPrefix = "spm:";

MethodPointer model_in(const std::string& file) {
    constexpr std::size_t kDigits = 8; // of the checksum: enough to tell models apart
    return std::make_shared<Pieces>(file, fmt::format("spm-{}", sha256_of_file(file).substr(0, kDigits)));
}

template <Rule::Function function>
MethodPointer rule(const std::string& name) {
    return std::make_shared<Rule>(name, function);
}

std::string unchanged(std::string_view segment) { return std::string(segment); }

// A new tokenizer is one line here.
struct NamedTokenizer {
    std::string_view name;
    MethodPointer (*make)(const std::string& name);
};

constexpr NamedTokenizer kTokenizers[] = {
    {"13a", rule<tokenize_13a>},
    {"intl", rule<tokenize_intl>},
    {"char", rule<tokenize_char>},
    {"zh", rule<tokenize_zh>},
    {"ja-mecab", [](const std::string&) -> MethodPointer { return std::make_shared<Japanese>(); }},
    {"flores101", [](const std::string& name) { return flores(name, "sacrebleu_tokenizer_spm.model"); }},
    {"flores200", [](const std::string& name) { return flores(name, "flores200sacrebleuspm"); }},
    {"none", rule<unchanged>},
};

bool names_a_model(const std::string& name) { return name.starts_with(kModelPrefix) && name.size() > kModelPrefix.size(); }

const NamedTokenizer* find_tokenizer(const std::string& name) {
    const auto found = std::find_if(std::begin(kTokenizers), std::end(kTokenizers), [&](const auto& t) { return t.name == name; });
    return found == std::end(kTokenizers) ? nullptr : found;
}

MethodPointer method_named(const std::string& name) {
    BleuTokenizer::check_name(name);
    return names_a_model(name) ? model_in(name.substr(kModelPrefix.size())) : find_tokenizer(name)->make(name);
}

bool is_in(char32_t character, std::uint32_t categories) { return (U_GET_GC_MASK(static_cast<UChar32>(character)) & categories) != 0; }
bool is_number(char32_t character) { return is_in(character, U_GC_N_MASK); }
bool is_punctuation(char32_t character) { return is_in(character, U_GC_P_MASK); }

} // namespace

BleuTokenizer::BleuTokenizer(const std::string& name) : method_(method_named(name)) {}

const std::vector<std::string>& BleuTokenizer::names() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const NamedTokenizer& tokenizer : kTokenizers) all.emplace_back(tokenizer.name);
        all.emplace_back("spm:FILE");
        return all;
    }();
    return names;
}

void BleuTokenizer::check_name(const std::string& name) {
    if (names_a_model(name) || find_tokenizer(name) != nullptr) return;
    check(name != "ko-mecab", "there is no tokenizer ko-mecab here, as Debian has no Korean dictionary for MeCab; take spm:FILE or char");
    check(name != "spm" && name != kModelPrefix,
          "the tokenizer spm wants the file of a SentencePiece model: expected spm:FILE, or flores101 for what sacreBLEU calls spm");
    fail("unknown tokenizer of BLEU '{}'; expected one of {}{}", name, fmt::join(names(), ", "), did_you_mean(name, names()));
}

std::string BleuTokenizer::signature() const { return method_->signature(); }

std::string BleuTokenizer::operator()(std::string_view segment) const { return method_->cut(segment); }

std::string tokenize_13a(std::string_view segment) {
    std::string text(segment);
    replace_all(text, "<skipped>", "");
    replace_all(text, "-\n", ""); // a word hyphenated at the end of a line
    replace_all(text, "\n", " ");
    replace_entities(text);
    // The blank on either side of the line gives every mark two neighbours.
    return join_words(split_words(separate_stops_and_hyphens(separate_punctuation(" " + text + " "))));
}

std::string tokenize_intl(std::string_view segment) {
    std::u32string text = rewrite_pairs(
        code_points(segment), [](char32_t a, char32_t b) { return is_punctuation(b) && !is_number(a); },
        write_second_apart<std::u32string, char32_t>);
    text = rewrite_pairs(
        text, [](char32_t a, char32_t b) { return is_punctuation(a) && !is_number(b); }, write_first_apart<std::u32string, char32_t>);
    std::string result;
    for (const char32_t character : text) {
        const bool symbol = is_in(character, U_GC_S_MASK);
        if (symbol) result += ' ';
        append_code_point(result, character);
        if (symbol) result += ' ';
    }
    return join_words(split_words(result));
}

std::string tokenize_char(std::string_view segment) {
    std::string result;
    for (const std::string_view word : split_words(segment))
        for (const char32_t character : code_points(word)) {
            if (!result.empty()) result += ' ';
            append_code_point(result, character);
        }
    return result;
}

namespace {

// The reference implementation's ranges; those of its last two that it wrote with five digits are what its comparison of texts makes of
// them.
bool is_chinese(char32_t c) {
    constexpr std::pair<char32_t, char32_t> kRanges[] = {{0x2001, 0x2A6D}, {0x2E80, 0x2EFF}, {0x2F00, 0x2FDF}, {0x2FF0, 0x303F},
                                                         {0x3100, 0x312F}, {0x31A0, 0x31BF}, {0x31C0, 0x31EF}, {0x3200, 0x33FF},
                                                         {0x3400, 0x4DB5}, {0x4E00, 0x9FBB}, {0xF900, 0xFA2D}, {0xFA30, 0xFA6A},
                                                         {0xFA70, 0xFAD9}, {0xFE10, 0xFE1F}, {0xFE30, 0xFE4F}, {0xFF00, 0xFFEF}};
    return std::any_of(std::begin(kRanges), std::end(kRanges), [&](const auto& range) { return range.first <= c && c <= range.second; });
}

} // namespace

std::string tokenize_zh(std::string_view segment) {
    std::string text;
    for (const char32_t character : code_points(strip(segment))) {
        const bool apart = is_chinese(character);
        if (apart) text += ' ';
        append_code_point(text, character);
        if (apart) text += ' ';
    }
    return join_words(split_words(separate_stops_and_hyphens(separate_punctuation(text))));
}

} // namespace nmt
