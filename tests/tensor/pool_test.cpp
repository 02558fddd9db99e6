#include "nmt/tensor/pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

namespace nmt {
namespace {

TEST(PoolTest, StorageIsAlignedAndLargeEnough) {
    const auto pool = std::make_shared<Pool>();
    std::vector<std::shared_ptr<std::byte>> all;
    std::vector<std::size_t> sizes;
    for (std::size_t bytes : {0, 1, 4, 63, 64, 65, 1000, 1024, 1025, 1279, 1281, 4095, 4097, 100001, 5242881}) {
        all.push_back(pool->allocate(bytes));
        sizes.push_back(bytes);
        ASSERT_NE(all.back(), nullptr);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(all.back().get()) % 64, 0U) << bytes;
        std::memset(all.back().get(), static_cast<int>(all.size()), bytes);
    }
    // No two overlap: each still holds what was written to it.
    for (std::size_t i = 0; i < all.size(); ++i)
        for (std::size_t j = 0; j < sizes[i]; ++j) ASSERT_EQ(all[i].get()[j], static_cast<std::byte>(i + 1)) << sizes[i];
}

TEST(PoolTest, HandsOutAgainWhatTheLastOwnerLetGo) {
    const auto pool = std::make_shared<Pool>();
    auto first = pool->allocate(10000);
    const std::byte* const address = first.get();
    const std::size_t taken = pool->bytes();
    EXPECT_GE(taken, 10000U);
    auto owner = first;
    first.reset();
    auto second = pool->allocate(10000); // the first one still has an owner
    EXPECT_NE(second.get(), address);
    owner.reset();
    const auto third = pool->allocate(10000);
    EXPECT_EQ(third.get(), address);
    EXPECT_EQ(pool->bytes(), 2 * taken);
}

TEST(PoolTest, GivesLargeIdleBlocksBackWhenAsked) {
    const auto pool = std::make_shared<Pool>();
    const auto kept = pool->allocate(1 << 20);
    const std::size_t in_use = pool->bytes();
    for (int i = 0; i < 3; ++i) pool->allocate(std::size_t{3} << (18 + i));
    EXPECT_GT(pool->bytes(), in_use);
    pool->free_idle();
    EXPECT_EQ(pool->bytes(), in_use);
    std::fill_n(kept.get(), 1 << 20, std::byte{1}); // still there
    EXPECT_GT((pool->allocate(1 << 20), pool->bytes()), in_use);
}

TEST(PoolTest, TheSameSizesTakeNothingFromTheSystemTheSecondTime) {
    const auto pool = std::make_shared<Pool>();
    std::size_t taken = 0;
    for (int round = 0; round < 3; ++round) {
        std::vector<std::shared_ptr<std::byte>> step;
        for (std::size_t bytes = 100; bytes < 200000; bytes = bytes * 3 / 2) step.push_back(pool->allocate(bytes));
        std::set<const std::byte*> addresses;
        for (const auto& block : step) addresses.insert(block.get());
        EXPECT_EQ(addresses.size(), step.size());
        if (round == 0) taken = pool->bytes();
        EXPECT_EQ(pool->bytes(), taken);
    }
}

TEST(PoolTest, WhatShrinksTakesNothingFromTheSystem) {
    const auto pool = std::make_shared<Pool>();
    pool->allocate(1 << 20);
    std::size_t taken = pool->bytes();
    for (std::size_t bytes = 1 << 20; bytes > (1 << 19); bytes -= 1000) pool->allocate(bytes);
    EXPECT_EQ(pool->bytes(), taken);
    pool->allocate(1 << 15); // but a block is not wasted on what is much smaller
    EXPECT_GT(pool->bytes(), taken);
    taken = pool->bytes();
    const auto first = pool->allocate(1 << 20), second = pool->allocate(1 << 15); // both fit as before
    EXPECT_EQ(pool->bytes(), taken);
}

TEST(PoolTest, HoldsLittleMoreThanWasInUseAtOnce) {
    const auto pool = std::make_shared<Pool>();
    const auto stays = pool->allocate(1 << 20);
    // Ever other sizes, none of which fits the block before: 3 MiB at most in use with the one that stays.
    for (const std::size_t bytes : {200'000, 500'000, 1'100'000, 2'000'000, 150'000, 350'000, 800'000, 1'700'000, 140'000, 300'000}) {
        pool->allocate(bytes);
        EXPECT_LE(pool->bytes(), (3U << 20) / 3 * 4) << bytes;
    }
    // The idlest goes first: what was used last is still there.
    const auto last = pool->allocate(300'000);
    const std::size_t held = pool->bytes();
    const auto other = pool->allocate(140'000);
    EXPECT_EQ(pool->bytes(), held);
}

TEST(PoolTest, StorageOutlivesTheHandleOfItsPool) {
    auto pool = std::make_shared<Pool>();
    const std::weak_ptr<Pool> watch = pool;
    auto block = pool->allocate(256);
    pool.reset();
    EXPECT_FALSE(watch.expired());
    std::memset(block.get(), 1, 256);
    block.reset();
    EXPECT_TRUE(watch.expired());
}

TEST(PoolTest, ThreadsMayShareIt) {
    const auto pool = std::make_shared<Pool>();
    std::vector<std::thread> threads;
    std::vector<int> clashes(4);
    for (int id = 0; id < 4; ++id)
        threads.emplace_back([&, id] {
            for (int i = 0; i < 2000; ++i) {
                const std::size_t bytes = 1000 + static_cast<std::size_t>(i % 5) * 500;
                const auto block = pool->allocate(bytes);
                std::memset(block.get(), id, bytes);
                for (std::size_t j = 0; j < bytes; j += 100)
                    if (block.get()[j] != static_cast<std::byte>(id)) ++clashes[static_cast<std::size_t>(id)];
            }
        });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(clashes, std::vector<int>(4));
}

} // namespace
} // namespace nmt
