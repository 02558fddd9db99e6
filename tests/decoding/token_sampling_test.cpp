#include "nmt/decoding/token_sampling.hpp"

#include "nmt/base/error.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <vector>

namespace nmt {
namespace {

std::vector<float> logs(std::vector<float> probabilities) {
    for (float& p : probabilities) p = std::log(p);
    return probabilities;
}

// The share of each token over evenly spread random numbers.
std::map<std::int32_t, double> shares(const std::vector<float>& distribution, const SamplingOptions& options, const NextTokens& next = {}) {
    constexpr int kDraws = 20'000;
    std::map<std::int32_t, double> result;
    for (int i = 0; i < kDraws; ++i) result[sample_token({distribution}, next, options, (i + 0.5) / kDraws)] += 1.0 / kDraws;
    return result;
}

void expect_shares(const std::map<std::int32_t, double>& found, const std::map<std::int32_t, double>& expected) {
    ASSERT_EQ(found.size(), expected.size());
    for (const auto& [token, share] : expected) {
        ASSERT_TRUE(found.contains(token)) << token;
        EXPECT_NEAR(found.at(token), share, 2e-4) << token;
    }
}

const std::vector<float>& five() {
    static const std::vector<float> distribution = logs({0.08F, 0.4F, 0.25F, 0.17F, 0.1F});
    return distribution;
}

TEST(Sampling, FollowsTheProbabilities) { expect_shares(shares(five(), {}), {{0, 0.08}, {1, 0.4}, {2, 0.25}, {3, 0.17}, {4, 0.1}}); }

TEST(Sampling, TopKKeepsTheMostProbable) {
    expect_shares(shares(five(), {.top_k = 1}), {{1, 1}});
    expect_shares(shares(five(), {.top_k = 2}), {{1, 0.4 / 0.65}, {2, 0.25 / 0.65}});
    expect_shares(shares(five(), {.top_k = 3}), {{1, 0.4 / 0.82}, {2, 0.25 / 0.82}, {3, 0.17 / 0.82}});
    expect_shares(shares(five(), {.top_k = 50}), shares(five(), {}));
    expect_shares(shares(logs({0.25F, 0.25F, 0.25F, 0.25F}), {.top_k = 2}), {{0, 0.5}, {1, 0.5}}); // ties: the lower ids
}

TEST(Sampling, TopPKeepsTheSmallestSetThatReachesIt) {
    expect_shares(shares(five(), {.top_p = 0.01}), {{1, 1}});
    expect_shares(shares(five(), {.top_p = 0.39}), {{1, 1}});
    expect_shares(shares(five(), {.top_p = 0.41}), {{1, 0.4 / 0.65}, {2, 0.25 / 0.65}});
    expect_shares(shares(five(), {.top_p = 0.64}), {{1, 0.4 / 0.65}, {2, 0.25 / 0.65}});
    expect_shares(shares(five(), {.top_p = 0.66}), {{1, 0.4 / 0.82}, {2, 0.25 / 0.82}, {3, 0.17 / 0.82}});
    expect_shares(shares(five(), {.top_p = 0.93}), {{0, 0.08}, {1, 0.4}, {2, 0.25}, {3, 0.17}, {4, 0.1}});
    // After top-k: 0.4 of what two tokens have together is 0.615, which reaches 0.6.
    expect_shares(shares(five(), {.top_k = 2, .top_p = 0.6}), {{1, 1}});
    expect_shares(shares(five(), {.top_k = 2, .top_p = 0.63}), {{1, 0.4 / 0.65}, {2, 0.25 / 0.65}});
}

TEST(Sampling, TemperatureSharpensAndFlattens) {
    const double squares = 0.0064 + 0.16 + 0.0625 + 0.0289 + 0.01;
    expect_shares(shares(five(), {.temperature = 0.5}),
                  {{0, 0.0064 / squares}, {1, 0.16 / squares}, {2, 0.0625 / squares}, {3, 0.0289 / squares}, {4, 0.01 / squares}});
    expect_shares(shares(five(), {.temperature = 1e9}), {{0, 0.2}, {1, 0.2}, {2, 0.2}, {3, 0.2}, {4, 0.2}});
    expect_shares(shares(five(), {.temperature = 1e-300}), {{1, 1}});
    // Before top-p: flattened, one token has 0.2 alone.
    EXPECT_EQ(shares(five(), {.top_p = 0.3, .temperature = 1e9}).size(), 2u);
}

TEST(Sampling, RulesComeBeforeTheCuts) {
    const NextTokens without_best{.forbidden = {0, 1}};
    expect_shares(shares(five(), {.top_k = 1}, without_best), {{2, 1}});
    expect_shares(shares(five(), {}, without_best), {{2, 0.25 / 0.52}, {3, 0.17 / 0.52}, {4, 0.1 / 0.52}});
    expect_shares(shares(five(), {.top_p = 0.1}, {.forced = 4}), {{4, 1}});
}

TEST(Sampling, BrokenAndImpossibleDistributions) {
    constexpr float kNever = -std::numeric_limits<float>::infinity();
    EXPECT_EQ(sample_token({std::vector<float>{kNever, 0, kNever}}, {}, {}, 0.999), 1);
    EXPECT_EQ(sample_token({std::vector<float>{0, kNever, kNever}}, {}, {}, 0), 0);
    EXPECT_THROW(sample_token({std::vector<float>{kNever, kNever}}, {}, {}, 0.5), Error);
    EXPECT_THROW(sample_token({std::vector<float>{-1, std::nanf("")}}, {}, {}, 0.5), Error);
    EXPECT_THROW(sample_token({std::vector<float>{-1, -kNever}}, {}, {}, 0.5), Error);
}

// A function of its arguments, evenly spread, that differs in each of them.
TEST(Sampling, RandomNumbers) {
    double sum = 0;
    std::set<double> seen;
    for (std::uint64_t seed = 0; seed < 5; ++seed)
        for (std::uint64_t stream = 0; stream < 20; ++stream)
            for (int sample = 0; sample < 5; ++sample)
                for (int step = 0; step < 10; ++step) {
                    const double u = sampling_uniform(seed, stream, sample, step);
                    EXPECT_EQ(u, sampling_uniform(seed, stream, sample, step));
                    EXPECT_TRUE(u >= 0 && u < 1);
                    seen.insert(u);
                    sum += u;
                }
    EXPECT_EQ(seen.size(), 5000u);
    EXPECT_NEAR(sum / 5000, 0.5, 0.02);
}

// Drawn with those numbers, tokens come about as often as they are probable.
TEST(Sampling, FrequenciesAreNearTheProbabilities) {
    std::map<std::int32_t, double> found;
    const std::vector<float> distribution = five();
    for (std::uint64_t line = 0; line < 20'000; ++line)
        found[sample_token({distribution}, {}, {}, sampling_uniform(1, line, 0, 0))] += 1.0 / 20'000;
    for (std::int32_t token = 0; token < 5; ++token) EXPECT_NEAR(found[token], std::exp(five()[static_cast<std::size_t>(token)]), 0.012);
}

} // namespace
} // namespace nmt
