// Seeded random numbers whose sequence is the same on every machine and standard library.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <utility>

namespace nmt {

// Mixes the bits of x (the finalizer of SplitMix64: Steele, Lea and Flood, 2014).
inline std::uint64_t mix_bits(std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

// SplitMix64 (Steele, Lea and Flood, 2014). Nothing that lasts depends on its state: whoever needs numbers again starts anew from a
// seed and a stream, such as an epoch.
class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    // An independent sequence for each (seed, stream), such as (seed, epoch).
    Random(std::uint64_t seed, std::uint64_t stream) : state_(mix_bits(seed) ^ mix_bits(~stream)) {}

    std::uint64_t next() { return mix_bits(state_ += 0x9e3779b97f4a7c15ULL); }

    // Uniform in [0, n); n > 0.
    std::uint64_t below(std::uint64_t n) {
        // Rejection keeps it exactly uniform.
        const std::uint64_t limit = ~0ULL - ~0ULL % n;
        std::uint64_t x = next();
        while (x >= limit) x = next();
        return x % n;
    }

    // Uniform in [0, 1).
    double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

    // Standard normal (Box and Muller, 1958).
    double normal() {
        const double u = 1.0 - uniform(), v = uniform();
        return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
    }

    // Fisher-Yates shuffle of a random-access container.
    template <typename Container>
    void shuffle(Container& items) {
        for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
    }

  private:
    std::uint64_t state_;
};

} // namespace nmt
