// How well words are translated by how often the training text has them, as compare-mt does (Neubig et al., 2019, "compare-mt: A Tool
// for Holistic Comparison of Language Generation Systems"). Used by reports that compare models.
#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace nmt {

// Here and below a word is what stands between white space: who wants punctuation apart or case ignored passes such lines, and the same
// kind of lines for the training text.
class WordFrequencies {
  public:
    // Counts the words of one more line.
    void add(std::string_view line);

    std::size_t of(std::string_view word) const; // 0 for a word that was not seen

  private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
    };
    std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>> counts_;
};

// The words that the training text has `lowest` to `highest` times, both included.
struct FrequencyBucket {
    static constexpr std::size_t kNoEnd = std::numeric_limits<std::size_t>::max();

    std::size_t lowest = 0, highest = kNoEnd;
    std::size_t reference = 0, output = 0; // such words, each time that they stand there
    std::size_t matches = 0;               // in a sentence, a word matches as often as both its output and its reference hold it

    // In [0, 1]; 0 where there is no such word to divide by.
    double precision() const { return ratio(matches, output); }
    double recall() const { return ratio(matches, reference); }
    double f1() const { return ratio(2 * matches, output + reference); } // 2 * precision * recall / (precision + recall)

    std::string name() const; // "0", "2-4", "1000+"

  private:
    static double ratio(std::size_t part, std::size_t whole) {
        return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
    }
};

// The lowest frequency of each bucket: 0, 1, 2-4, 5-9, 10-99, 100-999, 1000+.
inline const std::vector<std::size_t> kFrequencyBorders{0, 1, 2, 5, 10, 100, 1000};

// Counts the words of hypotheses and references, sentence by sentence, in the bucket of the word's frequency.
// Throws Error for unequal numbers of lines, and unless the borders begin with 0 and rise.
std::vector<FrequencyBucket> words_by_frequency(const WordFrequencies& frequencies, std::span<const std::string> hypotheses,
                                                std::span<const std::string> references,
                                                const std::vector<std::size_t>& borders = kFrequencyBorders);

} // namespace nmt
