// chrF (Popovic 2015, "chrF: character n-gram F-score for automatic MT evaluation") and chrF++ (Popovic 2017, "chrF++: words
// helping character n-grams"), equal to sacreBLEU 2 with the same signature (Post 2018).
#pragma once

#include "nmt/evaluation/metric.hpp"

#include <span>
#include <string>
#include <string_view>

namespace nmt {

struct ChrfOptions {
    int char_order = 6;         // longest n-gram of characters
    int word_order = 0;         // longest n-gram of words; 2 makes it chrF++
    int beta = 2;               // recall counts beta times as much as precision
    bool whitespace = false;    // white space counts among the characters
    bool lowercase = false;     // compare without regard to case
    bool eps_smoothing = false; // the mean of the orders' F-scores, as in chrF++.py, and not the F-score of their means
};

class Chrf : public Metric {
  public:
    // Throws Error for an order or beta below 0, and where both orders are 0.
    explicit Chrf(const ChrfOptions& options = {});

    // "chrF", beta, and a "+" for each order of words: "chrF2", "chrF2++".
    std::string name() const override;

    // For each order of characters, then of words: n-grams of the hypothesis (0 where the reference has none), n-grams of the
    // reference, matches. Of several references, the one with the best F-score for the sentence counts, and of equals the first.
    std::size_t statistics_size() const override;
    Statistics statistics(std::string_view hypothesis, std::span<const std::string> references) const override;

    double score(std::span<const double> sum) const override;

  protected:
    std::string settings() const override;

  private:
    ChrfOptions options_;
};

} // namespace nmt
