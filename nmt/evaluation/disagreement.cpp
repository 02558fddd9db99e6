#include "nmt/evaluation/disagreement.hpp"

#include <algorithm>

namespace nmt {

std::vector<Disagreement> largest_disagreements(const Metric& metric, std::span<const std::vector<Statistics>> systems, std::size_t count) {
    check(systems.size() >= 2, "{} systems cannot disagree; expected at least 2", systems.size());
    for (const std::vector<Statistics>& system : systems)
        check(system.size() == systems.front().size(), "systems of {} and of {} sentences; all must have translated the same text",
              systems.front().size(), system.size());
    std::vector<Disagreement> found;
    for (std::size_t i = 0; i < systems.front().size(); ++i) {
        Disagreement sentence{i, {}, 0};
        for (const std::vector<Statistics>& system : systems) sentence.scores.push_back(metric.score(system[i]));
        const auto [lowest, highest] = std::minmax_element(sentence.scores.begin(), sentence.scores.end());
        sentence.spread = *highest - *lowest;
        if (sentence.spread > 0) found.push_back(std::move(sentence));
    }
    std::stable_sort(found.begin(), found.end(), [](const Disagreement& a, const Disagreement& b) { return a.spread > b.spread; });
    if (found.size() > count) found.resize(count);
    return found;
}

} // namespace nmt
