// nmt tokenizer train|encode|decode.
#include "nmt/base/error.hpp"
#include "nmt/base/line_reader.hpp"
#include "nmt/base/line_writer.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/paths.hpp"
#include "tokenizer/tokenizer.hpp"
#include "tools/nmt/command.hpp"
#include "tools/nmt/commands.hpp"

#include <charconv>

namespace nmt {
namespace {

int train_tokenizer(const std::vector<std::string>& arguments) {
    std::vector<std::string> input;
    std::string model;
    TokenizerOptions training;
    bool no_exact = false;
    CommandOptions options(
        {"nmt tokenizer train", "[--input] FILE ... --model FILE [options]",
         "Learns a SentencePiece model from text, one sentence a line. Give both sides of a parallel corpus to learn one "
         "model for both languages. </s> gets id 0 and <unk> id 1. The same text and options give the same model.",
         "  nmt tokenizer train train.en train.de --model joint.model --vocab-size 8000\n"
         "  nmt tokenizer train train.fr.gz --model fr.model --type word --no-exact"});
    options.add("input,i", "FILE", input, "text to learn from, plain or compressed; '-' is stdin").required().positional();
    options.add("model,m", "FILE", model, "SentencePiece model to write").required();
    options.add("type", "TYPE", training.type, "kind of pieces", std::vector<std::string>{"unigram", "bpe", "char", "word"});
    options.add("vocab-size", "N", training.vocabulary_size, "pieces in the vocabulary, all told", 3, 10'000'000);
    options.add("no-exact", "", no_exact, "let a small text give a smaller vocabulary instead of an error (type char always does)");
    options.add("character-coverage", "X", training.character_coverage,
                "share of the text's characters that get pieces of their own; 0.9995 for Chinese or Japanese", 0.98, 1.0);
    options.add("byte-fallback", "", training.byte_fallback, "spell unknown characters in UTF-8 bytes (256 pieces)");
    options.add("normalization", "NAME", training.normalization, "Unicode normalization; those with _cf also lower-case",
                std::vector<std::string>{"nmt_nfkc", "nmt_nfkc_cf", "nfkc", "nfkc_cf", "identity"});
    options.add("user-defined-symbols", "TEXT", training.user_defined_symbols, "texts that are always one piece");
    options.add_line_limit();
    if (!options.parse(arguments)) return 0;
    training.exact = !no_exact;
    Tokenizer::train(input, training, model);
    log_info("'{0}' holds {1} pieces; train a model with it: 'nmt train --set data.source-tokenizer={0} data.target-tokenizer={0} ...'",
             model, Tokenizer(model).vocabulary_size());
    return 0;
}

// What encode and decode have in common.
struct Conversion {
    std::string model, input = "-", encoding, output = "-", format = "piece";
};

void add_conversion_options(CommandOptions& options, Conversion& conversion, const std::string& format_option, const std::string& help) {
    options.add("model,m", "FILE", conversion.model, "SentencePiece model").required();
    options.add("input,i", "FILE", conversion.input, "lines to read, plain or compressed; '-' is stdin").positional();
    options.add("encoding", "NAME", conversion.encoding,
                "the encoding of the input, where it is not UTF-8: UTF-16, ISO-8859-1, WINDOWS-1252, GB18030, ...");
    options.add("output,o", "FILE", conversion.output,
                "file to write, compressed where it is called .gz, .zst, .xz or .bz2; '-' is stdout");
    options.add(format_option, "FORMAT", conversion.format, help, std::vector<std::string>{"piece", "id"});
}

// Writes convert(line, its number from 1) for every line, in constant memory; a reader that waits for it gets it at once.
template <typename Convert>
void convert_lines(const Conversion& conversion, Convert convert) {
    LineReader reader(conversion.input, {.encoding = conversion.encoding, .prompt = "> "});
    LineWriter writer(conversion.output);
    std::size_t number = 0;
    for (std::string line; reader.next(line);) {
        writer.write(convert(line, ++number));
        if (!reader.ready()) writer.flush();
    }
    writer.close();
}

int encode(const std::vector<std::string>& arguments) {
    Conversion conversion;
    CommandOptions options(
        {"nmt tokenizer encode", "--model FILE [[--input] FILE] [--output FILE] [options]",
         "Splits each line into pieces, separated by spaces. Line N of the output belongs to line N of the input, whatever "
         "the input holds. A character that the model does not know is written as it is, or has id 1.",
         "  nmt tokenizer encode --model joint.model < train.en > train.pieces.en\n"
         "  nmt tokenizer encode -m joint.model train.en.gz -o ids.en --output-format id"});
    add_conversion_options(options, conversion, "output-format", "what to write");
    options.add_line_limit();
    if (!options.parse(arguments)) return 0;
    const Tokenizer tokenizer(conversion.model);
    convert_lines(conversion, [&](const std::string& line, std::size_t) {
        return conversion.format == "id" ? fmt::format("{}", fmt::join(tokenizer.encode(line), " "))
                                         : fmt::format("{}", fmt::join(tokenizer.encode_as_pieces(line), " "));
    });
    return 0;
}

// The parts of a line between separators; none of them is empty.
std::vector<std::string> split(std::string_view line, std::string_view separators) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0; (begin = line.find_first_not_of(separators, begin)) != std::string_view::npos;) {
        const std::size_t end = std::min(line.find_first_of(separators, begin), line.size());
        parts.emplace_back(line.substr(begin, end - begin));
        begin = end;
    }
    return parts;
}

std::vector<std::int32_t> parse_ids(const std::string& line, int vocabulary_size, const std::string& where) {
    std::vector<std::int32_t> ids;
    for (const std::string& word : split(line, " \t\r")) {
        std::int32_t id = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), id);
        check(error == std::errc() && end == word.data() + word.size() && id >= 0 && id < vocabulary_size,
              "{}: '{}' is no token id; expected numbers from 0 to {}", where, word, vocabulary_size - 1);
        ids.push_back(id);
    }
    return ids;
}

int decode(const std::vector<std::string>& arguments) {
    Conversion conversion;
    CommandOptions options(
        {"nmt tokenizer decode", "--model FILE [[--input] FILE] [--output FILE] [options]",
         "Joins the pieces of each line to text. Line N of the output belongs to line N of the input. </s> is left out, "
         "<unk> becomes \" \u2047 \". A word that is no piece of the model stays as it is; a number that is no id is an error.",
         "  nmt tokenizer decode --model joint.model < train.pieces.en > train.en\n"
         "  nmt tokenizer decode -m joint.model ids.en -o train.en --input-format id"});
    add_conversion_options(options, conversion, "input-format", "what the lines hold");
    options.add_line_limit();
    if (!options.parse(arguments)) return 0;
    const Tokenizer tokenizer(conversion.model);
    convert_lines(conversion, [&](const std::string& line, std::size_t number) {
        if (conversion.format == "id")
            return tokenizer.decode(
                parse_ids(line, tokenizer.vocabulary_size(), fmt::format("'{}', line {}", input_name(conversion.input), number)));
        return tokenizer.decode_pieces(split(without_carriage_return(line), " "));
    });
    return 0;
}

} // namespace

int tokenizer_command(const std::vector<std::string>& arguments) {
    return dispatch({"nmt tokenizer",
                     "SentencePiece models: learn one from text, split text into pieces, join pieces to text.",
                     {
                         {"train", "learn a model from text", train_tokenizer},
                         {"encode", "text to pieces or ids, line by line", encode},
                         {"decode", "pieces or ids to text, line by line", decode},
                     },
                     ""},
                    arguments);
}

} // namespace nmt
