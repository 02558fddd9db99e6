// Faults of translations that one score hides: too short or too long, repetitions, lost numbers. A word is what stands between white
// space. Used by reports that compare models.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace nmt {

// Words of all hypotheses for each word of the references. Throws Error for unequal numbers of lines, and for references without a word.
double length_ratio(std::span<const std::string> hypotheses, std::span<const std::string> references);

// The sentences, by index and rising, whose hypothesis repeats itself where the reference does not:
//   some n-gram of `order` words stands in the hypothesis twice or more, and more often than in the reference; its places may overlap;
//   or some shorter n-gram directly follows itself ("the the", "in a in a"), in more places than it does in the reference.
// Throws Error for unequal numbers of lines, and unless order is positive.
std::vector<std::size_t> repeating_sentences(std::span<const std::string> hypotheses, std::span<const std::string> references,
                                             std::size_t order = 3);

// What became of numbers. A number is a run of the digits 0 to 9 that is as long as it can be: "1,000" is "1" and "000", so that the
// marks of a language between them do not count.
struct NumbersKept {
    std::size_t expected = 0;        // numbers of a source that its reference holds, too: each as often as both hold it
    std::size_t kept = 0;            // of these, what the hypothesis holds as well
    std::vector<std::size_t> losers; // sentences that lost one or more, by index and rising

    std::size_t lost() const { return expected - kept; }
};

// Throws Error for unequal numbers of lines.
NumbersKept numbers_kept(std::span<const std::string> sources, std::span<const std::string> references,
                         std::span<const std::string> hypotheses);

} // namespace nmt
