#include "nmt/evaluation/seeds.hpp"

#include "nmt/base/error.hpp"

#include <algorithm>
#include <cmath>

namespace nmt {

namespace {

// The difference of the means of the scores that are chosen and those that are not.
double difference_of_means(const std::vector<double>& scores, const std::vector<bool>& chosen) {
    double sums[2] = {0, 0}, counts[2] = {0, 0};
    for (std::size_t i = 0; i < scores.size(); ++i) {
        sums[chosen[i]] += scores[i];
        ++counts[chosen[i]];
    }
    return sums[1] / counts[1] - sums[0] / counts[0];
}

} // namespace

MeanAndDeviation mean_and_deviation(const std::vector<double>& values) {
    MeanAndDeviation result;
    for (const double value : values) result.mean += value / static_cast<double>(values.size());
    if (values.size() < 2) return result;
    double squares = 0;
    for (const double value : values) squares += (value - result.mean) * (value - result.mean);
    result.deviation = std::sqrt(squares / static_cast<double>(values.size() - 1));
    return result;
}

SeedComparison compare_seeds(const std::vector<double>& first, const std::vector<double>& second) {
    const std::size_t count = first.size() + second.size();
    check(!first.empty() && !second.empty() && count <= kMostSeeds,
          "comparing seeds: found {} and {} scores; each system needs one at least, and both together may have {}", first.size(),
          second.size(), kMostSeeds);
    std::vector<double> scores(first.begin(), first.end());
    scores.insert(scores.end(), second.begin(), second.end());
    std::vector<bool> chosen(count, false);
    std::fill(chosen.begin() + static_cast<std::ptrdiff_t>(first.size()), chosen.end(), true); // the first of all orders
    const double found = std::abs(difference_of_means(scores, chosen));
    const double rounding =
        1e-12 * std::abs(*std::max_element(scores.begin(), scores.end(), [](double a, double b) { return std::abs(a) < std::abs(b); }));
    double ways = 0, as_large = 0;
    do {
        ++ways;
        if (std::abs(difference_of_means(scores, chosen)) >= found - rounding) ++as_large;
    } while (std::next_permutation(chosen.begin(), chosen.end()));

    SeedComparison result{mean_and_deviation(first), mean_and_deviation(second)};
    result.difference = result.second.mean - result.first.mean;
    result.p_value = as_large / ways;
    // The other way to deal out equal numbers changes only the sign.
    result.smallest_p_value = (first.size() == second.size() ? 2 : 1) / ways;
    return result;
}

} // namespace nmt
