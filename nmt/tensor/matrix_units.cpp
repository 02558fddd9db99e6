#include "nmt/tensor/matrix_units.hpp"

#include "nmt/tensor/bfloat16.hpp"
#include "nmt/tensor/parallel.hpp"

#include <algorithm>
#include <memory>

#if defined(__x86_64__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized" // GCC 12 takes offence at registers that its own header leaves undefined
#include <immintrin.h>
#pragma GCC diagnostic pop
#endif

namespace nmt {

#if defined(__x86_64__)

namespace {

#define NMT_AMX __attribute__((target("avx512f,avx512bw,avx512bf16,amx-tile,amx-bf16")))

constexpr std::int64_t kTileRows = 16, kTileDepth = 32; // a tile of a; one of b has as many pairs of rows as that has columns
constexpr std::int64_t kPanelRows = 2 * kTileRows;      // rows of c at a time
constexpr std::int64_t kColumns = kBf16BlockColumns;    // columns of c at a time: those of a block of b
constexpr std::int64_t kPairBytes = kColumns * 4;       // from one pair of rows to the next in a block of b
constexpr std::int64_t kLine = 64;                      // bytes of a line of the cache
constexpr std::int64_t kResident = 320 * 1024;          // values of b that stay in the second-level cache while all of a passes
constexpr std::int64_t kDepth = 1024;                   // rows of b at a time where c holds partial sums
constexpr std::int64_t kTransposedDepth = 512, kTransposedRows = 256; // of a transposed panel, which stays in the second-level cache

// What LDTILECFG reads. Tiles 0 to 3 are sums, the upper two and the lower two; 4 and 5 are of a; 6 and 7 of b, left and right.
struct alignas(64) TileShapes {
    std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
    std::uint16_t row_bytes[16] = {};
    std::uint8_t rows[16] = {};
};

NMT_AMX void set_tile_shapes(std::int64_t panel_rows) {
    TileShapes shapes;
    const auto upper = static_cast<std::uint8_t>(std::min(panel_rows, kTileRows));
    const auto lower = static_cast<std::uint8_t>(panel_rows > kTileRows ? panel_rows - kTileRows : kTileRows);
    for (int tile = 0; tile < 8; ++tile) {
        shapes.row_bytes[tile] = kLine;
        shapes.rows[tile] = tile == 0 || tile == 1 || tile == 4 ? upper : tile == 2 || tile == 3 || tile == 5 ? lower : kTileRows;
    }
    asm volatile("" ::"r"(&shapes) : "memory"); // all of it has been written
    _tile_loadconfig(&shapes);
}

// Shapes of tiles for panels of one number of rows after another; the units are free again when it goes.
class Tiles {
  public:
    Tiles() = default;
    NMT_INLINE NMT_AMX ~Tiles() { _tile_release(); }
    Tiles(const Tiles&) = delete;
    Tiles& operator=(const Tiles&) = delete;
    NMT_INLINE NMT_AMX void prepare(std::int64_t panel_rows) {
        if (panel_rows != panel_rows_) set_tile_shapes(panel_rows_ = panel_rows);
    }

  private:
    std::int64_t panel_rows_ = 0;
};

// Lines of memory that will be wanted soon, `lines` of each row, asked for a share in each of some steps.
class Ahead {
  public:
    Ahead(const void* first, std::int64_t row_bytes, std::int64_t rows, std::int64_t lines, std::int64_t steps)
        : at_(static_cast<const char*>(first)), row_bytes_(row_bytes), lines_(lines), left_(rows * lines),
          share_((left_ + steps - 1) / steps) {}

    NMT_INLINE void ask() {
        std::int64_t count = std::min(share_, left_);
        left_ -= count;
        for (; count > 0; --count) {
            __builtin_prefetch(at_ + line_ * kLine, 0, 2);
            if (++line_ == lines_) line_ = 0, at_ += row_bytes_;
        }
    }

  private:
    const char* at_;
    std::int64_t row_bytes_, lines_, line_ = 0, left_, share_;
};

// The rows of a that are multiplied: where the tiles of the first kTileDepth columns are, and bytes from row to row and from a tile to
// that of the next columns.
struct Panel {
    const std::uint16_t* upper;
    const std::uint16_t* lower;
    std::int64_t row_bytes, step_bytes;
    std::int64_t rows;
};

// Where a product goes: c, elements from row to row, and what is done on the way.
struct Sink {
    void* c;
    std::int64_t stride;
    bool rounded;      // c is bf16
    const float* bias; // null: none
    bool relu, accumulate;

    float* floats() const { return static_cast<float*>(c); }
    std::int64_t element_bytes() const { return rounded ? 2 : 4; }
    Sink at(std::int64_t row, std::int64_t column) const {
        Sink moved = *this;
        moved.c = static_cast<char*>(c) + (row * stride + column) * element_bytes();
        if (bias != nullptr) moved.bias += column;
        return moved;
    }
    // The same for the sums over further rows of b.
    Sink continued() const {
        Sink more = *this;
        more.bias = nullptr;
        more.accumulate = true;
        return more;
    }
    // Some rows and kColumns columns of c.
    Ahead ahead(std::int64_t row, std::int64_t column, std::int64_t rows, std::int64_t steps) const {
        return {at(row, column).c, stride * element_bytes(), rows, kColumns * element_bytes() / kLine, steps};
    }
};

// Adds the product of a panel and kPanelRows columns of b to the sums. b passes by the first-level cache, where the panel of a stays.
template <bool Lower>
NMT_INLINE NMT_AMX void multiply_tiles(const Panel& a, const std::uint16_t* b, std::int64_t steps, Ahead& far, Ahead& near) {
    const char* upper = reinterpret_cast<const char*>(a.upper);
    const char* lower = reinterpret_cast<const char*>(a.lower);
    const char* right = reinterpret_cast<const char*>(b);
    for (std::int64_t step = 0; step < steps; ++step) {
        _tile_loadd(4, upper, a.row_bytes);
        _tile_stream_loadd(6, right, kPairBytes);
        _tile_dpbf16ps(0, 4, 6);
        far.ask();
        _tile_stream_loadd(7, right + kLine, kPairBytes);
        _tile_dpbf16ps(1, 4, 7);
        near.ask();
        if constexpr (Lower) {
            _tile_loadd(5, lower, a.row_bytes);
            _tile_dpbf16ps(2, 5, 6);
            _tile_dpbf16ps(3, 5, 7);
        }
        upper += a.step_bytes, lower += a.step_bytes, right += kTileRows * kPairBytes;
    }
}

template <bool Lower>
NMT_INLINE NMT_AMX void load_sums(const float* c, std::int64_t row_bytes, std::int64_t lower_offset) {
    _tile_loadd(0, c, row_bytes);
    _tile_loadd(1, c + 16, row_bytes);
    if constexpr (Lower) {
        _tile_loadd(2, c + lower_offset, row_bytes);
        _tile_loadd(3, c + lower_offset + 16, row_bytes);
    }
}

template <bool Lower>
NMT_INLINE NMT_AMX void zero_sums() {
    _tile_zero(0);
    _tile_zero(1);
    if constexpr (Lower) {
        _tile_zero(2);
        _tile_zero(3);
    }
}

template <bool Lower>
NMT_INLINE NMT_AMX void store_sums(float* c, std::int64_t row_bytes, std::int64_t lower_offset) {
    _tile_stored(0, c, row_bytes);
    _tile_stored(1, c + 16, row_bytes);
    if constexpr (Lower) {
        _tile_stored(2, c + lower_offset, row_bytes);
        _tile_stored(3, c + lower_offset + 16, row_bytes);
    }
}

// sums [rows,kColumns] to `columns` columns of c.
NMT_AMX void finish(const float* sums, std::int64_t rows, std::int64_t columns, const Sink& to) {
    const __m512 zero = _mm512_setzero_ps();
    for (std::int64_t half = 0; half < 2; ++half) {
        const std::int64_t left = std::clamp<std::int64_t>(columns - 32 * half, 0, 32);
        const auto mask = static_cast<__mmask32>((std::uint64_t{1} << left) - 1);
        for (std::int64_t i = 0; i < rows; ++i) {
            const float* const from = sums + i * kColumns + 32 * half;
            __m512 first = _mm512_loadu_ps(from), second = _mm512_loadu_ps(from + 16);
            if (to.relu) first = _mm512_max_ps(first, zero), second = _mm512_max_ps(second, zero);
            const std::int64_t offset = i * to.stride + 32 * half;
            if (to.rounded) {
                const auto values = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(second, first));
                _mm512_mask_storeu_epi16(static_cast<std::uint16_t*>(to.c) + offset, mask, values);
            } else {
                _mm512_mask_storeu_ps(to.floats() + offset, static_cast<__mmask16>(mask), first);
                _mm512_mask_storeu_ps(to.floats() + offset + 16, static_cast<__mmask16>(mask >> 16), second);
            }
        }
    }
}

// `columns` columns of c, at most kColumns. b: the rows of the block that the panel's columns meet.
template <bool Lower>
NMT_INLINE NMT_AMX void multiply_block(const Panel& a, const std::uint16_t* b, std::int64_t columns, std::int64_t steps, const Sink& to,
                                       Ahead& far, Ahead near) {
    alignas(64) float sums[kPanelRows * kColumns], bias[kColumns];
    const bool direct = columns == kColumns && !to.rounded && !to.relu;
    if (to.bias != nullptr) std::fill(std::copy_n(to.bias, columns, bias), bias + kColumns, 0.0F);
    if (to.accumulate && !direct)
        for (std::int64_t i = 0; i < a.rows; ++i) std::copy_n(to.floats() + i * to.stride, columns, sums + i * kColumns);
    float* const c = direct ? to.floats() : sums;
    const std::int64_t stride = direct ? to.stride : kColumns, row_bytes = stride * 4;
    asm volatile("" ::: "memory"); // what the tiles read has been written
    for (std::int64_t j = 0; j < columns; j += 32) {
        if (to.accumulate) load_sums<Lower>(c + j, row_bytes, kTileRows * stride);
        else if (to.bias != nullptr) load_sums<Lower>(bias + j, 0, 0); // the same row again and again
        else zero_sums<Lower>();
        multiply_tiles<Lower>(a, b + 2 * j, steps, far, near);
        store_sums<Lower>(c + j, row_bytes, kTileRows * stride);
    }
    if (!direct) finish(sums, a.rows, columns, to);
}

NMT_AMX void multiply_block(const Panel& a, const std::uint16_t* b, std::int64_t columns, std::int64_t steps, const Sink& to, Ahead& far,
                            const Ahead& near) {
    if (a.rows > kTileRows) multiply_block<true>(a, b, columns, steps, to, far, near);
    else multiply_block<false>(a, b, columns, steps, to, far, near);
}

std::int64_t blocks_of(std::int64_t columns) { return (columns + kColumns - 1) / kColumns; }

// Some rows and columns of c = a b, b [K,N].
NMT_AMX void multiply_plain(const Tensor& a, const std::uint16_t* b, Range rows, Range columns, const Sink& whole) {
    const std::int64_t depth = a.columns();
    const bool partial_sums = !whole.rounded && !whole.relu;
    const std::int64_t depth_step = partial_sums ? kDepth : depth;
    Tiles tiles;
    for (std::int64_t k = 0; k < depth; k += depth_step) {
        const std::int64_t part = std::min(depth_step, depth - k), steps = part / kTileDepth;
        const Sink sink = k == 0 ? whole : whole.continued();
        const std::int64_t width = std::max(kResident / part / kColumns, std::int64_t{1}) * kColumns;
        for (std::int64_t first = columns.begin; first < columns.end; first += width) {
            const std::int64_t last = std::min(first + width, columns.end);
            for (std::int64_t i = rows.begin; i < rows.end; i += kPanelRows) {
                const std::int64_t next = i + kPanelRows, next_rows = std::clamp<std::int64_t>(rows.end - next, 0, kPanelRows);
                const std::uint16_t* const from = a.as<std::uint16_t>() + i * depth + k;
                const Panel panel{from, from + kTileRows * depth, depth * 2, kLine, std::min(kPanelRows, rows.end - i)};
                Ahead next_panel(from + kPanelRows * depth, depth * 2, next_rows, steps, 2 * steps * blocks_of(last - first));
                tiles.prepare(panel.rows);
                for (std::int64_t j = first; j < last; j += kColumns) {
                    const std::uint16_t* const right = b + j * depth + k * kColumns;
                    const bool more = j + kColumns < last;
                    const Ahead near = more && i == rows.begin ? Ahead(right + kColumns * depth, 0, 1, part * 2, 2 * steps)
                                       : more                  ? sink.ahead(i, j + kColumns, panel.rows, 2 * steps)
                                                               : sink.ahead(next, first, next_rows, 2 * steps);
                    multiply_block(panel, right, std::min(kColumns, last - j), steps, sink.at(i, j), next_panel, near);
                }
            }
        }
    }
}

// Transposes 16 pairs of rows, of which each quarter of a register holds 4 pairs: those of the columns 8 q + offset and on for quarter q.
// Column m goes to row m % 16 of tile m / 16.
NMT_INLINE NMT_AMX void transpose_pairs(__m512i (&rows)[16], std::int64_t offset, std::uint16_t* to) {
    __m512i twos[16];
#pragma GCC unroll 16
    for (int i = 0; i < 16; i += 2) {
        twos[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
        twos[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < 16; i += 4) {
        rows[i] = _mm512_unpacklo_epi64(twos[i], twos[i + 2]);
        rows[i + 1] = _mm512_unpackhi_epi64(twos[i], twos[i + 2]);
        rows[i + 2] = _mm512_unpacklo_epi64(twos[i + 1], twos[i + 3]);
        rows[i + 3] = _mm512_unpackhi_epi64(twos[i + 1], twos[i + 3]);
    }
#pragma GCC unroll 4
    for (int c = 0; c < 4; ++c) {
        constexpr int kEven = 0x88, kOdd = 0xdd; // quarters 0 and 2 of either register, 1 and 3
        const __m512i even = _mm512_shuffle_i32x4(rows[c], rows[4 + c], kEven), odd = _mm512_shuffle_i32x4(rows[c], rows[4 + c], kOdd);
        const __m512i more_even = _mm512_shuffle_i32x4(rows[8 + c], rows[12 + c], kEven);
        const __m512i more_odd = _mm512_shuffle_i32x4(rows[8 + c], rows[12 + c], kOdd);
        std::uint16_t* const upper = to + (offset + c) * kTileDepth;
        std::uint16_t* const lower = upper + kTileRows * kTileDepth;
        _mm512_store_si512(upper, _mm512_shuffle_i32x4(even, more_even, kEven));
        _mm512_store_si512(lower, _mm512_shuffle_i32x4(even, more_even, kOdd));
        _mm512_store_si512(upper + 8 * kTileDepth, _mm512_shuffle_i32x4(odd, more_odd, kEven));
        _mm512_store_si512(lower + 8 * kTileDepth, _mm512_shuffle_i32x4(odd, more_odd, kOdd));
    }
}

// The transpose of at most kTileDepth rows and kPanelRows columns of a matrix, an upper and a lower tile. What is missing is zeros.
NMT_AMX void transpose_tiles(const std::uint16_t* from, std::int64_t stride, std::int64_t rows, std::int64_t columns, std::uint16_t* to) {
    const auto mask = static_cast<__mmask32>((std::uint64_t{1} << std::min(columns, kPanelRows)) - 1);
    for (std::int64_t offset = 0; offset < 8; offset += 4) {
        __m512i pairs[16];
#pragma GCC unroll 16
        for (int p = 0; p < 16; ++p) {
            const __m512i even = 2 * p < rows ? _mm512_maskz_loadu_epi16(mask, from + 2 * p * stride) : _mm512_setzero_si512();
            const __m512i odd = 2 * p + 1 < rows ? _mm512_maskz_loadu_epi16(mask, from + (2 * p + 1) * stride) : _mm512_setzero_si512();
            pairs[p] = offset == 0 ? _mm512_unpacklo_epi16(even, odd) : _mm512_unpackhi_epi16(even, odd);
        }
        transpose_pairs(pairs, offset, to);
    }
}

// Some rows of c = a^T b, b [K,N].
NMT_AMX void multiply_transposed(const Tensor& a, const std::uint16_t* b, Range rows, std::int64_t columns, const Sink& whole) {
    constexpr std::int64_t kStepValues = kPanelRows * kTileDepth;
    const std::int64_t depth = a.rows(), m = a.columns(), padded_depth = padded_block_rows(depth);
    const std::shared_ptr<std::byte> storage = a.context().allocate(static_cast<std::size_t>(kTransposedRows * kTransposedDepth * 2));
    auto* const transposed = reinterpret_cast<std::uint16_t*>(storage.get());
    Tiles tiles;
    for (std::int64_t k = 0; k < depth; k += kTransposedDepth) {
        const Sink sink = k == 0 ? whole : whole.continued();
        const std::int64_t steps = std::min(kTransposedDepth, padded_depth - k) / kTileDepth;
        for (std::int64_t first = rows.begin; first < rows.end; first += kTransposedRows) {
            const std::int64_t last = std::min(first + kTransposedRows, rows.end), panels = (last - first + kPanelRows - 1) / kPanelRows;
            for (std::int64_t step = 0; step < steps; ++step)
                for (std::int64_t panel = 0; panel < panels; ++panel) {
                    const std::int64_t row = k + step * kTileDepth, column = first + panel * kPanelRows;
                    const std::uint16_t* const from = a.as<std::uint16_t>() + row * m + column;
                    if (row + 2 * kTileDepth <= depth)
                        for (std::int64_t r = 0; r < kTileDepth; ++r) __builtin_prefetch(from + (kTileDepth + r) * m, 0, 3);
                    transpose_tiles(from, m, std::min(kTileDepth, depth - row), last - column,
                                    transposed + (panel * steps + step) * kStepValues);
                }
            const std::int64_t next_width = std::min(kTransposedRows, rows.end - last);
            Ahead next_rows(a.as<std::uint16_t>() + k * m + last, m * 2, std::min(kTransposedDepth, depth - k),
                            (next_width * 2 + kLine - 1) / kLine, 2 * steps * panels * blocks_of(columns));
            for (std::int64_t j = 0; j < columns; j += kColumns)
                for (std::int64_t panel = 0; panel < panels; ++panel) {
                    const std::uint16_t* const from = transposed + panel * steps * kStepValues;
                    const std::int64_t i = first + panel * kPanelRows;
                    const Panel tiles_of_a{from, from + kStepValues / 2, kLine, kStepValues * 2, std::min(kPanelRows, last - i)};
                    tiles.prepare(tiles_of_a.rows);
                    const std::int64_t next_first = j + kColumns < columns ? std::min(kPanelRows, last - first) : 0;
                    const Ahead near = panel + 1 < panels
                                           ? sink.ahead(i + kPanelRows, j, std::min(kPanelRows, last - i - kPanelRows), 2 * steps)
                                           : sink.ahead(first, j + kColumns, next_first, 2 * steps);
                    multiply_block(tiles_of_a, b + j * padded_depth + k * kColumns, std::min(kColumns, columns - j), steps, sink.at(i, j),
                                   next_rows, near);
                }
        }
    }
}

} // namespace

bool suits_matrix_units(const Tensor& a, const PackedMatrix& b, const Tensor& c, const PackedMatmulOptions& options) {
    if (a.type() != DataType::bf16 || b.type() != DataType::bf16 || !b.blocked() || a.size() == 0 || c.size() == 0) return false;
    if (c.type() == DataType::bf16 && (options.accumulate || options.transpose_a)) return false; // partial sums would be rounded
    return options.transpose_a ? options.bias == nullptr && !options.relu : b.inner() % kTileDepth == 0;
}

void multiply_in_matrix_units(const Tensor& a, const PackedMatrix& b, Tensor& c, const PackedMatmulOptions& options) {
    const std::int64_t m = c.rows(), n = c.columns();
    const auto* const blocks = reinterpret_cast<const std::uint16_t*>(b.data());
    const bool rounded = c.type() == DataType::bf16;
    const Sink to{c.bytes(), n, rounded, options.bias == nullptr ? nullptr : options.bias->data(), options.relu, options.accumulate};
    const std::int64_t panels = (m + kPanelRows - 1) / kPanelRows;
    const auto rows = [m](std::int64_t begin, std::int64_t end) { return Range{begin * kPanelRows, std::min(end * kPanelRows, m)}; };
    if (options.transpose_a)
        parallel_for(a.context(), panels, 1,
                     [&](std::int64_t begin, std::int64_t end) { multiply_transposed(a, blocks, rows(begin, end), n, to); });
    else if (panels >= blocks_of(n))
        parallel_for(a.context(), panels, 1, [&](std::int64_t begin, std::int64_t end) {
            multiply_plain(a, blocks, rows(begin, end), {0, n}, to);
        });
    else
        parallel_for(a.context(), blocks_of(n), 1, [&](std::int64_t begin, std::int64_t end) {
            multiply_plain(a, blocks, {0, m}, {begin * kColumns, std::min(end * kColumns, n)}, to);
        });
}

#else

bool suits_matrix_units(const Tensor&, const PackedMatrix&, const Tensor&, const PackedMatmulOptions&) { return false; }

void multiply_in_matrix_units(const Tensor&, const PackedMatrix&, Tensor&, const PackedMatmulOptions&) {
    fail("this program was built without products in matrix units");
}

#endif

} // namespace nmt
