// What the machine can do, measured in the same run as everything else, so that a figure is a share of it.
#pragma once

#include "nmt/base/random.hpp"
#include "nmt/tensor/context.hpp"
#include "nmt/tensor/tensor.hpp"

#include <functional>
#include <vector>

namespace nmt {

Tensor random_tensor(Context& context, Shape shape, Random& random);

// Seconds of one call: the least of some, after one that does not count.
double best_seconds(const std::function<void()>& call);

// Bytes read and written in a second when more memory is copied than caches hold, by the context's threads.
double memory_bandwidth(Context& context);

// Seconds that products of these shapes take one after another with nothing between them, each `count` times.
double seconds_of_products(Context& context, const std::vector<ProductUse>& products);

// What has been added to some uses since `before` was taken.
std::vector<ProductUse> uses_since(std::vector<ProductUse> now, const std::vector<ProductUse>& before);

} // namespace nmt
