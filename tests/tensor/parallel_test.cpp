// The header is for kernels, which are compiled with OpenMP; so is this test.
#ifdef _OPENMP
#include "nmt/tensor/parallel.hpp"
#endif

#include <gtest/gtest.h>

#include <atomic>
#include <new>
#include <vector>

namespace nmt {
namespace {

#ifndef _OPENMP

TEST(ParallelTest, IsCompiledWithOpenMP) { GTEST_SKIP() << "compile the tests of tensor with OpenMP"; }

#else

TEST(ParallelTest, CoversEachItemOnce) {
    for (const int threads : {1, 2, 3, 4}) {
        const Context context(threads);
        for (const std::int64_t n : {0, 1, 2, 3, 7, 64, 1000})
            for (const std::int64_t grain : {1, 5, 64, 5000}) {
                std::vector<int> visits(static_cast<std::size_t>(n));
                std::atomic<int> parts = 0;
                parallel_for(context, n, grain, [&](std::int64_t begin, std::int64_t end) {
                    ++parts;
                    for (std::int64_t i = begin; i < end; ++i) ++visits[static_cast<std::size_t>(i)];
                });
                EXPECT_EQ(visits, std::vector<int>(static_cast<std::size_t>(n), 1)) << n << " by " << grain << " on " << threads;
                EXPECT_LE(parts, n <= grain ? 1 : threads);
            }
    }
}

TEST(ParallelTest, AnExceptionPassesThrough) {
    for (const int threads : {1, 3}) {
        const Context context(threads);
        std::atomic<int> parts = 0;
        EXPECT_THROW(parallel_for(context, 300, 1,
                                  [&](std::int64_t begin, std::int64_t) {
                                      ++parts;
                                      if (begin == 0) throw std::bad_alloc();
                                  }),
                     std::bad_alloc);
        EXPECT_EQ(parts, threads);
    }
}

TEST(ParallelTest, APartHasAtLeastItsGrain) {
    const Context context(4);
    for (const std::int64_t n : {10, 11, 19, 20, 21, 39, 100})
        parallel_for(context, n, 10, [&](std::int64_t begin, std::int64_t end) { EXPECT_GE(end - begin, 10) << begin << " of " << n; });
}

#endif

} // namespace
} // namespace nmt
