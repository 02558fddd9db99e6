#include "nmt/training/optimizer.hpp"

#include "nmt/tensor/context.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace nmt {
namespace {

using Values = std::vector<double>;

// The published rules, in double precision, for one vector of all parameters.
struct NaiveOptimizer {
    OptimizerOptions options;
    Values value, first, second, average;
    int t = 0;

    double update(const Values& gradient) {
        ++t;
        double squares = 0;
        for (const double g : gradient) squares += g * g;
        const double norm = std::sqrt(squares), warmup = std::max(1, options.warmup);
        const double scale = options.clip_norm > 0 && norm > options.clip_norm ? options.clip_norm / norm : 1;
        double rate = options.learning_rate * std::min(1.0, t / warmup);
        if (options.schedule == "inverse-sqrt" && t > warmup) rate = options.learning_rate / std::sqrt(t / warmup);
        const double decay = std::min(options.average_decay, (1.0 + t) / (10.0 + t));
        for (std::size_t i = 0; i < value.size(); ++i) {
            const double g = gradient[i] * scale;
            if (options.name == "sgd") {
                value[i] -= rate * g;
            } else {
                first[i] = options.beta1 * first[i] + (1 - options.beta1) * g;
                second[i] = options.beta2 * second[i] + (1 - options.beta2) * g * g;
                const double m = first[i] / (1 - std::pow(options.beta1, t)), v = second[i] / (1 - std::pow(options.beta2, t));
                const double before = value[i];
                value[i] -= rate * m / (std::sqrt(v) + options.epsilon);
                if (options.name == "adamw") value[i] -= rate * options.weight_decay * before;
            }
            average[i] = decay * average[i] + (1 - decay) * value[i];
        }
        return norm;
    }
};

// Two parameters and their naive twin.
struct Pair {
    explicit Pair(const OptimizerOptions& options) : context(1), store(context, 3) {
        store.add_uniform("matrix", {7, 5}, 1);
        store.add_uniform("vector", {9}, 1);
        optimizer = std::make_unique<Optimizer>(store, options);
        naive.options = options;
        naive.value = values();
        naive.first = naive.second = Values(naive.value.size());
        naive.average = naive.value;
    }

    Values values() {
        Values all;
        for (Parameter& p : store.all()) all.insert(all.end(), p.value().data(), p.value().data() + p.value().size());
        return all;
    }

    // Draws a gradient, sets it and updates both; returns the norm that the optimizer saw.
    double step(double size) {
        Values gradient;
        for (Parameter& p : store.all())
            for (std::int64_t i = 0; i < p.value().size(); ++i) {
                const auto g = static_cast<float>(random.normal() * size);
                p.variable().gradient().data()[i] = g;
                gradient.push_back(g);
            }
        const double norm = optimizer->gradient_norm();
        optimizer->update(norm);
        EXPECT_NEAR(naive.update(gradient), norm, 1e-5 * norm);
        return norm;
    }

    void expect_equal(const Values& expected) {
        const Values found = values();
        for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 2e-5) << i;
    }

    Context context;
    ParameterStore store;
    std::unique_ptr<Optimizer> optimizer;
    NaiveOptimizer naive;
    Random random{11};
};

void expect_twins_agree(const OptimizerOptions& options) {
    Pair pair(options);
    const Values start = pair.values();
    for (int i = 0; i < 20; ++i) pair.step(i % 3 == 0 ? 0.01 : 0.5); // with and without clipping
    pair.expect_equal(pair.naive.value);
    EXPECT_EQ(pair.optimizer->updates(), 20);
    for (Parameter& p : pair.store.all()) EXPECT_FALSE(p.variable().has_gradient()) << "an update clears the gradients";
    double moved = 0;
    const Values end = pair.values();
    for (std::size_t i = 0; i < end.size(); ++i) moved = std::max(moved, std::abs(end[i] - start[i]));
    EXPECT_GT(moved, 0.02); // else the comparison would say nothing
}

OptimizerOptions options(const std::string& name) {
    OptimizerOptions result;
    result.name = name;
    result.learning_rate = 0.02;
    result.warmup = 5;
    return result;
}

TEST(Optimizer, AdamEqualsItsTwin) { expect_twins_agree(options("adam")); }

TEST(Optimizer, AdamWithConstantRateAndOtherDecaysEqualsItsTwin) {
    OptimizerOptions changed = options("adam");
    changed.schedule = "constant";
    changed.beta1 = 0.8;
    changed.beta2 = 0.99;
    changed.epsilon = 1e-3;
    expect_twins_agree(changed);
}

TEST(Optimizer, AdamWEqualsItsTwin) {
    OptimizerOptions changed = options("adamw");
    changed.weight_decay = 0.3;
    expect_twins_agree(changed);
}

TEST(Optimizer, SgdEqualsItsTwin) {
    OptimizerOptions changed = options("sgd");
    changed.learning_rate = 0.3;
    expect_twins_agree(changed);
    changed.clip_norm = 0;
    expect_twins_agree(changed);
}

TEST(Optimizer, ClipsByTheNormOfAllParametersTogether) {
    OptimizerOptions plain = options("sgd");
    plain.learning_rate = 1;
    plain.warmup = 0;
    plain.schedule = "constant";
    plain.clip_norm = 2;
    Pair pair(plain);
    const auto distance = [&](double size) {
        const Values before = pair.values();
        pair.step(size);
        const Values after = pair.values();
        double squares = 0;
        for (std::size_t i = 0; i < after.size(); ++i) squares += (after[i] - before[i]) * (after[i] - before[i]);
        return std::sqrt(squares);
    };
    EXPECT_NEAR(distance(100), 2, 1e-4);
    EXPECT_LT(distance(0.001), 0.1);
}

TEST(Optimizer, GradientNormTellsOfWhatIsNoNumber) {
    Pair pair(options("adam"));
    EXPECT_EQ(pair.optimizer->gradient_norm(), 0); // none yet
    Tensor& gradient = pair.store.all().front().variable().gradient();
    gradient.data()[3] = std::nanf("");
    EXPECT_TRUE(std::isnan(pair.optimizer->gradient_norm()));
    gradient.data()[3] = INFINITY;
    EXPECT_FALSE(std::isfinite(pair.optimizer->gradient_norm()));
}

TEST(Optimizer, SchedulesRiseAndFall) {
    OptimizerOptions rate;
    rate.learning_rate = 0.8;
    rate.warmup = 4;
    EXPECT_DOUBLE_EQ(learning_rate_at(rate, 1), 0.2);
    EXPECT_DOUBLE_EQ(learning_rate_at(rate, 3), 0.6);
    EXPECT_DOUBLE_EQ(learning_rate_at(rate, 4), 0.8);
    EXPECT_DOUBLE_EQ(learning_rate_at(rate, 16), 0.4);
    EXPECT_DOUBLE_EQ(learning_rate_at(rate, 400), 0.08);
    rate.schedule = "constant";
    EXPECT_DOUBLE_EQ(learning_rate_at(rate, 2), 0.4);
    EXPECT_DOUBLE_EQ(learning_rate_at(rate, 400), 0.8);
    rate.warmup = 0;
    EXPECT_DOUBLE_EQ(learning_rate_at(rate, 1), 0.8);
}

TEST(Optimizer, LinearAndCosineFallToZeroAfterTheLastUpdate) {
    OptimizerOptions rate;
    rate.learning_rate = 0.8;
    rate.warmup = 4;
    rate.schedule = "linear"; // 16 steps from update 4 to the zero of update 20
    EXPECT_DOUBLE_EQ(learning_rate_at(rate, 1, 19), 0.2);
    EXPECT_DOUBLE_EQ(learning_rate_at(rate, 4, 19), 0.8);
    EXPECT_DOUBLE_EQ(learning_rate_at(rate, 8, 19), 0.6);
    EXPECT_DOUBLE_EQ(learning_rate_at(rate, 12, 19), 0.4);
    EXPECT_DOUBLE_EQ(learning_rate_at(rate, 19, 19), 0.05);
    EXPECT_DOUBLE_EQ(learning_rate_at(rate, 4, 4), 0.8); // all of it is warm-up
    EXPECT_DOUBLE_EQ(learning_rate_at(rate, 2, 3), 0.4);
    EXPECT_DOUBLE_EQ(learning_rate_at(rate, 8, 10.5), 0.8 * 3.5 / 7.5);
    rate.schedule = "cosine";
    EXPECT_DOUBLE_EQ(learning_rate_at(rate, 3, 19), 0.6);
    EXPECT_DOUBLE_EQ(learning_rate_at(rate, 4, 19), 0.8);
    EXPECT_DOUBLE_EQ(learning_rate_at(rate, 8, 19), 0.4 * (1 + std::sqrt(0.5))); // an eighth of a turn
    EXPECT_DOUBLE_EQ(learning_rate_at(rate, 12, 19), 0.4);
    EXPECT_DOUBLE_EQ(learning_rate_at(rate, 16, 19), 0.4 * (1 - std::sqrt(0.5)));
    EXPECT_GT(learning_rate_at(rate, 19, 19), 0);
    EXPECT_NE(message_of<Error>([&] { learning_rate_at(rate, 8); }).find("cosine"), std::string::npos);
    EXPECT_NE(message_of<Error>([&] { learning_rate_at(rate, 8, 7); }).find("last update"), std::string::npos);
    EXPECT_FALSE(needs_end(OptimizerOptions()));
    EXPECT_TRUE(needs_end(rate));
}

TEST(Optimizer, RunningAverageStartsShort) {
    OptimizerOptions averaged = options("adam");
    averaged.average_decay = 0.5;
    Pair pair(averaged);
    EXPECT_TRUE(pair.optimizer->averages());
    for (int i = 0; i < 20; ++i) pair.step(0.2); // the decay reaches 0.5 at update 8
    const Values weights = pair.values();
    pair.optimizer->swap_average();
    pair.expect_equal(pair.naive.average);
    EXPECT_NE(pair.values(), weights);
    pair.optimizer->swap_average();
    EXPECT_EQ(pair.values(), weights); // bit for bit
}

TEST(Optimizer, WithoutAverageSwappingChangesNothing) {
    Pair pair(options("adam"));
    pair.step(1);
    const Values weights = pair.values();
    pair.optimizer->swap_average();
    EXPECT_EQ(pair.values(), weights);
    EXPECT_FALSE(pair.optimizer->averages());
}

TEST(Optimizer, StateNamesMomentsAndAverages) {
    const auto names = [](const OptimizerOptions& wanted) {
        Pair pair(wanted);
        std::vector<std::string> found;
        for (const Optimizer::NamedTensor& tensor : pair.optimizer->state()) found.push_back(tensor.name);
        std::sort(found.begin(), found.end());
        return found;
    };
    using Names = std::vector<std::string>;
    OptimizerOptions averaged = options("sgd");
    EXPECT_EQ(names(averaged), Names());
    averaged.average_decay = 0.9;
    EXPECT_EQ(names(averaged), (Names{"average.matrix", "average.vector"}));
    EXPECT_EQ(names(options("adam")),
              (Names{"first_moment.matrix", "first_moment.vector", "second_moment.matrix", "second_moment.vector"}));
}

TEST(Optimizer, WeightDecayNeedsAdamW) {
    for (const std::string name : {"adam", "sgd"}) {
        OptimizerOptions decay = options(name);
        decay.weight_decay = 0.1;
        EXPECT_NE(message_of<Error>([&] { Pair pair(decay); }).find("adamw"), std::string::npos) << name;
    }
}

} // namespace
} // namespace nmt
