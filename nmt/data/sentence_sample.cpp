#include "nmt/data/sentence_sample.hpp"

#include "nmt/data/sentence_splitter.hpp"

#include <algorithm>

namespace nmt {
namespace {

constexpr std::size_t kSampled = 100'000;

} // namespace

// Each line takes the place of another with the probability that leaves all alike (Vitter, 1985, algorithm R).
void SentenceSample::add(std::string_view line) {
    ++lines_;
    std::size_t place = counts_.size();
    if (place == kSampled) place = random_.below(lines_);
    else counts_.push_back(0);
    if (place < kSampled) counts_[place] = static_cast<int>(split_sentences(line).size());
}

int SentenceSample::usual() const {
    if (counts_.empty()) return 0;
    std::vector<int> sorted = counts_;
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>((sorted.size() * 99 + 99) / 100 - 1);
    std::nth_element(sorted.begin(), middle, sorted.end());
    return std::max(*middle, 1); // blank lines hold none
}

} // namespace nmt
