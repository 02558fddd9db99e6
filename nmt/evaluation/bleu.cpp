#include "nmt/evaluation/bleu.hpp"

#include "nmt/evaluation/bleu_tokenizer.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace nmt {

namespace {

using Numbers = std::vector<std::uint32_t>;

// A segment as numbers: of its words, and of the n-grams of one order at each position.
struct Segment {
    Numbers words, ngrams;
};

// Numbers the words of several segments alike.
class Vocabulary {
  public:
    Segment segment(std::string_view text) {
        Segment result;
        for (const std::string_view word : split_words(text)) {
            const auto fresh = static_cast<std::uint32_t>(numbers_.size());
            result.words.push_back(numbers_.try_emplace(std::string(word), fresh).first->second);
        }
        result.ngrams.assign(result.words.size(), 0);
        return result;
    }

  private:
    std::unordered_map<std::string, std::uint32_t> numbers_;
};

// Numbers the n-grams of one order of several segments alike. An n-gram is the number of its first n-1 words, which
// Segment::ngrams holds from the order before, and its last word: no two n-grams share a number.
class NgramNumbers {
  public:
    explicit NgramNumbers(std::size_t order) : order_(order) {}

    void raise(Segment& segment) {
        const std::size_t words = segment.words.size();
        segment.ngrams.resize(words < order_ ? 0 : words - order_ + 1);
        for (std::size_t i = 0; i < segment.ngrams.size(); ++i) {
            const std::uint64_t key = std::uint64_t{segment.ngrams[i]} << 32 | segment.words[i + order_ - 1];
            const auto fresh = static_cast<std::uint32_t>(numbers_.size());
            segment.ngrams[i] = numbers_.try_emplace(key, fresh).first->second;
        }
    }

    Numbers count(const Segment& segment) const {
        Numbers counts(numbers_.size(), 0);
        for (const std::uint32_t ngram : segment.ngrams) ++counts[ngram];
        return counts;
    }

  private:
    std::size_t order_;
    std::unordered_map<std::uint64_t, std::uint32_t> numbers_;
};

// The n-grams of one order that the hypothesis shares with its references.
double clipped_matches(std::size_t order, Segment& hypothesis, std::vector<Segment>& references) {
    NgramNumbers numbers(order);
    numbers.raise(hypothesis);
    for (Segment& reference : references) numbers.raise(reference);
    const Numbers found = numbers.count(hypothesis);
    Numbers allowed(found.size(), 0);
    for (const Segment& reference : references) {
        const Numbers counts = numbers.count(reference);
        for (std::size_t i = 0; i < counts.size(); ++i) allowed[i] = std::max(allowed[i], counts[i]);
    }
    double matches = 0;
    for (std::size_t i = 0; i < found.size(); ++i) matches += std::min(found[i], allowed[i]);
    return matches;
}

std::size_t nearest_length(std::size_t length, const std::vector<Segment>& references) {
    const auto distance = [&](std::size_t other) { return other > length ? other - length : length - other; };
    std::size_t nearest = references.front().words.size();
    for (const Segment& reference : references) {
        const std::size_t other = reference.words.size();
        if (distance(other) < distance(nearest) || (distance(other) == distance(nearest) && other < nearest)) nearest = other;
    }
    return nearest;
}

double brevity_penalty(double hypothesis_length, double reference_length) {
    if (hypothesis_length >= reference_length) return 1;
    return hypothesis_length > 0 ? std::exp(1 - reference_length / hypothesis_length) : 0;
}

// Percent; 0 from the first order on for which there are no n-grams.
std::vector<double> smoothed_precisions(std::span<const double> matches, std::span<const double> totals) {
    std::vector<double> precisions(totals.size(), 0.0);
    double smoothing = 1;
    for (std::size_t i = 0; i < totals.size() && totals[i] > 0; ++i) {
        if (matches[i] == 0) smoothing *= 2;
        precisions[i] = matches[i] == 0 ? 100 / (smoothing * totals[i]) : 100 * matches[i] / totals[i];
    }
    return precisions;
}

} // namespace

std::vector<std::string> bleu_tokenizer_names() { return {"13a", "none"}; }

BleuTokenizer bleu_tokenizer_from_name(const std::string& name) {
    if (name == "13a") return BleuTokenizer::k13a;
    check(name == "none", "unknown tokenizer '{}' of BLEU; expected 13a or none", name);
    return BleuTokenizer::kNone;
}

Bleu::Bleu(const BleuOptions& options) : options_(options) {
    check(options.max_order > 0, "BLEU: the longest n-gram has {} words; it must have at least 1", options.max_order);
}

std::string Bleu::name() const { return "BLEU"; }

std::string Bleu::settings() const {
    const char* letters = options_.lowercase ? "lc" : "mixed";
    const char* tokenizer = options_.tokenizer == BleuTokenizer::k13a ? "13a" : "none";
    const std::string order = options_.max_order == 4 ? "" : fmt::format("|order:{}", options_.max_order);
    return fmt::format("case:{}|eff:no|tok:{}|smooth:exp{}", letters, tokenizer, order);
}

std::size_t Bleu::statistics_size() const { return 2 + 2 * static_cast<std::size_t>(options_.max_order); }

Statistics Bleu::statistics(std::string_view hypothesis, std::span<const std::string> references) const {
    check(!references.empty(), "BLEU: a hypothesis has no reference; at least one is needed");
    Vocabulary vocabulary;
    const auto segment = [&](std::string_view text) {
        const std::string lowered = options_.lowercase ? lowercase(text) : std::string();
        const std::string_view stripped = strip_right(options_.lowercase ? lowered : text);
        return options_.tokenizer == BleuTokenizer::k13a ? vocabulary.segment(tokenize_13a(stripped)) : vocabulary.segment(stripped);
    };
    Segment ours = segment(hypothesis);
    std::vector<Segment> theirs;
    for (const std::string& reference : references) theirs.push_back(segment(reference));

    Statistics result{static_cast<double>(ours.words.size()), static_cast<double>(nearest_length(ours.words.size(), theirs))};
    result.resize(statistics_size());
    const auto orders = static_cast<std::size_t>(options_.max_order);
    for (std::size_t order = 1; order <= orders; ++order) {
        result[1 + order] = clipped_matches(order, ours, theirs);
        result[1 + orders + order] = static_cast<double>(ours.ngrams.size());
    }
    return result;
}

double Bleu::score(std::span<const double> sum) const { return details(sum).score; }

BleuScore Bleu::details(std::span<const double> sum) const {
    check(sum.size() == statistics_size(), "BLEU: found {} statistics, expected {}", sum.size(), statistics_size());
    const auto orders = static_cast<std::size_t>(options_.max_order);
    const auto matches = sum.subspan(2, orders), totals = sum.subspan(2 + orders);
    BleuScore result{0, std::vector<double>(orders, 0.0), brevity_penalty(sum[0], sum[1]), sum[0], sum[1]};
    if (std::all_of(matches.begin(), matches.end(), [](double count) { return count == 0; })) return result;

    result.precisions = smoothed_precisions(matches, totals);
    if (result.precisions.back() == 0) return result; // some order has no n-grams
    double log_sum = 0;
    for (const double precision : result.precisions) log_sum += std::log(precision);
    result.score = result.brevity_penalty * std::exp(log_sum / static_cast<double>(orders));
    return result;
}

std::string to_line(const BleuScore& score, std::string_view signature) {
    std::string precisions;
    for (const double precision : score.precisions) precisions += fmt::format("{}{:.1f}", precisions.empty() ? "" : "/", precision);
    const double ratio = score.reference_length > 0 ? score.hypothesis_length / score.reference_length : 0;
    return fmt::format("BLEU{}{} = {:.2f} {} (BP = {:.3f} ratio = {:.3f} hyp_len = {:.0f} ref_len = {:.0f})", signature.empty() ? "" : "|",
                       signature, score.score, precisions, score.brevity_penalty, ratio, score.hypothesis_length, score.reference_length);
}

} // namespace nmt
