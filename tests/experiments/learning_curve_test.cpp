#include "nmt/experiments/learning_curve.hpp"

#include "nmt/base/output_file.hpp"
#include "nmt/experiments/rounding.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

using Json = nlohmann::ordered_json;

TEST(LearningCurve, CountsOnceWhatWasDoneTwice) {
    TemporaryFolder folder;
    write_file(folder / "log.jsonl", R"({"event":"start","seed":1}
{"event":"training","updates":50,"loss":5.5,"update_seconds":30}
{"event":"training","updates":100,"loss":4.5,"update_seconds":60}
{"event":"validation","updates":100,"loss":4,"bleu":10,"update_seconds":60}
{"event":"training","updates":150,"loss":4.25,"update_seconds":90}
{"event":"resume","seed":1}
{"event":"validation","updates":100,"loss":4,"bleu":11,"update_seconds":66}
{"event":"training","updates":150,"loss":4.125,"update_seconds":96}
{"event":"validation","upd)");
    const Json curve = learning_curve(folder.path());
    EXPECT_EQ(curve.at("training"), Json::parse(R"({"updates": [50, 100, 150], "minutes": [0.5, 1.0, 1.6], "loss": [5.5, 4.5, 4.125]})"));
    EXPECT_EQ(curve.at("validation"), Json::parse(R"({"updates": [100], "minutes": [1.1], "loss": [4.0], "bleu": [11.0]})"));
    EXPECT_EQ(learning_curve(folder.path(), 2)["training"].at("updates"), Json::parse("[50, 150]"));
}

TEST(LearningCurve, FiguresOfAnotherTypeArePassedOver) {
    TemporaryFolder folder;
    write_file(folder / "log.jsonl", R"({"event":3,"updates":1}
{"event":["training"],"updates":2}
{"event":"training","updates":"3","loss":1}
{"event":"training","updates":{},"loss":1}
{"event":"training","updates":4,"loss":"low","update_seconds":[6]}
{"event":"training","updates":5,"loss":2,"update_seconds":60}
[1]
7
)");
    EXPECT_EQ(learning_curve(folder.path()).at("training"),
              Json::parse(R"({"updates": [4, 5], "minutes": [0.0, 1.0], "loss": [0.0, 2.0]})"));
}

TEST(LearningCurve, TheLastDayIsThatOfTheLastEvent) {
    TemporaryFolder folder;
    write_file(folder / "log.jsonl", R"({"time":"2026-05-30T23:59:59Z","event":"start"}
{"time":"2026-05-31T00:01:00Z","event":"end"}
{"time":7}
{"event":"x"}
)");
    EXPECT_EQ(last_day(folder.path()), "2026-05-31");
}

TEST(LearningCurve, NoLogIsNoCurve) {
    TemporaryFolder folder;
    EXPECT_EQ(last_day(folder.path()), "");
    EXPECT_TRUE(learning_curve(folder.path())["training"].at("updates").empty());
    EXPECT_TRUE(learning_curve(folder.path())["validation"].at("bleu").empty());
}

TEST(Rounding, KeepsSignificantDigits) {
    EXPECT_EQ(rounded(123456, 4), 123500);
    EXPECT_EQ(rounded(-0.00123456, 3), -0.00123);
    EXPECT_EQ(rounded(9.9996, 4), 10);
    EXPECT_EQ(rounded(0, 4), 0);
    EXPECT_EQ(rounded(1e-310, 4), 1e-310); // too small to scale
    EXPECT_TRUE(std::isnan(rounded(NAN, 4)));
}

} // namespace
} // namespace nmt
