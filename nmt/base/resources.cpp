#include "nmt/base/resources.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

namespace nmt {

std::string format_duration(double seconds) {
    if (seconds < 9.95) return fmt::format("{:.1f} s", seconds);
    if (seconds < 59.5) return fmt::format("{:.0f} s", seconds);
    const long whole = static_cast<long>(seconds + 0.5);
    if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

double peak_memory_mib() {
    // Not getrusage(): what it tells of a process begins with the peak of the program that started it.
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return std::strtod(line.c_str() + 6, nullptr) / 1024;
    return 0; // no /proc here
}

} // namespace nmt
