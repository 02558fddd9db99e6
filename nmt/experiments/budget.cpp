#include "nmt/experiments/budget.hpp"

#include "nmt/base/error.hpp"
#include "nmt/models/registry.hpp"
#include "nmt/tensor/context.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/ranges.h>

namespace nmt {
namespace {

constexpr std::array<std::string_view, 5> kWidths = {"embedding-size", "hidden-size", "width", "attention-size", "feed-forward"};
// What is changed by itself, the first of these that a model has: what depends least on it comes first.
constexpr std::array<std::string_view, 3> kAdjusted = {"feed-forward", "attention-size", "hidden-size"};
constexpr std::array<int, 5> kGranularities = {16, 8, 4, 2, 1};
constexpr std::array<double, 2> kAdjustments = {1.25, 2}; // the factor by which it may change; the second if the first is not enough
constexpr double kAim = 0.01;                             // a finer granularity is tried unless the parameters are as near as this

struct Width {
    std::string name;
    int* field;
    int base; // as the recipe says
    int highest;
};

class Scaler {
  public:
    Scaler(const ModelOptions& options, const Vocabulary& vocabulary, std::int64_t target)
        : options_(options), vocabulary_(vocabulary), target_(target) {
        const OptionTable table = describe_model_options(options_);
        for (const OptionTable::Option& option : table.options()) {
            if (option.name == "heads") heads_ = *std::get<int*>(option.field);
            if (std::find(kWidths.begin(), kWidths.end(), option.name) == kWidths.end()) continue;
            int* const field = std::get<int*>(option.field);
            widths_.push_back({option.name, field, *field, static_cast<int>(option.highest)});
        }
        check(!widths_.empty(), "a {} has no widths that parameters could be scaled by", options.architecture);
    }

    SizedModel solve() {
        for (const double most : kAdjustments) {
            for (const int granularity : kGranularities) {
                const auto [below, above] = bracket(granularity);
                for (const double scale : {below, above}) {
                    set(scale, granularity);
                    keep_if_nearest();
                }
                for (const double scale : {below, above})
                    if (distance(best_.parameters) > kAim) adjust(scale, granularity, most);
                if (distance(best_.parameters) <= kAim) return best_;
            }
            if (distance(best_.parameters) <= kParameterTolerance) return best_;
        }
        fail("no widths of this {} give it {} parameters within {:.0f} %; the nearest are {}, with {}; set budget.parameters to that, or "
             "change its layers, its heads or the vocabulary",
             best_.options.architecture, target_, 100 * kParameterTolerance, best_.parameters, best_.widths);
    }

  private:
    double distance(std::int64_t parameters) const {
        return std::abs(static_cast<double>(parameters - target_)) / static_cast<double>(target_);
    }

    int step_of(const Width& width, int granularity) const {
        const auto is_shared = [&](const Width& other) { return other.name == "width" && other.base == width.base; };
        const bool of_heads =
            width.name != "feed-forward" && width.name != "attention-size" && std::any_of(widths_.begin(), widths_.end(), is_shared);
        return of_heads ? std::lcm(granularity, heads_) : granularity;
    }

    void set(double scale, int granularity) {
        for (const Width& width : widths_) {
            const int step = step_of(width, granularity), most = width.highest / step;
            const double steps = std::round(width.base * scale / step);
            *width.field = step * static_cast<int>(std::clamp(steps, 1.0, static_cast<double>(std::max(most, 1))));
        }
    }

    std::vector<int> values() const {
        std::vector<int> all;
        for (const Width& width : widths_) all.push_back(*width.field);
        return all;
    }

    std::int64_t count() const { return count_parameters(options_, vocabulary_); }

    std::int64_t count_at(double scale, int granularity) {
        set(scale, granularity);
        return count();
    }

    // Two scales whose widths are neighbours, of which the first has at most the target's parameters and the second more; the same
    // twice where all are more.
    std::pair<double, double> bracket(int granularity) {
        constexpr double kGrowth = 1.25; // small, because the larger of the two is made once
        const double guess = std::sqrt(static_cast<double>(target_) / static_cast<double>(count_at(1, granularity)));
        double below = guess, above = guess;
        const double least = 0.5 / largest_base(), most = 2.0 * 65536; // beyond these nothing changes
        while (count_at(below, granularity) > target_) {
            above = below;
            if (below < least) return {below, below};
            below /= kGrowth;
        }
        while (count_at(above, granularity) <= target_) {
            below = above;
            if (above > most) return {above, above};
            above *= kGrowth;
        }
        constexpr double kNarrow = 1 + 1e-9;
        while (above / below > kNarrow) {
            const double middle = std::sqrt(below * above);
            (count_at(middle, granularity) <= target_ ? below : above) = middle;
        }
        return {below, above};
    }

    double largest_base() const {
        return std::max_element(widths_.begin(), widths_.end(), [](const Width& a, const Width& b) { return a.base < b.base; })->base;
    }

    const Width& adjusted() const {
        for (const std::string_view name : kAdjusted)
            for (const Width& width : widths_)
                if (width.name == name) return width;
        return widths_.back();
    }

    // Brings the parameters nearer by one width alone, which changes by the factor `most` at most.
    void adjust(double scale, int granularity, double most) {
        set(scale, granularity);
        const Width& width = adjusted();
        const int step = step_of(width, granularity), proportional = *width.field;
        const auto steps_of = [&](double size) { return static_cast<int>(std::min<double>(size, width.highest)) / step; };
        int below = std::max(steps_of(proportional / most), 1), above = std::max(steps_of(proportional * most), below);
        const auto count_with = [&](int steps) {
            *width.field = steps * step;
            return count();
        };
        while (above - below > 1) {
            const int middle = below + (above - below) / 2;
            (count_with(middle) <= target_ ? below : above) = middle;
        }
        for (const int steps : {below, above}) {
            *width.field = steps * step;
            keep_if_nearest();
        }
    }

    void keep_if_nearest() {
        const std::int64_t parameters = count();
        if (best_.parameters != 0 && distance(parameters) >= distance(best_.parameters)) return;
        std::vector<std::string> sizes;
        for (const Width& width : widths_) sizes.push_back(fmt::format("{} {}", width.name, *width.field));
        best_ = {options_, parameters, fmt::format("{}", fmt::join(sizes, ", "))};
    }

    ModelOptions options_; // the widths point into it
    Vocabulary vocabulary_;
    std::int64_t target_;
    std::vector<Width> widths_;
    int heads_ = 1;
    SizedModel best_;
};

} // namespace

void Budget::describe(OptionTable& table) {
    table.add("parameters", parameters, "of each neural model, whose widths are scaled to it; 0: as its own sizes say", 0, 1e9);
    table.add("minutes", minutes, "of updates, of each training, in place of its other ends; 0: none", 0, 1e6);
}

bool has_widths(const ModelOptions& options) {
    ModelOptions copy = options;
    const OptionTable table = describe_model_options(copy);
    return std::any_of(table.options().begin(), table.options().end(), [](const OptionTable::Option& option) {
        return std::find(kWidths.begin(), kWidths.end(), option.name) != kWidths.end();
    });
}

std::int64_t count_parameters(const ModelOptions& options, const Vocabulary& vocabulary) {
    Context context(1);
    return make_model(context, options, vocabulary, std::nullopt)->parameters().count();
}

SizedModel scale_widths(const ModelOptions& options, const Vocabulary& vocabulary, std::int64_t parameters) {
    check(parameters > 0, "a budget of {} parameters; expected at least 1", parameters);
    return Scaler(options, vocabulary, parameters).solve();
}

} // namespace nmt
