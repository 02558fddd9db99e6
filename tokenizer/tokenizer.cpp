#include "tokenizer/tokenizer.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/input_file.hpp"
#include "nmt/base/line_reader.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/base/paths.hpp"
#include "nmt/base/strings.hpp"
#include "nmt/base/utf8.hpp"
#include "tokenizer/model_file.hpp"

#include <sentencepiece_processor.h>
#include <sentencepiece_trainer.h>

#include <algorithm>
#include <exception>
#include <mutex>
#include <optional>
#include <regex>
#include <set>
#include <thread>
#include <unordered_map>
#include <utility>

namespace nmt {
namespace {

constexpr std::string_view kReservedMark = "\xe2\x96\x85"; // U+2585: the trainer drops a whole line for it

// SentencePiece drops longer lines. Ours are cut at a space instead: pieces never cross a space, so nothing is lost.
constexpr std::size_t kLongestLine = 4192;

// Whether normalization may leave nothing of `text`: white space, controls, marks of width zero. The unigram trainer ends
// the process when no text is left.
bool is_blank(std::string_view text) {
    for (std::size_t next = 0; next < text.size();) {
        const char32_t c = next_character(text, next);
        const bool blank = c <= 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0x1680 || (c >= 0x2000 && c <= 0x200f) ||
                           (c >= 0x2028 && c <= 0x202f) || c == 0x205f || c == 0x2581 || c == 0x3000 || c == 0xfeff || c == 0xfffd;
        if (!blank) return false;
    }
    return true;
}

// Hands the lines of a text to SentencePiece's trainer and counts what the trainer would pass over in silence.
class TrainingLines final : public sentencepiece::SentenceIterator {
  public:
    explicit TrainingLines(const TokenizerText& text) : text_(text) { Next(); }

    bool done() const override { return done_; }
    const std::string& value() const override { return value_; }
    sentencepiece::util::Status status() const override {
        return error_ ? sentencepiece::util::Status(sentencepiece::util::StatusCode::kDataLoss, "reading failed")
                      : sentencepiece::util::Status();
    }

    void Next() override {
        try {
            while (position_ < line_.size() || read_line())
                if (take_chunk()) return;
        } catch (...) {
            error_ = std::current_exception(); // must not pass through the trainer
        }
        done_ = true;
    }

    // Throws what reading has thrown.
    void rethrow() const {
        if (error_) std::rethrow_exception(error_);
    }

    std::size_t lines() const { return lines_; }

    void report() const {
        const auto warn = [&](std::size_t count, std::string_view what) {
            if (count > 0) log_warning("tokenizer training: {} of {} lines {}", count, lines_, what);
        };
        warn(invalid_, "hold invalid UTF-8; each invalid byte was read as U+FFFD");
        warn(with_nul_, "hold NUL bytes, which no piece can hold");
        warn(reserved_, "hold U+2585, which SentencePiece reserves; it was read as a space");
    }

  private:
    bool read_line() {
        line_.clear();
        position_ = 0;
        if (!text_.next(line_)) return false;
        line_.resize(without_carriage_return(line_).size());
        ++lines_;
        if (line_.find('\0') != std::string::npos) ++with_nul_;
        if (!is_utf8(line_)) ++invalid_;
        if (line_.find(kReservedMark) != std::string::npos) {
            ++reserved_;
            replace_all(line_, kReservedMark, " ");
        }
        return true;
    }

    // Moves the next part of the line into value_; false if that part is blank.
    bool take_chunk() {
        const std::string_view rest = std::string_view(line_).substr(position_);
        std::size_t length = rest.size();
        if (length > kLongestLine) {
            length = rest.rfind(' ', kLongestLine);
            if (length == std::string_view::npos || length == 0) length = character_boundary(rest, kLongestLine); // one endless word
        }
        value_.assign(rest.substr(0, length));
        position_ += length;
        return !is_blank(value_);
    }

    const TokenizerText& text_;
    std::string line_, value_;
    std::size_t position_ = 0;
    std::size_t lines_ = 0, invalid_ = 0, with_nul_ = 0, reserved_ = 0;
    bool done_ = false;
    std::exception_ptr error_;
};

std::string in_files(const std::vector<std::string>& files) { return fmt::format("'{}'", fmt::join(files, "', '")); }

// One entry of SentencePiece's comma-separated lists.
std::string quoted(std::string text) {
    replace_all(text, "\"", "\"\"");
    return '"' + text + '"';
}

void check_options(const TokenizerOptions& options) {
    std::set<std::string> seen{"<unk>", "</s>", "<s>", "<pad>"};
    for (const std::string& symbol : options.user_defined_symbols) {
        check(!symbol.empty() && symbol.find_first_of(std::string_view(" \t\r\n\0", 5)) == std::string::npos &&
                  symbol.find(Tokenizer::kSpaceMark) == std::string::npos && symbol.find(kReservedMark) == std::string::npos &&
                  is_utf8(symbol),
              "user-defined symbol '{}': expected UTF-8 text without white space", symbol);
        check(seen.insert(symbol).second, "user-defined symbol '{}' is reserved or given twice; leave it out", symbol);
    }
    const std::size_t fixed = 2 + options.user_defined_symbols.size() + (options.byte_fallback ? 256 : 0);
    check(static_cast<std::size_t>(options.vocabulary_size) > fixed,
          "vocab-size = {} is too small: </s>, <unk>{}{} alone take {}; ask for more", options.vocabulary_size,
          options.byte_fallback ? ", 256 bytes" : "",
          options.user_defined_symbols.empty() ? "" : fmt::format(", {} user-defined symbols", options.user_defined_symbols.size()), fixed);
}

void check_model_path(const std::filesystem::path& path) {
    check_writable(path.has_parent_path() ? path.parent_path() : ".");
    const auto status = std::filesystem::status(path);
    check(!std::filesystem::exists(status) || std::filesystem::is_regular_file(status),
          "cannot write '{}': something that is no file has that name", path.string());
}

std::unordered_map<std::string, std::string> trainer_arguments(const TokenizerOptions& options) {
    std::unordered_map<std::string, std::string> arguments{
        {"model_type", options.type},
        {"vocab_size", std::to_string(options.vocabulary_size)},
        {"hard_vocab_limit", options.exact ? "true" : "false"},
        {"character_coverage", fmt::format("{}", options.character_coverage)},
        {"byte_fallback", options.byte_fallback ? "true" : "false"},
        {"normalization_rule_name", options.normalization},
        {"eos_id", std::to_string(Tokenizer::kEndOfSentence)},
        {"unk_id", std::to_string(Tokenizer::kUnknown)},
        {"bos_id", "-1"},
        {"pad_id", "-1"},
        {"max_sentence_length", std::to_string(kLongestLine)},
        {"num_threads", "16"}, // the result depends on it; this is spm_train's default
        {"minloglevel", "3"},  // nothing but what ends the process
    };
    std::vector<std::string> symbols;
    for (const std::string& symbol : options.user_defined_symbols) symbols.push_back(quoted(symbol));
    if (!symbols.empty()) arguments["user_defined_symbols"] = fmt::format("{}", fmt::join(symbols, ","));
    return arguments;
}

// Says in one line what SentencePiece's trainer refused.
[[noreturn]] void fail_training(const std::string& message, const TokenizerOptions& options, const std::vector<std::string>& files) {
    std::smatch found;
    if (std::regex_search(message, found, std::regex("too high \\(\\d+\\).* <= (\\d+)")))
        fail("vocab-size = {} is too large: the text in {} gives a {} vocabulary of at most {}; ask for {} or less, give more text, or "
             "allow a smaller vocabulary with exact = false (--no-exact)",
             options.vocabulary_size, in_files(files), options.type, found.str(1), found.str(1));
    if (std::regex_search(message, found, std::regex("smaller than required_chars\\. \\d+ vs (\\d+)")))
        fail("vocab-size = {} is too small: the characters of the text in {} and the fixed pieces alone take {}; ask for at least {}, or "
             "lower character-coverage = {}",
             options.vocabulary_size, in_files(files), found.str(1), found.str(1), options.character_coverage);
    fail("training a {} tokenizer of {} pieces on {} failed in SentencePiece: {}", options.type, options.vocabulary_size, in_files(files),
         std::regex_replace(message, std::regex("\\s+"), " "));
}

} // namespace

void TokenizerOptions::describe(OptionTable& table) {
    table.add("type", type, "kind of model", {"unigram", "bpe", "char", "word"});
    table.add("vocab-size", vocabulary_size, "pieces in the vocabulary", 3, 10'000'000);
    table.add("exact", exact, "fail if the text cannot fill the vocabulary (char: never)");
    table.add("joint", joint, "one model for both sides");
    table.add("character-coverage", character_coverage, "share of the text's characters that get pieces of their own", 0.98, 1.0);
    table.add("byte-fallback", byte_fallback, "spell unknown characters in UTF-8 bytes");
    table.add("normalization", normalization, "Unicode normalization; _cf also lower-cases",
              {"nmt_nfkc", "nmt_nfkc_cf", "nfkc", "nfkc_cf", "identity"});
    table.add("user-defined-symbols", user_defined_symbols, "texts that are always one piece");
}

void Tokenizer::train(const std::vector<std::string>& files, const TokenizerOptions& options, const std::filesystem::path& model_path) {
    check(!files.empty(), "training a tokenizer needs at least one text file");
    std::size_t opened = 0;
    std::optional<LineReader> reader;
    const auto next = [&](std::string& line) {
        for (;;) {
            if (reader && reader->next(line)) return true;
            if (opened == files.size()) return false;
            reader.emplace(files[opened++]);
        }
    };
    train(TokenizerText{files, next}, options, model_path);
}

void Tokenizer::train(const TokenizerText& text, const TokenizerOptions& options, const std::filesystem::path& model_path) {
    const std::vector<std::string>& files = text.files;
    check_options(options);
    check_model_path(model_path);
    TrainingLines lines(text);
    lines.rethrow();
    check(!lines.done(), "the text in {} is empty ({} lines); a tokenizer cannot be learned from it", in_files(files), lines.lines());
    std::string model;
    const auto status = sentencepiece::SentencePieceTrainer::Train(trainer_arguments(options), &lines, &model);
    lines.rethrow();
    if (!status.ok()) fail_training(status.message(), options, files);
    lines.report();
    write_file(model_path, model);
    log_info("tokenizer: {} model of {} pieces learned from {} lines, in '{}'", options.type, Tokenizer(model_path).vocabulary_size(),
             lines.lines(), model_path.string());
}

namespace {

// Whether the pieces of a text that is cut before a space are those of its parts: where a model puts a mark of white space before each
// text, and makes one mark of several spaces.
bool takes_parts(const sentencepiece::SentencePieceProcessor& processor) {
    const auto spelt = [&](std::string_view text) { return fmt::format("{}", fmt::join(processor.EncodeAsPieces(text), "")); };
    return spelt("a b") == spelt("a") + spelt(" b") && spelt("a").starts_with(Tokenizer::kSpaceMark);
}

// How much of a text to encode at once.
std::size_t end_of_part(std::string_view text) {
    if (text.size() <= Tokenizer::kLongestPart) return text.size();
    const std::size_t space = text.rfind(' ', Tokenizer::kLongestPart);
    if (space != std::string_view::npos && space > 0) return space;
    return character_boundary(text, Tokenizer::kLongestPart);
}

} // namespace

struct Tokenizer::Implementation {
    sentencepiece::SentencePieceProcessor processor;
    ModelFileFacts facts;
    bool takes_parts = false;

    std::vector<Piece> encode(std::string_view text) const;
    std::vector<Piece> encode_in_parts(std::string_view text) const;
    std::vector<Piece> without_mark(const Piece& piece) const;
    bool is_whole(std::string_view text) const { return text.size() <= kLongestPart || !takes_parts; } // encoded at once
};

Tokenizer::Tokenizer(const std::filesystem::path& model_path, SpecialTokens expected)
    : implementation_(std::make_unique<Implementation>()) {
    const std::string model = read_file(model_path);
    sentencepiece::SentencePieceProcessor& processor = implementation_->processor;
    std::string fault;
    try {
        implementation_->facts = check_model_file(model);
        const auto status = processor.LoadFromSerializedProto(model);
        if (!status.ok()) fault = fmt::format("SentencePiece says '{}'", status.message());
    } catch (const std::exception& error) { // the library's structures have exceptions of their own
        fault = error.what();
    }
    check(fault.empty(), "'{}' is no SentencePiece model, or a broken one: {}", model_path.string(), fault);
    check(expected == SpecialTokens::any || (processor.eos_id() == kEndOfSentence && processor.unk_id() == kUnknown),
          "'{}' has </s> at id {} and <unk> at id {}; expected {} and {}: train it with 'nmt tokenizer train', or spm_train --eos_id={} "
          "--unk_id={} --bos_id=-1",
          model_path.string(), processor.eos_id(), processor.unk_id(), kEndOfSentence, kUnknown, kEndOfSentence, kUnknown);
    implementation_->takes_parts = takes_parts(processor);
}

Tokenizer::~Tokenizer() = default;
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;

int Tokenizer::vocabulary_size() const { return implementation_->processor.GetPieceSize(); }

std::string Tokenizer::type() const { return implementation_->facts.type; }

std::string Tokenizer::normalization() const { return implementation_->facts.normalization; }

std::string Tokenizer::normalized(std::string_view text) const { return decode_pieces(encode_as_pieces(text)); }

std::vector<std::vector<std::int32_t>> Tokenizer::sample(std::span<const std::string> texts, double alpha, std::uint64_t seed) const {
    check(type() == "unigram" || type() == "bpe", "a {} tokenizer knows one way to encode a text and cannot sample; use unigram or bpe",
          type());
    check(alpha > 0 && alpha <= 1, "sampling with alpha = {}: expected more than 0, and at most 1", alpha);
    std::vector<std::vector<std::int32_t>> samples(texts.size());
    std::exception_ptr error;
    const auto work = [&] {
        try {
            for (std::size_t i = 0; i < texts.size(); ++i) {
                const auto status = implementation_->processor.SampleEncode(texts[i], -1, static_cast<float>(alpha), &samples[i]);
                check(status.ok(), "SentencePiece cannot sample a text of {} bytes: {}", texts[i].size(), status.message());
            }
        } catch (...) {
            error = std::current_exception();
        }
    };
    // SentencePiece has a generator a thread, which takes the process's seed when the thread first draws. So the draws are made on a
    // thread of their own, one at a time.
    static std::mutex one_at_a_time;
    const std::lock_guard lock(one_at_a_time);
    sentencepiece::SetRandomGeneratorSeed(static_cast<unsigned>(seed % 0xffffffffu)); // that value itself would mean: by chance
    std::thread(work).join();
    if (error) std::rethrow_exception(error);
    return samples;
}

std::vector<Piece> Tokenizer::Implementation::encode(std::string_view text) const {
    sentencepiece::ImmutableSentencePieceText encoded;
    const auto status = processor.Encode(text, encoded.mutable_proto());
    check(status.ok(), "SentencePiece cannot encode a text of {} bytes: {}", text.size(), status.message());
    std::vector<Piece> pieces;
    pieces.reserve(encoded.pieces_size());
    for (std::size_t i = 0; i < encoded.pieces_size(); ++i) {
        const auto piece = encoded.pieces(static_cast<int>(i));
        pieces.push_back({static_cast<std::int32_t>(piece.id()), piece.piece(), {piece.begin(), piece.end()}});
    }
    return pieces;
}

// SentencePiece joins the unknown characters of a run one by one, copying what it has: on long runs that takes quadratic time.
std::vector<Piece> Tokenizer::Implementation::encode_in_parts(std::string_view text) const {
    std::vector<Piece> pieces;
    const auto append = [&](Piece piece) {
        if (piece.id != kUnknown || pieces.empty() || pieces.back().id != kUnknown) return pieces.push_back(std::move(piece));
        pieces.back().text += piece.text;
        pieces.back().span.end = piece.span.end;
    };
    for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end) {
        end = begin + end_of_part(text.substr(begin));
        std::vector<Piece> part = encode(text.substr(begin, end - begin));
        for (Piece& piece : part) piece.span = {begin + piece.span.begin, begin + piece.span.end};
        auto next = part.begin();
        if (next != part.end() && !pieces.empty()) {
            // Every part begins with a mark of white space, which stands for some if there is any between the parts.
            const std::size_t behind = pieces.back().span.end;
            if (next->span.begin > behind) next->span.begin = behind;
            else
                for (Piece& piece : without_mark(*next++)) append(std::move(piece));
        }
        for (; next != part.end(); ++next) append(std::move(*next));
    }
    return pieces;
}

// What a piece spells without the mark of white space that it may begin with: in one piece where there is such, else in its characters.
std::vector<Piece> Tokenizer::Implementation::without_mark(const Piece& piece) const {
    if (!piece.text.starts_with(kSpaceMark)) return {piece};
    std::string rest = piece.text.substr(kSpaceMark.size());
    const std::int32_t id = processor.PieceToId(rest);
    if (rest.empty()) return {};
    if (piece.id == kUnknown || id != kUnknown) return {{id, std::move(rest), piece.span}};
    std::vector<Piece> characters;
    for (std::size_t begin = 0, end = 0; begin < rest.size(); begin = end) {
        next_character(rest, end);
        std::string character = rest.substr(begin, end - begin);
        const std::int32_t of_character = processor.PieceToId(character);
        characters.push_back({of_character, std::move(character), {piece.span.begin, piece.span.begin}});
    }
    characters.back().span = piece.span;
    return characters;
}

std::vector<std::int32_t> Tokenizer::encode(std::string_view text) const {
    std::vector<std::int32_t> ids;
    if (implementation_->is_whole(text)) {
        const auto status = implementation_->processor.Encode(text, &ids);
        check(status.ok(), "SentencePiece cannot encode a text of {} bytes: {}", text.size(), status.message());
    } else {
        for (const Piece& piece : implementation_->encode_in_parts(text)) ids.push_back(piece.id);
    }
    return ids;
}

std::vector<std::string> Tokenizer::encode_as_pieces(std::string_view text) const {
    std::vector<std::string> pieces;
    for (Piece& piece : encode_with_spans(text)) pieces.push_back(std::move(piece.text));
    return pieces;
}

std::vector<Piece> Tokenizer::encode_with_spans(std::string_view text) const {
    return implementation_->is_whole(text) ? implementation_->encode(text) : implementation_->encode_in_parts(text);
}

namespace {

// Unknown pieces come back as they are, with the mark of a space; line breaks must not reach a line of output.
std::string clean(std::string text, bool begins_text = true) {
    if (begins_text && text.starts_with(Tokenizer::kSpaceMark)) text.erase(0, Tokenizer::kSpaceMark.size());
    replace_all(text, Tokenizer::kSpaceMark, " ");
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return text;
}

} // namespace

void Tokenizer::check_ids(const std::vector<std::int32_t>& ids) const {
    for (const std::int32_t id : ids)
        check(id >= 0 && id < vocabulary_size(), "token id {} is outside the vocabulary of {} pieces", id, vocabulary_size());
}

std::string Tokenizer::decode(const std::vector<std::int32_t>& ids) const {
    check_ids(ids);
    std::string text;
    const auto status = implementation_->processor.Decode(ids, &text);
    check(status.ok(), "SentencePiece cannot decode {} ids: {}", ids.size(), status.message());
    return clean(std::move(text));
}

DecodedText Tokenizer::decode_with_spans(const std::vector<std::int32_t>& ids) const {
    check_ids(ids);
    sentencepiece::ImmutableSentencePieceText pieces;
    const auto status = implementation_->processor.Decode(ids, pieces.mutable_proto());
    check(status.ok(), "SentencePiece cannot decode {} ids: {}", ids.size(), status.message());
    DecodedText decoded;
    decoded.spans.reserve(ids.size());
    bool begins = true;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const std::size_t begin = decoded.text.size();
        const std::string& surface = pieces.pieces(static_cast<int>(i)).surface();
        decoded.text += clean(surface, begins);
        decoded.spans.push_back({begin, decoded.text.size()});
        begins = begins && surface.empty();
    }
    if (std::string text = clean(pieces.text()); text != decoded.text) { // a foreign model with a normalization of what it decodes
        decoded.text = std::move(text);
        for (TextSpan& span : decoded.spans) span = {std::min(span.begin, decoded.text.size()), std::min(span.end, decoded.text.size())};
    }
    return decoded;
}

std::string Tokenizer::decode_pieces(const std::vector<std::string>& pieces) const {
    std::string text;
    const auto status = implementation_->processor.Decode(pieces, &text);
    check(status.ok(), "SentencePiece cannot decode {} pieces: {}", pieces.size(), status.message());
    return clean(std::move(text));
}

std::string Tokenizer::piece(std::int32_t id) const {
    check(id >= 0 && id < vocabulary_size(), "token id {} is outside the vocabulary of {} pieces", id, vocabulary_size());
    return implementation_->processor.IdToPiece(id);
}

std::int32_t Tokenizer::id(std::string_view piece) const { return implementation_->processor.PieceToId(piece); }

std::string sentencepiece_version() {
#ifdef NMT_SENTENCEPIECE_VERSION
    return NMT_SENTENCEPIECE_VERSION;
#else
    return "(version unknown)"; // the library itself does not tell
#endif
}

} // namespace nmt
