#include "nmt/training/rescoring.hpp"

#include "nmt/base/line_reader.hpp"
#include "nmt/base/paths.hpp"
#include "nmt/data/corpus.hpp"
#include "nmt/training/validation.hpp"

#include <algorithm>
#include <charconv>

namespace nmt {
namespace {

constexpr std::string_view kSeparator = " ||| ";
constexpr std::string_view kForm = "expected LINE ||| TEXT [||| ALIGNMENT] [||| WordScores= ...] ||| NAME= VALUE ... ||| SCORE";
constexpr std::size_t kLinesAtOnce = 2048, kBytesAtOnce = 1 << 20;

bool is_number(std::string_view text) {
    double value = 0;
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return (error == std::errc() || error == std::errc::result_out_of_range) && end == text.data() + text.size();
}

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    for (std::size_t begin = text.find_first_not_of(" \t\r"); begin != std::string_view::npos;
         begin = text.find_first_not_of(" \t\r", begin)) {
        const std::size_t end = std::min(text.find_first_of(" \t\r", begin), text.size());
        words.push_back(text.substr(begin, end - begin));
        begin = end;
    }
    return words;
}

std::vector<std::string> parse_features(std::string_view features, const std::string& where) {
    std::vector<std::string> names;
    bool has_value = true;
    const auto add_name = [&](std::string_view name) {
        names.emplace_back(name);
        check(std::count(names.begin(), names.end(), names.back()) == 1, "{}: feature '{}' stands there twice", where, names.back());
    };
    for (const std::string_view word : words_of(features)) {
        if (word.ends_with('=') && word.size() > 1) {
            if (!has_value) fail("{}: feature '{}' has no value; {}", where, names.back(), kForm);
            add_name(word.substr(0, word.size() - 1));
            has_value = false;
        } else if (const std::size_t equals = word.find('='); equals != std::string_view::npos && equals > 0 && has_value) {
            check(is_number(word.substr(equals + 1)), "{}: found '{}' among the features; {}", where, word, kForm);
            add_name(word.substr(0, equals)); // NAME=VALUE
        } else {
            check(is_number(word) && !names.empty(), "{}: found '{}' among the features; {}", where, word, kForm);
            has_value = true;
        }
    }
    if (!has_value) fail("{}: feature '{}' has no value; {}", where, names.back(), kForm);
    return names;
}

bool is_link(std::string_view word) {
    const std::size_t dash = word.find('-');
    const auto is_digits = [](std::string_view digits) {
        return !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
    };
    return dash != std::string_view::npos && is_digits(word.substr(0, dash)) && is_digits(word.substr(dash + 1));
}

// The text without the fields of an alignment and of word scores behind it.
std::string_view without_extra_fields(std::string_view text) {
    const auto cut = [&](const auto& is_extra) {
        const std::size_t at = text.rfind(kSeparator);
        if (at != std::string_view::npos && is_extra(words_of(text.substr(at + kSeparator.size())))) text = text.substr(0, at);
    };
    cut([](const auto& words) { return !words.empty() && (words.front() == "WordScores=" || words.front() == "WordCounts="); });
    cut([](const auto& words) { return std::all_of(words.begin(), words.end(), is_link); });
    return text;
}

// What one part of the list is scored as.
struct Part {
    std::vector<std::string> lines;
    std::vector<NBestEntry> entries; // of the lines: parsed when all are there, since they point into them
    std::size_t first = 1;           // number of the first line in the file
};

bool read_part(LineReader& reader, Part& part) {
    part.first += part.lines.size();
    part.lines.clear();
    part.entries.clear();
    std::size_t bytes = 0;
    for (std::string line; part.lines.size() < kLinesAtOnce && bytes < kBytesAtOnce && reader.next(line);
         part.lines.push_back(std::move(line)))
        bytes += line.size();
    return !part.lines.empty();
}

} // namespace

bool NBestEntry::has_feature(std::string_view name) const {
    return std::find(feature_names.begin(), feature_names.end(), name) != feature_names.end();
}

NBestEntry parse_n_best_line(std::string_view line, const std::string& where) {
    NBestEntry entry;
    const std::size_t number_end = line.find(kSeparator);
    const std::size_t score_begin = line.rfind(kSeparator);
    check(number_end != std::string_view::npos && score_begin > number_end, "{}: found fewer than 3 '|||'; {}", where, kForm);
    const std::size_t features_begin = line.rfind(kSeparator, score_begin - 1);
    // The separators around an empty text may share a blank.
    const std::size_t text_begin = number_end + kSeparator.size();
    check(features_begin != std::string_view::npos && features_begin + 1 >= text_begin, "{}: found fewer than 3 '|||'; {}", where, kForm);
    const std::string_view number = line.substr(0, number_end);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), entry.source_line);
    check(error == std::errc() && end == number.data() + number.size(), "{}: found '{}' for the number of the source line; {}", where,
          number, kForm);
    if (features_begin > text_begin) entry.text = without_extra_fields(line.substr(text_begin, features_begin - text_begin));
    const std::size_t values_begin = features_begin + kSeparator.size();
    if (score_begin > values_begin) entry.features = line.substr(values_begin, score_begin - values_begin);
    const std::vector<std::string_view> score = words_of(line.substr(score_begin + kSeparator.size()));
    check(score.size() == 1 && is_number(score.front()), "{}: found '{}' for the score; {}", where, fmt::join(score, " "), kForm);
    entry.feature_names = parse_features(entry.features, where);
    entry.score_begin = score_begin;
    return entry;
}

std::string free_feature_name(const NBestEntry& entry) {
    for (int k = 0;; ++k)
        if (std::string name = fmt::format("F{}", k); !entry.has_feature(name)) return name;
}

std::string with_feature(std::string_view line, const NBestEntry& entry, std::string_view name, double value) {
    const std::string_view before = line.substr(0, entry.score_begin);
    return fmt::format("{}{}{}= {:.6f}{}", before, before.ends_with(' ') ? "" : " ", name, value, line.substr(entry.score_begin));
}

void rescore_n_best(const LoadedModel& model, const std::string& source_file, const std::string& list_file, LineWriter& writer,
                    const RescoringOptions& options) {
    const std::vector<std::string> sources = read_lines(source_file);
    LineReader reader(list_file);
    std::string feature = options.feature;
    for (Part part; read_part(reader, part);) {
        ParallelCorpus pairs;
        for (std::size_t i = 0; i < part.lines.size(); ++i) {
            const std::string where = fmt::format("'{}', line {}", input_name(list_file), part.first + i);
            NBestEntry entry = parse_n_best_line(part.lines[i], where);
            check(entry.source_line < sources.size(), "{}: names the source line {} (from 0), but '{}' has {} lines", where,
                  entry.source_line, input_name(source_file), sources.size());
            if (feature.empty()) feature = free_feature_name(entry);
            check(!entry.has_feature(feature), "{}: has a feature '{}' already; choose another name with --feature", where, feature);
            const auto source = encode_with_end(model.tokenizers->source(), sources[entry.source_line]);
            const auto target = encode_with_end(model.tokenizers->target(), entry.text);
            check_length(source.size(), model.model->encoder().max_length(), options.max_length,
                         fmt::format("'{}', line {}", input_name(source_file), entry.source_line + 1));
            check_length(target.size(), model.model->decoder().max_length(), options.max_length, where);
            pairs.add(source, target, entry.source_line);
            part.entries.push_back(std::move(entry));
        }
        const std::vector<PairScore> scores = score_pairs(*model.model, pairs, options.batch_tokens);
        for (std::size_t i = 0; i < part.lines.size(); ++i) {
            const double value = options.normalize ? scores[i].log_probability / scores[i].tokens : scores[i].log_probability;
            writer.write(with_feature(part.lines[i], part.entries[i], feature, value));
        }
    }
}

} // namespace nmt
