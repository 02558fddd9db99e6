#include "nmt/evaluation/translation_edits.hpp"

#include "nmt/evaluation/edit_distance.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <tuple>

namespace nmt {

namespace {

constexpr std::size_t kLongestShift = 10;  // words
constexpr std::size_t kFarthestShift = 50; // places
constexpr int kMostShifts = 1000;          // tried in one sentence

// Which words the edits leave as they are, and where the words of the reference stand in the hypothesis.
struct Alignment {
    std::vector<bool> hypothesis_wrong, reference_wrong;
    // For each word of the reference, the number of words of the hypothesis up to the one aligned with it, that one counted.
    std::vector<std::size_t> place;
};

Alignment alignment_of(const std::vector<Edit>& edits) {
    Alignment result;
    for (const Edit edit : edits) {
        const bool wrong = edit != Edit::kKeep;
        if (edit != Edit::kInsert) result.hypothesis_wrong.push_back(wrong);
        if (edit == Edit::kDelete) continue;
        result.reference_wrong.push_back(wrong);
        result.place.push_back(result.hypothesis_wrong.size());
    }
    return result;
}

bool any_of(const std::vector<bool>& flags, std::size_t begin, std::size_t length) {
    const auto first = flags.begin() + static_cast<std::ptrdiff_t>(begin);
    return std::any_of(first, first + static_cast<std::ptrdiff_t>(length), [](bool flag) { return flag; });
}

// The words with the block [start, start + length) moved before the word at `target`; a target within the block moves it so
// many places back.
Symbols shifted(const Symbols& words, std::size_t start, std::size_t length, std::size_t target) {
    Symbols result = words;
    const auto at = [&](std::size_t i) { return result.begin() + static_cast<std::ptrdiff_t>(i); };
    if (target < start) std::rotate(at(target), at(start), at(start + length));
    else if (target > start + length) std::rotate(at(start), at(start + length), at(target));
    else std::rotate(at(start), at(start + length), at(std::min(length + target, words.size())));
    return result;
}

struct Shift {
    int gain;
    std::size_t start, length, target;

    // tercom's ranking: the shift that gains most, then the longest, then from the first place, then to the first place.
    bool operator<(const Shift& other) const {
        return std::tuple(gain, length, other.start, other.target) < std::tuple(other.gain, other.length, start, target);
    }
};

// Looks for the best shift of one hypothesis.
class ShiftSearch {
  public:
    // tried: the shifts tried so far in this sentence.
    ShiftSearch(const Symbols& hypothesis, const Symbols& reference, BeamEditDistance& distance, int& tried)
        : hypothesis_(hypothesis), reference_(reference), distance_(distance), tried_(tried), before_(distance.start(hypothesis)),
          alignment_(alignment_of(distance.edits())) {}

    // Nothing if there is none to try.
    std::optional<Shift> best() {
        for (std::size_t start = 0; start < hypothesis_.size(); ++start) {
            const std::size_t first = start > kFarthestShift ? start - kFarthestShift : 0;
            const std::size_t last = std::min(reference_.size(), start + kFarthestShift + 1);
            for (std::size_t to = first; to < last; ++to) {
                const std::size_t longest = std::min({kLongestShift, hypothesis_.size() - start, reference_.size() - to});
                for (std::size_t length = 1; length <= longest && hypothesis_[start + length - 1] == reference_[to + length - 1];
                     ++length) {
                    try_to_match(start, to, length);
                    if (tried_ >= kMostShifts) return best_;
                }
            }
        }
        return best_;
    }

  private:
    // Tries the words of the hypothesis at `start` behind each place that is aligned near the same words of the reference at `to`.
    void try_to_match(std::size_t start, std::size_t to, std::size_t length) {
        if (!any_of(alignment_.hypothesis_wrong, start, length) || !any_of(alignment_.reference_wrong, to, length)) return;
        const std::size_t place = alignment_.place[to];
        if (place > start && place <= start + length) return; // it stands there already
        std::optional<std::size_t> last_target;
        for (std::size_t i = 0; i <= length; ++i) {
            const std::size_t target = to + i == 0 ? 0 : alignment_.place[to + i - 1];
            if (target == last_target) continue;
            last_target = target;
            const int after = distance_.of_shifted(shifted(hypothesis_, start, length, target), std::min(start, target));
            ++tried_;
            const Shift shift{before_ - after, start, length, target};
            if (!best_ || *best_ < shift) best_ = shift;
        }
    }

    const Symbols& hypothesis_;
    const Symbols& reference_;
    BeamEditDistance& distance_;
    int& tried_;
    int before_;
    Alignment alignment_;
    std::optional<Shift> best_;
};

} // namespace

int translation_edits(const Symbols& hypothesis, const Symbols& reference) {
    if (reference.empty()) return static_cast<int>(hypothesis.size());
    BeamEditDistance distance(reference, hypothesis.size());
    Symbols words = hypothesis;
    int shifts = 0;
    for (int tried = 0;; ++shifts) {
        const std::optional<Shift> best = ShiftSearch(words, reference, distance, tried).best();
        if (tried >= kMostShifts || !best || best->gain <= 0) break;
        words = shifted(words, best->start, best->length, best->target);
    }
    return shifts + distance.start(words);
}

} // namespace nmt
