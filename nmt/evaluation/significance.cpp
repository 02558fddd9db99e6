#include "nmt/evaluation/significance.hpp"

#include "nmt/base/random.hpp"
#include "nmt/evaluation/parallel_for_each.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

namespace nmt {

namespace {

void check_systems(std::span<const SystemStatistics> systems, const ResamplingOptions& options) {
    check(!systems.empty(), "a test of significance needs a system at least");
    check(!systems.front().empty(), "a test of significance needs a sentence at least");
    for (const SystemStatistics& system : systems)
        check(system.size() == systems.front().size(),
              "a test of significance compares the same sentences; found {} of one system and {} of another", systems.front().size(),
              system.size());
    check(options.samples > 0, "a test of significance needs a sample at least; found {}", options.samples);
}

// One row a sentence, the statistics of all systems beside each other.
class StatisticsTable {
  public:
    explicit StatisticsTable(std::span<const SystemStatistics> systems) {
        for (std::size_t i = 0; i < systems.front().size(); ++i)
            for (const SystemStatistics& system : systems) values_.insert(values_.end(), system[i].begin(), system[i].end());
        rows_ = systems.front().size();
        columns_ = values_.size() / rows_;
    }

    std::size_t rows() const { return rows_; }
    std::size_t columns() const { return columns_; }

    void add_row_to(Statistics& sum, std::size_t row) const {
        const double* values = &values_[row * columns_];
        for (std::size_t i = 0; i < columns_; ++i) sum[i] += values[i];
    }

  private:
    std::size_t rows_ = 0, columns_ = 0;
    std::vector<double> values_;
};

double corpus_score_of(const Metric& metric, const SystemStatistics& system) { return metric.score(sum_of(metric, system)); }

// "+1" for the test set itself, which is one of the outcomes (Phipson and Smyth 2010, "Permutation P-values Should Never Be Zero").
double p_value(const std::vector<double>& differences, double found) {
    const auto larger = std::count_if(differences.begin(), differences.end(), [&](double difference) { return difference > found; });
    return static_cast<double>(larger + 1) / static_cast<double>(differences.size() + 1);
}

double mean_of(const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
}

// The sum over the sentences that change sides by the toss of a coin. A row of the table is what a sentence changes.
Statistics tossed_changes(const StatisticsTable& table, Random random) {
    Statistics change(table.columns(), 0.0);
    std::uint64_t coins = 0;
    for (std::size_t i = 0; i < table.rows(); ++i, coins >>= 1) {
        if (i % 64 == 0) coins = random.next();
        if (coins & 1) table.add_row_to(change, i);
    }
    return change;
}

} // namespace

std::vector<std::vector<double>> bootstrap_scores(const Metric& metric, std::span<const SystemStatistics> systems,
                                                  const ResamplingOptions& options) {
    check_systems(systems, options);
    const StatisticsTable table(systems);
    const std::size_t size = metric.statistics_size();
    std::vector<std::vector<double>> scores(systems.size(), std::vector<double>(static_cast<std::size_t>(options.samples)));
    parallel_for_each(static_cast<std::size_t>(options.samples), options.threads, [&](std::size_t sample) {
        Random random(options.seed, sample);
        Statistics sum(table.columns(), 0.0);
        for (std::size_t i = 0; i < table.rows(); ++i) table.add_row_to(sum, random.below(table.rows()));
        for (std::size_t s = 0; s < systems.size(); ++s) scores[s][sample] = metric.score(std::span(sum).subspan(s * size, size));
    });
    return scores;
}

Bounds bounds_of(std::vector<double> scores) {
    std::sort(scores.begin(), scores.end());
    const std::size_t left_out = scores.size() / 40;
    return {scores[left_out], scores[scores.size() - 1 - left_out]};
}

Interval interval_of(std::vector<double> scores) {
    const double mean = mean_of(scores);
    const Bounds bounds = bounds_of(std::move(scores));
    return {mean, (bounds.high - bounds.low) / 2};
}

std::vector<double> paired_bootstrap(const Metric& metric, std::span<const SystemStatistics> systems,
                                     const std::vector<std::vector<double>>& scores) {
    check(!systems.empty() && scores.size() == systems.size(), "paired bootstrap: found scores of {} systems, expected {}", scores.size(),
          systems.size());
    const double baseline = corpus_score_of(metric, systems.front());
    std::vector<double> result;
    for (std::size_t s = 1; s < systems.size(); ++s) {
        std::vector<double> differences;
        for (std::size_t k = 0; k < scores[s].size(); ++k) differences.push_back(std::abs(scores[s][k] - scores.front().at(k)));
        const double mean = mean_of(differences);
        for (double& difference : differences) difference -= mean;
        result.push_back(p_value(differences, std::abs(corpus_score_of(metric, systems[s]) - baseline)));
    }
    return result;
}

std::vector<double> paired_randomization(const Metric& metric, std::span<const SystemStatistics> systems,
                                         const ResamplingOptions& options) {
    check_systems(systems, options);
    const std::size_t size = metric.statistics_size(), trials = static_cast<std::size_t>(options.samples);
    const Statistics baseline = sum_of(metric, systems.front());
    // What a sentence adds to the baseline's sum, and takes from the other's, when it changes sides.
    std::vector<SystemStatistics> changes(systems.begin() + 1, systems.end());
    std::vector<Statistics> sums;
    for (SystemStatistics& system : changes) {
        sums.push_back(sum_of(metric, system));
        for (std::size_t i = 0; i < system.size(); ++i)
            for (std::size_t j = 0; j < size; ++j) system[i][j] -= systems.front()[i][j];
    }
    if (changes.empty()) return {};
    const StatisticsTable table(changes);
    std::vector<std::vector<double>> differences(changes.size(), std::vector<double>(trials));
    parallel_for_each(trials, options.threads, [&](std::size_t trial) {
        const Statistics change = tossed_changes(table, Random(options.seed, trial));
        for (std::size_t s = 0; s < changes.size(); ++s) {
            Statistics first = baseline, second = sums[s];
            for (std::size_t j = 0; j < size; ++j) {
                first[j] += change[s * size + j];
                second[j] -= change[s * size + j];
            }
            differences[s][trial] = std::abs(metric.score(first) - metric.score(second));
        }
    });
    std::vector<double> result;
    for (std::size_t s = 0; s < changes.size(); ++s)
        result.push_back(p_value(differences[s], std::abs(metric.score(sums[s]) - metric.score(baseline))));
    return result;
}

std::vector<std::vector<double>> bootstrap_mean_scores(const Metric& metric, std::span<const SeededStatistics> systems,
                                                       const ResamplingOptions& options) {
    std::vector<SystemStatistics> all;
    for (const SeededStatistics& seeds : systems) {
        check(!seeds.empty(), "a test of significance needs a seed of each system at least");
        all.insert(all.end(), seeds.begin(), seeds.end());
    }
    const std::vector<std::vector<double>> scores = bootstrap_scores(metric, all, options);
    std::vector<std::vector<double>> means;
    std::size_t first = 0;
    for (const SeededStatistics& seeds : systems) {
        std::vector<double> mean(scores.front().size(), 0.0);
        for (std::size_t s = first; s < first + seeds.size(); ++s)
            for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += scores[s][k] / static_cast<double>(seeds.size());
        means.push_back(std::move(mean));
        first += seeds.size();
    }
    return means;
}

double paired_randomization_over_seeds(const Metric& metric, const SeededStatistics& first, const SeededStatistics& second,
                                       const ResamplingOptions& options) {
    check(first.size() == second.size(), "a paired test needs as many seeds of one system as of the other; found {} and {}", first.size(),
          second.size());
    std::vector<SystemStatistics> changes = second; // what a sentence adds to a seed's sum of the first system when it changes sides
    changes.insert(changes.end(), first.begin(), first.end());
    check_systems(changes, options);
    changes.resize(second.size());
    std::vector<Statistics> first_sums, second_sums;
    for (std::size_t s = 0; s < first.size(); ++s) {
        first_sums.push_back(sum_of(metric, first[s]));
        second_sums.push_back(sum_of(metric, second[s]));
        for (std::size_t i = 0; i < changes[s].size(); ++i)
            for (std::size_t j = 0; j < changes[s][i].size(); ++j) changes[s][i][j] -= first[s][i][j];
    }
    const StatisticsTable table(changes);
    // The absolute difference of the sums of scores over the seeds, when the sentences in `change` have changed sides.
    const auto difference = [&](const Statistics& change) {
        double sum = 0;
        for (std::size_t s = 0, column = 0; s < first_sums.size(); ++s) {
            Statistics ours = first_sums[s], theirs = second_sums[s];
            for (std::size_t j = 0; j < ours.size(); ++j, ++column) {
                ours[j] += change[column];
                theirs[j] -= change[column];
            }
            sum += metric.score(theirs) - metric.score(ours);
        }
        return std::abs(sum);
    };
    constexpr double kRounding = 1e-9;
    const double found = difference(Statistics(table.columns(), 0.0)) - kRounding;
    std::vector<char> as_large(static_cast<std::size_t>(options.samples));
    parallel_for_each(as_large.size(), options.threads, [&](std::size_t trial) {
        const Statistics change = tossed_changes(table, Random(options.seed, trial));
        as_large[trial] = difference(change) >= found ? 1 : 0;
    });
    const auto larger = std::count(as_large.begin(), as_large.end(), 1);
    return static_cast<double>(larger + 1) / static_cast<double>(as_large.size() + 1);
}

} // namespace nmt
