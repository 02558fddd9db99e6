// Figures in a document that people load: as many digits as a chart can show.
#pragma once

#include <cmath>

namespace nmt {

// To so many significant digits. What is not finite, and 0, stays.
inline double rounded(double value, int digits) {
    if (value == 0 || !std::isfinite(value)) return value;
    const double scale = std::pow(10.0, digits - 1 - static_cast<int>(std::floor(std::log10(std::abs(value)))));
    return std::isfinite(scale) && scale > 0 ? std::round(value * scale) / scale : value;
}

} // namespace nmt
