#include "nmt/tensor/context.hpp"

#include "nmt/tensor/matmul.hpp"
#include "nmt/tensor/tensor.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace nmt {
namespace {

TEST(ContextTest, HasTheThreadsThatWereAskedFor) {
    EXPECT_EQ(Context(3).threads(), 3);
    EXPECT_EQ(Context(1).threads(), 1);
    EXPECT_GE(Context().threads(), 1);
    EXPECT_EQ(Context().threads(), Context(0).threads());
}

TEST(ContextTest, AllocatesFromAPoolOfItsOwn) {
    Context context(1), other(1);
    EXPECT_EQ(context.pooled_bytes(), 0U);
    { const auto block = context.allocate(5000); }
    const std::size_t taken = context.pooled_bytes();
    EXPECT_GE(taken, 5000U);
    const auto again = context.allocate(5000);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(again.get()) % 64, 0U);
    EXPECT_EQ(context.pooled_bytes(), taken);
    EXPECT_EQ(other.pooled_bytes(), 0U);
}

TEST(ContextTest, CountsPrimitivesFoundAndMade) {
    Context context(1);
    const Tensor a = Tensor::zeros(context, {3, 4}), b = Tensor::zeros(context, {4, 5});
    Tensor c(context, {3, 5});
    EXPECT_EQ(context.primitive_hits() + context.primitive_misses(), 0U);
    matmul(a, b, c);
    EXPECT_EQ(context.primitive_misses(), 1U);
    matmul(a, b, c);
    EXPECT_EQ(context.primitive_hits(), 1U);
    EXPECT_EQ(context.primitive_misses(), 1U);
    matmul(a, b, c, {.accumulate = true});
    EXPECT_EQ(context.primitive_misses(), 2U);
    Tensor less = c.slice_rows(0, 2);
    matmul(a.slice_rows(0, 2), b, less);
    EXPECT_EQ(context.primitive_misses(), 3U);
    matmul(a, b, c);
    EXPECT_EQ(context.primitive_hits(), 2U);
}

TEST(ContextTest, KeepsSoManyPrimitivesAndCountsAllUses) {
    Context context(1);
    constexpr std::int64_t kSizes = 4500; // more than are kept
    const Tensor a = Tensor::zeros(context, {kSizes, 1}), b = Tensor::zeros(context, {1, 1});
    Tensor c(context, {kSizes, 1});
    for (const std::int64_t rows : {std::int64_t{1}, std::int64_t{2}, std::int64_t{1}}) {
        Tensor some = c.slice_rows(0, rows);
        matmul(a.slice_rows(0, rows), b, some);
    }
    EXPECT_EQ(context.primitive_misses(), 2U);
    for (std::int64_t rows = 3; rows <= kSizes; ++rows) {
        Tensor some = c.slice_rows(0, rows);
        matmul(a.slice_rows(0, rows), b, some);
    }
    EXPECT_EQ(context.primitive_misses(), static_cast<std::uint64_t>(kSizes));
    Tensor one = c.slice_rows(0, 1);
    matmul(a.slice_rows(0, 1), b, one);
    EXPECT_EQ(context.primitive_misses(), static_cast<std::uint64_t>(kSizes + 1)); // it was forgotten, and is made again
    matmul(a.slice_rows(0, 1), b, one);
    EXPECT_EQ(context.primitive_misses(), static_cast<std::uint64_t>(kSizes + 1));
    std::uint64_t uses = 0;
    for (const ProductUse& use : context.products_used()) {
        EXPECT_EQ(use.count, use.m == 1 ? 4U : 1U) << use.m;
        uses += use.count;
    }
    EXPECT_EQ(uses, static_cast<std::uint64_t>(kSizes + 3));
}

TEST(ContextTest, TellsVersionAndInstructionSet) {
    EXPECT_EQ(onednn_version().find_first_not_of("0123456789."), std::string::npos) << onednn_version();
    EXPECT_FALSE(instruction_set().empty());
}

} // namespace
} // namespace nmt
