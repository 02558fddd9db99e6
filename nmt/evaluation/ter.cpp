#include "nmt/evaluation/ter.hpp"

#include "nmt/evaluation/ngrams.hpp"
#include "nmt/evaluation/python_text.hpp"
#include "nmt/evaluation/translation_edits.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

namespace nmt {

Ter::Ter(const TerOptions& options) : options_(options) {
    check(!options.asian_support || options.normalized || options.no_punctuation,
          "TER: support of Asian writing has no effect without normalization and without the removal of punctuation; ask for one of them");
}

std::string Ter::name() const { return "TER"; }

std::string Ter::settings() const {
    const auto yes_no = [](bool yes) { return yes ? "yes" : "no"; };
    return fmt::format("case:{}|tok:tercom|norm:{}|punct:{}|asian:{}", options_.case_sensitive ? "mixed" : "lc",
                       yes_no(options_.normalized), yes_no(!options_.no_punctuation), yes_no(options_.asian_support));
}

std::size_t Ter::statistics_size() const { return 2; }

Statistics Ter::statistics(std::string_view hypothesis, std::span<const std::string> references) const {
    check_references(references);
    std::vector<std::string> texts{tokenize_ter(hypothesis, options_)};
    for (const std::string& reference : references) {
        texts.push_back(tokenize_ter(reference, options_));
        // As in sacreBLEU, whose figures these are; "it's's" alone makes a difference.
        if (options_.normalized) texts.back() = tokenize_ter(texts.back(), options_);
    }
    const std::vector<Symbols> words = number_words(split_words(texts));
    int fewest = std::numeric_limits<int>::max();
    double length = 0;
    for (std::size_t i = 1; i < words.size(); ++i) {
        fewest = std::min(fewest, translation_edits(words.front(), words[i]));
        length += static_cast<double>(words[i].size());
    }
    return {static_cast<double>(fewest), length / static_cast<double>(references.size())};
}

double Ter::score(std::span<const double> sum) const {
    check_size(sum);
    if (sum[1] > 0) return 100 * (sum[0] / sum[1]);
    return sum[0] > 0 ? 100 : 0;
}

} // namespace nmt
