#include "nmt/base/table.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

TEST(Table, AlignsTextLeftAndFiguresRight) {
    EXPECT_EQ(format_table({{"system", "BLEU"}, {"a", "9.5"}, {"größer ±", "10.25"}}), "| system   |  BLEU |\n"
                                                                                       "|----------|------:|\n"
                                                                                       "| a        |   9.5 |\n"
                                                                                       "| größer ± | 10.25 |\n");
}

} // namespace
} // namespace nmt
