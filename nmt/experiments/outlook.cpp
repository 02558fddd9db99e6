#include "nmt/experiments/outlook.hpp"

namespace nmt {
namespace {

template <typename Predicate>
std::optional<double> mean_seconds(const std::vector<RunStep>& steps, Predicate counts) {
    double sum = 0;
    int count = 0;
    for (const RunStep& step : steps) {
        if (!step.seconds || !counts(step)) continue;
        sum += *step.seconds;
        ++count;
    }
    return count == 0 ? std::nullopt : std::optional(sum / count);
}

double expected_seconds(const std::vector<RunStep>& known, const RunStep& step) {
    const auto same_model = [&](const RunStep& other) { return other.translation == step.translation && other.model == step.model; };
    const auto same_kind = [&](const RunStep& other) { return other.translation == step.translation && other.network; };
    if (const std::optional<double> seconds = mean_seconds(known, same_model)) return *seconds;
    return step.network ? mean_seconds(known, same_kind).value_or(0) : 0;
}

} // namespace

double estimate_seconds_left(const std::vector<RunStep>& steps, std::size_t current, double elapsed, double left) {
    std::vector<RunStep> known = steps;
    known[current].seconds = elapsed + left;
    double sum = left;
    for (const RunStep& step : known)
        if (!step.seconds) sum += expected_seconds(known, step);
    return sum;
}

} // namespace nmt
