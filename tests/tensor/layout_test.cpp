#include "nmt/tensor/layout.hpp"

#include "tests/tensor/naive.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace nmt {
namespace {

const std::vector<std::vector<int>> kBatches = {{1}, {3, 5, 2, 5, 0, 1}, {4, 4, 4}, {0, 7}, {9, 1, 1, 1, 30, 30, 29, 2, 2, 17}};

TEST(LayoutTest, PaddedRowsRoundUpAndRepeat) {
    EXPECT_EQ(padded_rows(0), 0);
    for (std::int64_t n = 1; n < 3000; ++n) {
        const std::int64_t padded = padded_rows(n);
        ASSERT_GE(padded, n);
        ASSERT_LT(padded, n + 64);
        ASSERT_GE(padded, padded_rows(n - 1));
        ASSERT_EQ(padded_rows(padded), padded) << n; // so that what is padded needs no more
    }
}

TEST(SequenceLayoutTest, OneSequenceAfterAnother) {
    const SequenceLayout layout({3, 0, 2});
    EXPECT_EQ(layout.count(), 3);
    EXPECT_EQ(layout.length(0), 3);
    EXPECT_EQ(layout.length(1), 0);
    EXPECT_EQ(layout.longest(), 3);
    EXPECT_EQ(layout.total(), 5);
    EXPECT_EQ(layout.rows(), padded_rows(5));
    EXPECT_EQ(layout.offset(0), 0);
    EXPECT_EQ(layout.offset(1), 3);
    EXPECT_EQ(layout.offset(2), 3);
    std::vector<std::int32_t> expected{0, 0, 0, 2, 2};
    expected.resize(static_cast<std::size_t>(layout.rows()), -1);
    EXPECT_EQ(layout.sequence_of_row(), expected);
}

TEST(SequenceLayoutTest, RowsOfPaddingBelongToNobody) {
    const SequenceLayout layout({50, 47});
    ASSERT_GT(layout.rows(), layout.total());
    ASSERT_EQ(static_cast<std::int64_t>(layout.sequence_of_row().size()), layout.rows());
    for (std::int64_t i = 0; i < layout.rows(); ++i)
        EXPECT_EQ(layout.sequence_of_row()[static_cast<std::size_t>(i)], i < 50 ? 0 : i < 97 ? 1 : -1);
}

TEST(SequenceLayoutTest, MayBeEmpty) {
    EXPECT_EQ(SequenceLayout().count(), 0);
    EXPECT_EQ(SequenceLayout().total(), 0);
    EXPECT_EQ(SequenceLayout().longest(), 0);
    const TimeMajorLayout none(SequenceLayout({0, 0}));
    EXPECT_EQ(none.steps(), 0);
    EXPECT_EQ(none.total(), 0);
    EXPECT_EQ(none.last_rows(), (std::vector<std::int32_t>{-1, -1}));
}

TEST(TimeMajorLayoutTest, ASmallBatchByHand) {
    // a: a0 a1, b: b0 b1 b2, c: c0 -> time-major b0 a0 c0 b1 a1 b2
    const TimeMajorLayout layout(SequenceLayout({2, 3, 1}));
    EXPECT_EQ(layout.steps(), 3);
    EXPECT_EQ(layout.order(), (std::vector<std::int32_t>{1, 0, 2}));
    EXPECT_EQ(layout.rank(), (std::vector<std::int32_t>{1, 0, 2}));
    EXPECT_EQ(layout.active(0), 3);
    EXPECT_EQ(layout.active(1), 2);
    EXPECT_EQ(layout.active(2), 1);
    EXPECT_EQ(layout.offset(2), 5);
    EXPECT_EQ(layout.total(), 6);
    ASSERT_EQ(layout.rows(), 6);
    EXPECT_EQ(layout.from_sequence_major(), (std::vector<std::int32_t>{2, 0, 5, 3, 1, 4}));
    EXPECT_EQ(layout.to_sequence_major(), (std::vector<std::int32_t>{1, 4, 0, 3, 5, 2}));
    // Reversed: b2 a1 c0 b1 a0 b0.
    EXPECT_EQ(layout.from_sequence_major(true), (std::vector<std::int32_t>{4, 1, 5, 3, 0, 2}));
    EXPECT_EQ(layout.to_sequence_major(true), (std::vector<std::int32_t>{4, 1, 5, 3, 0, 2}));
    EXPECT_EQ(layout.last_rows(), (std::vector<std::int32_t>{4, 5, 2}));
    EXPECT_EQ(layout.sequence_of_row(), (std::vector<std::int32_t>{1, 0, 2, 1, 0, 1}));
}

TEST(TimeMajorLayoutTest, MapsAgreeWithTheirDefinition) {
    for (const std::vector<int>& lengths : kBatches) {
        const SequenceLayout sequences(lengths);
        const TimeMajorLayout layout(sequences);
        const std::vector<int> order = naive::by_length(lengths);
        ASSERT_EQ(layout.order(), std::vector<std::int32_t>(order.begin(), order.end()));
        ASSERT_EQ(layout.steps(), sequences.longest());
        ASSERT_EQ(layout.rows(), sequences.rows());
        const auto from = layout.from_sequence_major(), to = layout.to_sequence_major();
        const auto from_reversed = layout.from_sequence_major(true), to_reversed = layout.to_sequence_major(true);
        const auto owner = layout.sequence_of_row(), last = layout.last_rows(), ranks = layout.rank();
        for (const auto* map : {&from, &to, &from_reversed, &to_reversed, &owner}) {
            ASSERT_EQ(static_cast<std::int64_t>(map->size()), layout.rows());
            for (std::int64_t i = layout.total(); i < layout.rows(); ++i) ASSERT_EQ((*map)[static_cast<std::size_t>(i)], -1);
        }
        for (int rank = 0; rank < sequences.count(); ++rank) {
            const int b = order[static_cast<std::size_t>(rank)], length = sequences.length(b);
            ASSERT_EQ(ranks[static_cast<std::size_t>(b)], rank);
            ASSERT_EQ(last[static_cast<std::size_t>(b)], length == 0 ? -1 : naive::time_row(lengths, length - 1, rank));
            for (int t = 0; t < length; ++t) {
                const std::int64_t row = naive::time_row(lengths, t, rank);
                const auto time = static_cast<std::size_t>(row);
                ASSERT_LT(rank, layout.active(t));
                ASSERT_EQ(layout.offset(t) + rank, row);
                ASSERT_EQ(from[time], sequences.offset(b) + t);
                ASSERT_EQ(to[static_cast<std::size_t>(sequences.offset(b) + t)], row);
                ASSERT_EQ(from_reversed[time], sequences.offset(b) + length - 1 - t);
                ASSERT_EQ(to_reversed[static_cast<std::size_t>(sequences.offset(b) + length - 1 - t)], row);
                ASSERT_EQ(owner[time], b);
            }
        }
    }
}

} // namespace
} // namespace nmt
