#include "nmt/evaluation/bleu.hpp"

#include "nmt/evaluation/ngrams.hpp"
#include "nmt/evaluation/python_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include <fmt/ranges.h>

namespace nmt {

namespace {

struct NamedSmoothing {
    BleuSmoothing value;
    std::string_view name;
    std::optional<double> smooth_value; // the default, where it takes one
};

constexpr NamedSmoothing kSmoothings[] = {
    {BleuSmoothing::kExp, "exp", std::nullopt},
    {BleuSmoothing::kFloor, "floor", 0.1},
    {BleuSmoothing::kAddK, "add-k", 1.0},
    {BleuSmoothing::kNone, "none", std::nullopt},
};

const NamedSmoothing& smoothing_of(BleuSmoothing value) {
    const auto found = std::find_if(std::begin(kSmoothings), std::end(kSmoothings),
                                    [&](const NamedSmoothing& smoothing) { return smoothing.value == value; });
    check(found != std::end(kSmoothings), "there is no smoothing of BLEU number {}", static_cast<int>(value));
    return *found;
}

std::size_t nearest_length(std::size_t length, std::span<const Symbols> references) {
    const auto distance = [&](std::size_t other) { return other > length ? other - length : length - other; };
    std::size_t nearest = references.front().size();
    for (const Symbols& reference : references) {
        const std::size_t other = reference.size();
        if (distance(other) < distance(nearest) || (distance(other) == distance(nearest) && other < nearest)) nearest = other;
    }
    return nearest;
}

double brevity_penalty(double hypothesis_length, double reference_length) {
    if (hypothesis_length >= reference_length) return 1;
    return hypothesis_length > 0 ? std::exp(1 - reference_length / hypothesis_length) : 0;
}

} // namespace

std::vector<std::string> bleu_smoothing_names() {
    std::vector<std::string> names;
    for (const NamedSmoothing& smoothing : kSmoothings) names.emplace_back(smoothing.name);
    return names;
}

BleuSmoothing bleu_smoothing_from_name(const std::string& name) {
    for (const NamedSmoothing& smoothing : kSmoothings)
        if (smoothing.name == name) return smoothing.value;
    fail("unknown smoothing of BLEU '{}'; expected one of {}", name, fmt::join(bleu_smoothing_names(), ", "));
}

Bleu::Bleu(const BleuOptions& options) : options_(options) {
    check(options.max_order > 0, "BLEU: the longest n-gram has {} words; it must have at least 1", options.max_order);
    const NamedSmoothing& smoothing = smoothing_of(options.smoothing);
    if (!options.smooth_value) options_.smooth_value = smoothing.smooth_value;
    else {
        check(smoothing.smooth_value.has_value(), "BLEU: smoothing '{}' takes no value; found {}", smoothing.name, *options.smooth_value);
        check(std::isfinite(*options.smooth_value) && *options.smooth_value >= 0,
              "BLEU: the value of smoothing is {}; it must be at least 0", *options.smooth_value);
    }
}

std::string Bleu::name() const { return "BLEU"; }

std::string Bleu::settings() const {
    const std::string value = options_.smooth_value ? fmt::format("[{:.2f}]", *options_.smooth_value) : "";
    const std::string order = options_.max_order == 4 ? "" : fmt::format("|order:{}", options_.max_order);
    return fmt::format("case:{}|eff:{}|tok:{}|smooth:{}{}{}", options_.lowercase ? "lc" : "mixed", options_.effective_order ? "yes" : "no",
                       options_.tokenizer.signature(), smoothing_of(options_.smoothing).name, value, order);
}

std::size_t Bleu::statistics_size() const { return 2 + 2 * static_cast<std::size_t>(options_.max_order); }

Statistics Bleu::statistics(std::string_view hypothesis, std::span<const std::string> references) const {
    check_references(references);
    const auto tokenized = [&](std::string_view text) {
        const std::string lowered = options_.lowercase ? lowercase(text) : std::string();
        return options_.tokenizer(strip_right(options_.lowercase ? lowered : text));
    };
    std::vector<std::string> texts{tokenized(hypothesis)};
    for (const std::string& reference : references) texts.push_back(tokenized(reference));
    const std::vector<Symbols> segments = number_words(split_words(texts));
    const Symbols& ours = segments.front();
    const std::span<const Symbols> theirs = std::span(segments).subspan(1);

    const auto orders = static_cast<std::size_t>(options_.max_order);
    const HypothesisNgrams ngrams(ours, orders);
    Symbols allowed = ngrams.count_in(theirs.front());
    for (const Symbols& reference : theirs.subspan(1)) {
        const Symbols counts = ngrams.count_in(reference);
        for (std::size_t n = 0; n < counts.size(); ++n) allowed[n] = std::max(allowed[n], counts[n]);
    }
    Statistics result{static_cast<double>(ours.size()), static_cast<double>(nearest_length(ours.size(), theirs))};
    for (const std::size_t matches : ngrams.matches(allowed)) result.push_back(static_cast<double>(matches));
    for (std::size_t order = 1; order <= orders; ++order) result.push_back(static_cast<double>(ngrams_in(ours.size(), order)));
    return result;
}

// Percent; ends before the first order without n-grams.
std::vector<double> Bleu::smoothed_precisions(std::span<const double> matches, std::span<const double> totals) const {
    std::vector<double> precisions;
    double halvings = 1;
    for (std::size_t i = 0; i < totals.size(); ++i) {
        const double added = options_.smoothing == BleuSmoothing::kAddK && i > 0 ? *options_.smooth_value : 0;
        const double total = totals[i] + added;
        if (total == 0) break;
        double precision = 100 * (matches[i] + added) / total;
        if (precision == 0 && options_.smoothing == BleuSmoothing::kExp) precision = 100 / ((halvings *= 2) * total);
        if (precision == 0 && options_.smoothing == BleuSmoothing::kFloor) precision = 100 * *options_.smooth_value / total;
        precisions.push_back(precision);
    }
    return precisions;
}

double Bleu::score(std::span<const double> sum) const { return details(sum).score; }

BleuScore Bleu::details(std::span<const double> sum) const {
    check_size(sum);
    const auto orders = static_cast<std::size_t>(options_.max_order);
    const auto matches = sum.subspan(2, orders), totals = sum.subspan(2 + orders);
    BleuScore result{0, std::vector<double>(orders, 0.0), brevity_penalty(sum[0], sum[1]), sum[0], sum[1]};
    if (std::all_of(matches.begin(), matches.end(), [](double count) { return count == 0; })) return result;

    result.precisions = smoothed_precisions(matches, totals);
    const std::size_t effective = options_.effective_order ? result.precisions.size() : orders;
    result.precisions.resize(orders, 0.0);
    double log_sum = 0;
    for (std::size_t i = 0; i < effective; ++i) {
        if (result.precisions[i] == 0) return result;
        log_sum += std::log(result.precisions[i]);
    }
    result.score = result.brevity_penalty * std::exp(log_sum / static_cast<double>(effective));
    return result;
}

std::string Bleu::parts(std::span<const double> sum) const {
    const BleuScore score = details(sum);
    const double ratio = score.reference_length > 0 ? score.hypothesis_length / score.reference_length : 0;
    return fmt::format("{:.1f} (BP = {:.3f} ratio = {:.3f} hyp_len = {:.0f} ref_len = {:.0f})", fmt::join(score.precisions, "/"),
                       score.brevity_penalty, ratio, score.hypothesis_length, score.reference_length);
}

} // namespace nmt
