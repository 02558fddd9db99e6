#include "nmt/decoding/selection.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/random.hpp"
#include "nmt/tensor/context.hpp"
#include "nmt/tensor/normalize.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace nmt {
namespace {

// Some rows of logits as a model leaves them.
struct Rows {
    Context context{1};
    Tensor logits, normalizers, maxima;

    explicit Rows(Tensor (*make)(Context&, std::int64_t, std::int64_t, Random&), std::int64_t rows, std::int64_t size, std::uint64_t seed) {
        Random random(seed);
        logits = make(context, rows, size, random);
        normalizers = Tensor(context, {rows});
        maxima = Tensor(context, {rows, (size + kMaximaBlock - 1) / kMaximaBlock});
        log_normalizers(logits, normalizers, maxima);
    }
    Distribution operator[](std::int64_t row) const {
        return {{logits.row(row), static_cast<std::size_t>(logits.columns())},
                normalizers.data()[row],
                {maxima.row(row), static_cast<std::size_t>(maxima.columns())}};
    }
};

Tensor normal(Context& context, std::int64_t rows, std::int64_t size, Random& random) {
    Tensor a(context, {rows, size});
    for (std::int64_t i = 0; i < a.size(); ++i) a.data()[i] = static_cast<float>(4 * random.normal() + 30);
    return a;
}

// Few values, so that many are equal.
Tensor equal_ones(Context& context, std::int64_t rows, std::int64_t size, Random& random) {
    Tensor a(context, {rows, size});
    for (std::int64_t i = 0; i < a.size(); ++i) a.data()[i] = static_cast<float>(random.below(4)) - 1000;
    return a;
}

// All continuations sorted: the twin of what is found in one pass.
std::vector<Continuation> sorted(const Rows& rows, const std::vector<double>& sums, const NextTokens& next, std::size_t limit) {
    std::vector<Continuation> all;
    for (std::size_t r = 0; r < sums.size(); ++r)
        for (std::int32_t token = 0; token < rows.logits.columns(); ++token) {
            const float value = rows[static_cast<std::int64_t>(r)][static_cast<std::size_t>(token)];
            if (next.permits(token)) all.push_back({static_cast<int>(r), token, value, sums[r] + static_cast<double>(value)});
        }
    std::stable_sort(all.begin(), all.end(), [](const Continuation& a, const Continuation& b) { return a.sum > b.sum; });
    all.resize(std::min(limit, all.size()));
    return all;
}

TEST(Selection, FindsWhatSortingFinds) {
    for (const auto make : {normal, equal_ones})
        for (const std::int64_t size : {1, 5, 63, 64, 65, 200, 1000})
            for (const int limit : {1, 3, 12})
                for (const NextTokens& next :
                     {NextTokens{}, NextTokens{.forced = static_cast<std::int32_t>(size - 1)}, NextTokens{.forbidden = {0, 2}}}) {
                    const Rows rows(make, 4, size, static_cast<std::uint64_t>(size + limit));
                    const std::vector<double> sums{-3, -2.5, -9, -2.5};
                    for (const bool with_maxima : {true, false}) {
                        SCOPED_TRACE(fmt::format("{} tokens, {} best, maxima {}", size, limit, with_maxima));
                        BestContinuations best(limit);
                        for (int r = 0; r < 4; ++r) {
                            Distribution distribution = rows[r];
                            if (!with_maxima) distribution.maxima = {};
                            best.add_row(r, sums[static_cast<std::size_t>(r)], distribution, next);
                        }
                        const std::vector<Continuation> expected = sorted(rows, sums, next, static_cast<std::size_t>(limit));
                        ASSERT_EQ(best.chosen().size(), expected.size());
                        for (std::size_t i = 0; i < expected.size(); ++i) {
                            EXPECT_EQ(best.chosen()[i].origin, expected[i].origin);
                            EXPECT_EQ(best.chosen()[i].token, expected[i].token);
                            EXPECT_EQ(best.chosen()[i].log_prob, expected[i].log_prob);
                            EXPECT_EQ(best.chosen()[i].sum, expected[i].sum);
                        }
                    }
                }
}

TEST(Selection, ImpossibleTokensAreNotChosen) {
    Rows rows(normal, 1, 130, 3);
    for (std::int64_t i = 0; i < 130; ++i)
        if (i != 2 && i != 129) rows.logits.row(0)[i] = -std::numeric_limits<float>::infinity();
    log_normalizers(rows.logits, rows.normalizers, rows.maxima);
    BestContinuations best(5);
    best.add_row(0, -1, rows[0], {});
    ASSERT_EQ(best.chosen().size(), 2u);
    EXPECT_EQ(best.chosen()[0].token + best.chosen()[1].token, 131);
}

// A model whose weights are broken gives nothing but NaN; no number of finite rows beside it hides that.
TEST(Selection, SeesARowOfNaN) {
    for (const std::int64_t size : {5, 64, 128, 130})
        for (const int finite_before : {0, 1, 3}) {
            Rows rows(normal, 4, size, 2);
            std::fill_n(rows.logits.row(finite_before), size, std::nanf(""));
            log_normalizers(rows.logits, rows.normalizers, rows.maxima);
            BestContinuations best(2);
            for (int r = 0; r < finite_before; ++r) best.add_row(r, -1, rows[r], {});
            EXPECT_THROW(best.add_row(finite_before, -1, rows[finite_before], {}), Error) << size << ", " << finite_before;
        }
}

TEST(Selection, SeesWhatIsBroken) {
    for (const float broken : {std::nanf(""), std::numeric_limits<float>::infinity()})
        for (const std::int64_t place : {0, 70, 199}) {
            Rows rows(normal, 2, 200, 1);
            rows.logits.row(1)[place] = broken;
            log_normalizers(rows.logits, rows.normalizers, rows.maxima);
            BestContinuations best(2);
            best.add_row(0, 0, rows[0], {});
            const std::string message = message_of<Error>([&] { best.add_row(1, -50, rows[1], {}); });
            EXPECT_NE(message.find("its weights or its arithmetic are broken"), std::string::npos) << message;
        }
}

} // namespace
} // namespace nmt
