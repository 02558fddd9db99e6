#include "nmt/tensor/transposed_product.hpp"

#include "nmt/tensor/bfloat16.hpp"
#include "nmt/tensor/parallel.hpp"

#include <algorithm>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace nmt {

#if defined(__x86_64__)

const bool kHasTransposedProduct = true;

namespace {

#define NMT_AVX512_BF16 __attribute__((target("avx512f,avx512bw,avx512bf16")))

constexpr std::int64_t kColumns = kBf16BlockColumns; // of a block of a or b: a row of pairs has as many 32-bit words
constexpr int kVectors = kColumns / 16;
constexpr int kTileRows = 6;             // of c: 24 sums, 4 vectors of b and a broadcast pair fill the 32 registers
constexpr std::int64_t kDepth = 256;     // rows of a and b at a time: a block of b takes 32 KiB of the first-level cache
constexpr std::int64_t kPanelBlocks = 4; // blocks of a that are in the second-level cache at a time, with all of b's rows

// Where a product goes: c, the floats from row to row, and whether to add to what is there.
struct Sink {
    float* c;
    std::int64_t stride;
    bool accumulate;
};

// `Rows` rows and kColumns columns of c from `pairs` pairs of rows of a and b; the pairs of a row of c stand in every kColumns-th word
// of a.
template <int Rows>
NMT_INLINE NMT_AVX512_BF16 void tile(const std::uint32_t* a, const std::uint32_t* b, std::int64_t pairs, const Sink& to) {
    __m512 sums[Rows][kVectors];
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r)
        for (int v = 0; v < kVectors; ++v) sums[r][v] = _mm512_setzero_ps();
    if (to.accumulate) {
#pragma GCC unroll 8
        for (int r = 0; r < Rows; ++r)
            for (int v = 0; v < kVectors; ++v) _mm_prefetch(reinterpret_cast<const char*>(to.c + r * to.stride + v * 16), _MM_HINT_T1);
    }
    for (std::int64_t p = 0; p < pairs; ++p, a += kColumns, b += kColumns) {
        __m512i right[kVectors];
        for (int v = 0; v < kVectors; ++v) right[v] = _mm512_loadu_si512(b + v * 16);
#pragma GCC unroll 8
        for (int r = 0; r < Rows; ++r) {
            const __m512i left = _mm512_set1_epi32(static_cast<int>(a[r]));
            for (int v = 0; v < kVectors; ++v)
                sums[r][v] = _mm512_dpbf16_ps(sums[r][v], reinterpret_cast<__m512bh>(left), reinterpret_cast<__m512bh>(right[v]));
        }
    }
    if (to.accumulate) {
#pragma GCC unroll 8
        for (int r = 0; r < Rows; ++r)
            for (int v = 0; v < kVectors; ++v) sums[r][v] = _mm512_add_ps(_mm512_loadu_ps(to.c + r * to.stride + v * 16), sums[r][v]);
    }
#pragma GCC unroll 8
    for (int r = 0; r < Rows; ++r)
        for (int v = 0; v < kVectors; ++v) _mm512_storeu_ps(to.c + r * to.stride + v * 16, sums[r][v]);
}

// `rows` rows, at most kColumns.
NMT_AVX512_BF16 void block(const std::uint32_t* a, const std::uint32_t* b, std::int64_t pairs, std::int64_t rows, Sink to) {
    std::int64_t i = 0;
    for (; i + kTileRows <= rows; i += kTileRows, to.c += kTileRows * to.stride) tile<kTileRows>(a + i, b, pairs, to);
    for (; i + 4 <= rows; i += 4, to.c += 4 * to.stride) tile<4>(a + i, b, pairs, to);
    for (; i < rows; ++i, to.c += to.stride) tile<1>(a + i, b, pairs, to);
}

// The same for a block of fewer columns.
void narrow_block(const std::uint32_t* a, const std::uint32_t* b, std::int64_t pairs, std::int64_t rows, std::int64_t columns,
                  const Sink& to) {
    float wide[kColumns * kColumns];
    block(a, b, pairs, rows, {wide, kColumns, false});
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < columns; ++j) {
            float& c = to.c[i * to.stride + j];
            c = wide[i * kColumns + j] + (to.accumulate ? c : 0.0F);
        }
}

} // namespace

void transposed_product(const Tensor& a, const std::uint16_t* b, Tensor& c, bool accumulate) {
    const std::int64_t depth = a.rows(), m = c.rows(), n = c.columns();
    const std::int64_t padded_depth = padded_block_rows(depth);
    parallel_for(a.context(), (m + kColumns - 1) / kColumns, 1, [&](std::int64_t begin, std::int64_t end) {
        alignas(64) std::uint32_t panel[kPanelBlocks * kColumns * kDepth / 2];
        for (std::int64_t k = 0; k < depth; k += kDepth) {
            const std::int64_t pairs = std::min(kDepth, padded_depth - k) / 2;
            for (std::int64_t first = begin * kColumns; first < std::min(end * kColumns, m); first += kPanelBlocks * kColumns) {
                const std::int64_t last = std::min({first + kPanelBlocks * kColumns, end * kColumns, m});
                block_bf16(a, {k, std::min(k + kDepth, depth)}, {first, last}, reinterpret_cast<std::uint16_t*>(panel));
                for (std::int64_t j = 0; j < n; j += kColumns)
                    for (std::int64_t i = first; i < last; i += kColumns) {
                        const std::uint32_t* const left = panel + (i - first) * pairs;
                        const auto* const right = reinterpret_cast<const std::uint32_t*>(b + j * padded_depth + k * kColumns);
                        const std::int64_t rows = std::min(kColumns, last - i);
                        const Sink to{c.row(i) + j, n, accumulate || k > 0};
                        if (j + kColumns <= n) block(left, right, pairs, rows, to);
                        else narrow_block(left, right, pairs, rows, n - j, to);
                    }
            }
        }
    });
}

#else

const bool kHasTransposedProduct = false;

void transposed_product(const Tensor&, const std::uint16_t*, Tensor&, bool) {
    fail("this program was built without products of bf16 in vector units");
}

#endif

} // namespace nmt
