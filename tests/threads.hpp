// How many threads a test computes with: its usual number, or what the environment says.
#pragma once

#include <cstdlib>
#include <string>

namespace nmt {

inline int test_threads(int usual = 1) {
    const char* const threads = std::getenv("NMT_TEST_THREADS");
    return threads == nullptr ? usual : std::stoi(threads);
}

} // namespace nmt
