// Widths for a number of parameters, for every architecture of the registry.
#include "nmt/experiments/budget.hpp"

#include "nmt/base/error.hpp"
#include "nmt/models/registry.hpp"
#include "nmt/tensor/context.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>

namespace nmt {
namespace {

constexpr Vocabulary kVocabulary{900, 700, false}, kJoint{2000, 2000, true};

double distance(std::int64_t found, std::int64_t wanted) { return std::abs(static_cast<double>(found) / static_cast<double>(wanted) - 1); }

std::vector<std::string> networks() {
    std::vector<std::string> names;
    for (const Architecture& architecture : architectures())
        if (has_widths(default_model_options(architecture.name))) names.push_back(architecture.name);
    return names;
}

std::map<std::string, int> widths_of(ModelOptions options) {
    std::map<std::string, int> found;
    const OptionTable table = describe_model_options(options);
    for (const OptionTable::Option& option : table.options())
        for (const char* const name : {"embedding-size", "hidden-size", "attention-size", "width", "feed-forward"})
            if (option.name == name) found[name] = *std::get<int*>(option.field);
    return found;
}

class Widths : public testing::TestWithParam<std::string> {};

TEST_P(Widths, GiveTheParametersThatAreAskedFor) {
    const ModelOptions options = default_model_options(GetParam());
    for (const std::int64_t target : {60'000, 250'000, 1'000'000, 7'000'000, 40'000'000}) {
        const SizedModel sized = scale_widths(options, kVocabulary, target);
        EXPECT_LE(distance(sized.parameters, target), kParameterTolerance) << target << ": " << sized.widths;
        Context context(1);
        EXPECT_EQ(make_model(context, sized.options, kVocabulary, std::nullopt)->parameters().count(), sized.parameters);
        EXPECT_EQ(sized.options.width % sized.options.heads, 0);
        const auto before = widths_of(options), after = widths_of(sized.options);
        for (const auto& [name, width] : after)
            EXPECT_NE(sized.widths.find(fmt::format("{} {}", name, width)), std::string::npos) << sized.widths;
        // The widths keep their proportions: those of the first, but for rounding and for the one that is adjusted by itself.
        const double factor = std::sqrt(static_cast<double>(after.begin()->second) / before.begin()->second *
                                        static_cast<double>(after.rbegin()->second) / before.rbegin()->second);
        for (const auto& [name, width] : after) {
            EXPECT_LT(width, 2.3 * factor * before.at(name) + 16) << name << " in " << sized.widths;
            EXPECT_GT(width, factor / 2.3 * before.at(name) - 16) << name << " in " << sized.widths;
        }
    }
}

TEST_P(Widths, OfATargetTheyHaveStay) {
    ModelOptions options = default_model_options(GetParam());
    options.embedding_size = options.hidden_size = options.width = 64;
    options.attention_size = options.feed_forward = 64;
    const std::int64_t target = count_parameters(options, kVocabulary);
    const SizedModel sized = scale_widths(options, kVocabulary, target);
    EXPECT_LE(distance(sized.parameters, target), 0.01) << sized.widths;
}

TEST_P(Widths, ThatAreEqualStayEqual) {
    ModelOptions options = default_model_options(GetParam());
    options.tied_embeddings = GetParam() == "word-by-word" ? "decoder" : "all"; // which asks for equal widths
    options.embedding_size = options.width = 96;
    options.hidden_size = 128;
    for (const std::int64_t target : {200'000, 1'000'000}) {
        const SizedModel sized = scale_widths(options, kJoint, target);
        EXPECT_LE(distance(sized.parameters, target), kParameterTolerance) << sized.widths;
        const auto widths = widths_of(sized.options);
        if (widths.contains("width") && widths.contains("embedding-size")) {
            EXPECT_EQ(widths.at("width"), widths.at("embedding-size"));
        }
    }
}

TEST_P(Widths, OutOfReachNameTheNearest) {
    const ModelOptions options = default_model_options(GetParam());
    const std::string message = message_of<Error>([&] { scale_widths(options, kVocabulary, 100); });
    EXPECT_NE(message.find("100 parameters within 2 %"), std::string::npos) << message;
    EXPECT_NE(message.find(GetParam()), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    const std::string part = "the nearest are ";
    const std::size_t at = message.find(part);
    ASSERT_NE(at, std::string::npos) << message;
    const std::int64_t nearest = std::stoll(message.substr(at + part.size()));
    EXPECT_LE(distance(scale_widths(options, kVocabulary, nearest).parameters, nearest), kParameterTolerance);
}

INSTANTIATE_TEST_SUITE_P(Architectures, Widths, testing::ValuesIn(networks()), [](const auto& info) {
    std::string name = info.param;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
});

TEST(Budget, OnlyTheDictionaryHasNoWidths) {
    EXPECT_EQ(networks().size(), architectures().size() - 1);
    EXPECT_FALSE(has_widths(default_model_options("dictionary")));
    EXPECT_NE(message_of<Error>([] { scale_widths(default_model_options("dictionary"), kVocabulary, 1000); }), "");
}

TEST(Budget, HeadsThatAreTooManyAreAnError) {
    ModelOptions options = default_model_options("transformer");
    options.heads = 512;
    options.width = 512;
    const std::string message = message_of<Error>([&] { scale_widths(options, kVocabulary, 300'000); });
    EXPECT_NE(message.find("width 512"), std::string::npos) << message;
}

TEST(Budget, TiedEmbeddingsCountOnce) {
    ModelOptions options = default_model_options("transformer");
    options.tied_embeddings = "none";
    const std::int64_t apart = count_parameters(options, kJoint);
    options.tied_embeddings = "all";
    EXPECT_EQ(apart - count_parameters(options, kJoint), 2ll * kJoint.target * options.width);
}

} // namespace
} // namespace nmt
