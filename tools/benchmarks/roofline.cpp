#include "tools/benchmarks/roofline.hpp"

#include "nmt/base/resources.hpp"
#include "nmt/tensor/bfloat16.hpp"
#include "nmt/tensor/matmul.hpp"
#include "nmt/tensor/parallel.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace nmt {

Tensor random_tensor(Context& context, Shape shape, Random& random) {
    Tensor tensor(context, shape);
    std::generate_n(tensor.data(), tensor.size(), [&] { return static_cast<float>(random.uniform() - 0.5); });
    return tensor;
}

double best_seconds(const std::function<void()>& call) {
    call();
    double best = std::numeric_limits<double>::infinity();
    const Stopwatch all;
    for (int i = 0; i < 2 || (i < 20 && all.seconds() < 0.01); ++i) {
        const Stopwatch watch;
        call();
        best = std::min(best, watch.seconds());
    }
    return best;
}

double memory_bandwidth(Context& context) {
    constexpr std::int64_t kFloats = 32 << 20;
    Tensor from(context, {kFloats}), to(context, {kFloats});
    from.fill(1);
    to.fill(0);
    const double seconds = best_seconds([&] {
        parallel_for(context, kFloats, 1 << 16, [&](std::int64_t begin, std::int64_t end) {
            std::memcpy(to.data() + begin, from.data() + begin, static_cast<std::size_t>(end - begin) * sizeof(float));
        });
    });
    return 2 * kFloats * sizeof(float) / seconds;
}

double seconds_of_products(Context& context, const std::vector<ProductUse>& products) {
    Random random(1);
    double seconds = 0;
    for (const ProductUse& use : products) {
        Tensor c(context, {use.m, use.n});
        if (use.packed) {
            const Tensor a = random_tensor(context, use.transpose_a ? Shape{use.k, use.m} : Shape{use.m, use.k}, random);
            const Tensor b = random_tensor(context, {use.n, use.k}, random);
            const PackedMatrix packed = use.type == DataType::s8 ? PackedMatrix(quantize_rows(b)) : PackedMatrix(b, true, use.type);
            const Tensor operand = use.type == DataType::bf16 ? to_bf16(a) : a;
            seconds += static_cast<double>(use.count) * best_seconds([&] { matmul(operand, packed, c, {.transpose_a = use.transpose_a}); });
        } else {
            Tensor a = random_tensor(context, use.transpose_a ? Shape{use.k, use.m} : Shape{use.m, use.k}, random);
            Tensor b = random_tensor(context, {use.k, use.n}, random);
            if (use.type == DataType::bf16) {
                a = to_bf16(a);
                b = to_bf16(b);
            }
            seconds += static_cast<double>(use.count) * best_seconds([&] { matmul(a, b, c, {.transpose_a = use.transpose_a}); });
        }
    }
    return seconds;
}

std::vector<ProductUse> uses_since(std::vector<ProductUse> now, const std::vector<ProductUse>& before) {
    for (ProductUse& use : now)
        for (const ProductUse& old : before)
            if (old.same_product(use)) use.count -= old.count;
    std::erase_if(now, [](const ProductUse& use) { return use.count == 0; });
    return now;
}

} // namespace nmt
