#include "nmt/evaluation/chrf.hpp"

#include "nmt/evaluation/ngrams.hpp"
#include "nmt/evaluation/python_text.hpp"

#include <cstddef>
#include <vector>

namespace nmt {

namespace {

bool is_ascii_punctuation(char c) {
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

// Words without the mark at their end, or else without the one at their start; the mark is a word of its own. "(hi)" becomes
// "(hi" and ")", as in the reference implementation.
std::vector<std::string_view> separate_marks(std::string_view text) {
    std::vector<std::string_view> result;
    for (const std::string_view word : split_words(text)) {
        const bool long_enough = word.size() > 1;
        if (long_enough && is_ascii_punctuation(word.back())) {
            result.push_back(word.substr(0, word.size() - 1));
            result.push_back(word.substr(word.size() - 1));
        } else if (long_enough && is_ascii_punctuation(word.front())) {
            result.push_back(word.substr(0, 1));
            result.push_back(word.substr(1));
        } else result.push_back(word);
    }
    return result;
}

Symbols characters(std::string_view text, bool whitespace) {
    Symbols result;
    result.reserve(text.size());
    const auto append = [&](std::string_view part) {
        for (const char32_t character : code_points(part)) result.push_back(character);
    };
    if (whitespace) append(text);
    else
        for (const std::string_view word : split_words(text)) append(word);
    return result;
}

// The counts of each order: those of the hypothesis, of the reference, and the matches.
void append_statistics(Statistics& result, const HypothesisNgrams& ngrams, std::size_t ours, const Symbols& reference) {
    const std::vector<std::size_t> matches = ngrams.matches(ngrams.count_in(reference));
    for (std::size_t order = 1; order <= matches.size(); ++order) {
        const std::size_t theirs = ngrams_in(reference.size(), order);
        for (const std::size_t count : {theirs > 0 ? ngrams_in(ours, order) : 0, theirs, matches[order - 1]})
            result.push_back(static_cast<double>(count));
    }
}

} // namespace

Chrf::Chrf(const ChrfOptions& options) : options_(options) {
    check(options.char_order >= 0 && options.word_order >= 0 && options.char_order + options.word_order > 0,
          "chrF: the longest n-grams have {} characters and {} words; neither may be negative, and one must be positive",
          options.char_order, options.word_order);
    check(options.beta >= 0, "chrF: beta is {}; it must be at least 0", options.beta);
}

std::string Chrf::name() const {
    return fmt::format("chrF{}{}", options_.beta, std::string(static_cast<std::size_t>(options_.word_order), '+'));
}

std::string Chrf::settings() const {
    return fmt::format("case:{}|eff:{}|nc:{}|nw:{}|space:{}", options_.lowercase ? "lc" : "mixed", options_.eps_smoothing ? "no" : "yes",
                       options_.char_order, options_.word_order, options_.whitespace ? "yes" : "no");
}

std::size_t Chrf::statistics_size() const { return 3 * static_cast<std::size_t>(options_.char_order + options_.word_order); }

Statistics Chrf::statistics(std::string_view hypothesis, std::span<const std::string> references) const {
    check_references(references);
    std::vector<std::string> texts{std::string(hypothesis)};
    texts.insert(texts.end(), references.begin(), references.end());
    std::vector<Symbols> letters;
    std::vector<std::vector<std::string_view>> marked_off;
    for (std::string& text : texts) {
        if (options_.lowercase) text = lowercase(text);
        letters.push_back(characters(text, options_.whitespace));
        marked_off.push_back(options_.word_order > 0 ? separate_marks(text) : std::vector<std::string_view>());
    }
    const std::vector<Symbols> words = number_words(marked_off);
    const HypothesisNgrams letter_ngrams(letters.front(), static_cast<std::size_t>(options_.char_order));
    const HypothesisNgrams word_ngrams(words.front(), static_cast<std::size_t>(options_.word_order));
    Statistics best;
    double best_score = 0;
    for (std::size_t i = 1; i < texts.size(); ++i) {
        Statistics found;
        append_statistics(found, letter_ngrams, letters.front().size(), letters[i]);
        append_statistics(found, word_ngrams, words.front().size(), words[i]);
        const double found_score = score(found);
        if (!best.empty() && found_score <= best_score) continue;
        best = std::move(found);
        best_score = found_score;
    }
    return best;
}

double Chrf::score(std::span<const double> sum) const {
    check_size(sum);
    constexpr double kTiny = 1e-16; // stands for what is undefined
    const double factor = static_cast<double>(options_.beta) * options_.beta;
    const auto f_score = [&](double precision, double recall) {
        const double weighted = factor * precision + recall;
        return weighted > 0 ? (1 + factor) * precision * recall / weighted : 0;
    };
    double f_scores = 0, precisions = 0, recalls = 0, orders = 0;
    for (std::size_t i = 0; i < sum.size(); i += 3) {
        const double ours = sum[i], theirs = sum[i + 1], matches = sum[i + 2];
        const double precision = ours > 0 ? matches / ours : kTiny, recall = theirs > 0 ? matches / theirs : kTiny;
        f_scores += factor * precision + recall > 0 ? f_score(precision, recall) : kTiny;
        if (ours == 0 || theirs == 0) continue;
        precisions += precision;
        recalls += recall;
        ++orders;
    }
    if (options_.eps_smoothing) return 100 * f_scores / static_cast<double>(sum.size() / 3);
    return orders > 0 ? 100 * f_score(precisions / orders, recalls / orders) : 0;
}

} // namespace nmt
