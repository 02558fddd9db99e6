#include "nmt/tensor/bfloat16.hpp"

#include "nmt/tensor/parallel.hpp"

#include <bit>
#include <cstdint>

namespace nmt {
namespace {

NMT_MULTIVERSION void round_kernel(const float* a, std::uint16_t* c, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) {
        const auto bits = std::bit_cast<std::uint32_t>(a[i]);
        const std::uint32_t rounded = bits + 0x7fffU + ((bits >> 16) & 1U);
        const bool is_nan = (bits & 0x7fffffffU) > 0x7f800000U;
        c[i] = static_cast<std::uint16_t>((is_nan ? bits | 0x400000U : rounded) >> 16);
    }
}

NMT_MULTIVERSION void widen_kernel(const std::uint16_t* a, float* c, std::int64_t n) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) c[i] = std::bit_cast<float>(static_cast<std::uint32_t>(a[i]) << 16);
}

constexpr std::int64_t kGrain = 16384; // elements

} // namespace

Tensor to_bf16(const Tensor& a) {
    Tensor c(a.context(), a.shape(), DataType::bf16);
    parallel_for(a.context(), a.size(), kGrain,
                 [&](std::int64_t begin, std::int64_t end) { round_kernel(a.data() + begin, c.as<std::uint16_t>() + begin, end - begin); });
    return c;
}

Tensor to_f32(const Tensor& a) {
    Tensor c(a.context(), a.shape());
    parallel_for(a.context(), a.size(), kGrain,
                 [&](std::int64_t begin, std::int64_t end) { widen_kernel(a.as<std::uint16_t>() + begin, c.data() + begin, end - begin); });
    return c;
}

} // namespace nmt
