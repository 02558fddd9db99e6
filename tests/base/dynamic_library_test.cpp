#include "nmt/base/dynamic_library.hpp"

#include "nmt/base/error.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

TEST(DynamicLibraryTest, FindsFunctions) {
    const DynamicLibrary mathematics("libm.so.6", "this test", "libc6");
    double (*const cosine)(double) = mathematics.find<double(double)>("cos");
    EXPECT_DOUBLE_EQ(cosine(0), 1);
}

TEST(DynamicLibraryTest, WhatIsMissingIsNamedWithItsPackage) {
    const std::string message = message_of<Error>([] { DynamicLibrary("libnowhere.so.1", "downloads", "libnowhere1"); });
    EXPECT_EQ(message.find("downloads needs libnowhere.so.1, which cannot be loaded: "), 0u) << message;
    EXPECT_NE(message.find("; install the package libnowhere1"), std::string::npos) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    const DynamicLibrary mathematics("libm.so.6", "this test", "libc6");
    EXPECT_EQ(message_of<Error>([&] { mathematics.find<void()>("no_such_function"); }),
              "this test needs a function no_such_function, which libm.so.6 lacks; install another version of the package libc6");
}

} // namespace
} // namespace nmt
