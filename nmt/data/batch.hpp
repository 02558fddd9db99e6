// What a model reads: the token sequences of some sentences, without padding.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace nmt {

// Token sequences of a batch, one after another: sequence i holds tokens[offset(i) .. offset(i) + lengths[i]).
struct Sequences {
    std::vector<std::int32_t> tokens;
    std::vector<int> lengths;

    int count() const { return static_cast<int>(lengths.size()); }
    int total() const { return static_cast<int>(tokens.size()); } // tokens of all sequences
    int longest() const { return lengths.empty() ? 0 : *std::max_element(lengths.begin(), lengths.end()); }
    int offset(int i) const { return offsets_[static_cast<std::size_t>(i)]; }

    void add(std::span<const std::int32_t> sequence) {
        offsets_.push_back(total());
        tokens.insert(tokens.end(), sequence.begin(), sequence.end());
        lengths.push_back(static_cast<int>(sequence.size()));
    }

    std::span<const std::int32_t> operator[](int i) const {
        return std::span(tokens).subspan(static_cast<std::size_t>(offset(i)),
                                         static_cast<std::size_t>(lengths[static_cast<std::size_t>(i)]));
    }

  private:
    std::vector<int> offsets_;
};

// Sentence i of the target translates sentence i of the source; both end in </s>.
struct Batch {
    Sequences source, target;
};

} // namespace nmt
