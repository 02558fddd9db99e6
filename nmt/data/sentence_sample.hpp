// How many sentences the lines of a text hold, from a sample of them. Used where training text is read; the model's weights tell it, and
// the translator splits lines that hold more.
#pragma once

#include "nmt/base/random.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace nmt {

class SentenceSample {
  public:
    // Of the lines that are added 100,000 are looked at, each as likely as any other; all if there are no more. The same lines give the
    // same sample.
    void add(std::string_view line);

    // The most sentences that 99 % of the lines hold, at least 1. 0 without lines.
    int usual() const;

  private:
    std::vector<int> counts_; // sentences of the lines in the sample
    std::size_t lines_ = 0;   // added
    Random random_{1};
};

} // namespace nmt
