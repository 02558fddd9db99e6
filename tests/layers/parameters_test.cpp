// Parameters by name: how they start, that names are unique, and what is counted.
#include "nmt/layers/parameters.hpp"

#include "nmt/tensor/context.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace nmt {
namespace {

std::vector<float> values(const Parameter& parameter) {
    return {parameter.value().data(), parameter.value().data() + parameter.value().size()};
}

class ParameterStoreTest : public testing::Test {
  protected:
    Context context_{1};
    ParameterStore parameters_{context_, 7};
};

TEST_F(ParameterStoreTest, FindsByName) {
    const Parameter& a = parameters_.add_constant("a", {2}, 1);
    EXPECT_EQ(parameters_.find("a"), &a);
    EXPECT_EQ(parameters_.find("b"), nullptr);
    EXPECT_EQ(parameters_.all().size(), 1U);
    EXPECT_TRUE(a.variable().needs_gradient());
}

TEST_F(ParameterStoreTest, ANameIsTakenOnce) {
    parameters_.add_constant("a", {2}, 1);
    EXPECT_EQ(message_of<Error>([&] { parameters_.add_xavier("a", {3, 3}); }), "the parameter 'a' exists already");
    EXPECT_EQ(parameters_.count(), 2);
}

TEST_F(ParameterStoreTest, PartsAreFrozenByWholeComponentsOfTheirNames) {
    for (const char* const name : {"encoder.layers.1.weight", "encoder.layers.10.weight", "encoder.layers.1.bias", "decoder.bias"})
        parameters_.add_constant(name, {3}, 1);
    parameters_.freeze({});
    EXPECT_EQ(parameters_.count_frozen(), 0);
    parameters_.freeze({"encoder.layers.1", "decoder.bias"});
    EXPECT_TRUE(parameters_.find("encoder.layers.1.weight")->frozen());
    EXPECT_TRUE(parameters_.find("encoder.layers.1.bias")->frozen());
    EXPECT_FALSE(parameters_.find("encoder.layers.10.weight")->frozen());
    EXPECT_TRUE(parameters_.find("decoder.bias")->frozen());
    EXPECT_EQ(parameters_.count_frozen(), 9);
    EXPECT_EQ(parameters_.count(), 12);
    for (const char* const name : {"encoder.layer.1", "encoder.layers.1.", "encoder.layers.1.weigh", "encode"})
        EXPECT_NE(message_of<Error>([&] { parameters_.freeze({name}); }).find("did you mean 'encode"), std::string::npos) << name;
    EXPECT_NE(message_of<Error>([&] { parameters_.freeze({"encoder"}); }).find("nothing would be left to train"), std::string::npos);
}

TEST_F(ParameterStoreTest, ReferencesStayValid) {
    Parameter& first = parameters_.add_constant("first", {2}, 1);
    for (int i = 0; i < 100; ++i) parameters_.add_constant(fmt::format("p{}", i), {1}, 0);
    EXPECT_EQ(parameters_.find("first"), &first);
    EXPECT_EQ(parameters_.count(), 102);
}

TEST_F(ParameterStoreTest, StartingValuesDependOnSeedAndNameAlone) {
    const std::vector<float> alone = values(parameters_.add_xavier("weight", {5, 6}));
    ParameterStore later(context_, 7), another(context_, 8);
    later.add_normal("before", {50, 3}, 1);
    later.add_xavier("weigh", {5, 6});
    EXPECT_EQ(values(later.add_xavier("weight", {5, 6})), alone);
    EXPECT_NE(values(*later.find("weigh")), alone);
    EXPECT_NE(values(another.add_xavier("weight", {5, 6})), alone);
    // A larger one begins as the smaller does, and no value appears twice.
    std::vector<float> sorted = alone;
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(std::unique(sorted.begin(), sorted.end()), sorted.end());
}

TEST_F(ParameterStoreTest, SharedParametersHaveOneValueInContextsOfTheirOwn) {
    Parameter& weight = parameters_.add_xavier("weight", {6, 4});
    parameters_.add_constant("bias", {6}, 2);
    Context other(1);
    ParameterStore shared(other, std::nullopt);
    Parameter& handle = shared.add_xavier("weight", {6, 4});
    shared.share(parameters_);
    EXPECT_EQ(handle.value().data(), weight.value().data());
    EXPECT_EQ(&handle.value().context(), &other);
    EXPECT_EQ(&weight.value().context(), &context_);
    EXPECT_EQ(&handle.packed_for_outputs(), &weight.packed_for_outputs());
    EXPECT_EQ(&handle.packed_for_inputs(), &weight.packed_for_inputs());

    ParameterStore wider(other, std::nullopt), foreign(other, std::nullopt);
    wider.add_xavier("weight", {6, 5});
    foreign.add_xavier("gain", {6, 4});
    EXPECT_EQ(message_of<Error>([&] { wider.share(parameters_); }), "parameter 'weight' [6, 5] cannot share a value [6, 4]");
    EXPECT_EQ(message_of<Error>([&] { foreign.share(parameters_); }), "there is no parameter 'gain' to share");
}

TEST_F(ParameterStoreTest, Distributions) {
    const auto moments = [](const Parameter& parameter) {
        double sum = 0, squares = 0;
        float largest = 0;
        for (const float x : values(parameter)) {
            sum += x;
            squares += static_cast<double>(x) * x;
            largest = std::max(largest, std::abs(x));
        }
        const auto n = static_cast<double>(parameter.value().size());
        return std::vector<double>{sum / n, std::sqrt(squares / n), largest};
    };
    const auto uniform = moments(parameters_.add_uniform("uniform", {100, 100}, 0.5));
    EXPECT_NEAR(uniform[0], 0, 0.01);
    EXPECT_NEAR(uniform[1], 0.5 / std::sqrt(3.0), 0.01);
    EXPECT_LE(uniform[2], 0.5);
    EXPECT_GT(uniform[2], 0.49);
    const auto xavier = moments(parameters_.add_xavier("xavier", {150, 50}));
    EXPECT_LE(xavier[2], std::sqrt(6.0 / 200));
    EXPECT_NEAR(xavier[1], std::sqrt(2.0 / 200), 0.005);
    const auto normal = moments(parameters_.add_normal("normal", {100, 100}, 0.2));
    EXPECT_NEAR(normal[0], 0, 0.01);
    EXPECT_NEAR(normal[1], 0.2, 0.005);
    EXPECT_GT(normal[2], 0.5);
    EXPECT_EQ(values(parameters_.add_constant("constant", {3}, 2.5F)), (std::vector<float>{2.5F, 2.5F, 2.5F}));
}

} // namespace
} // namespace nmt
