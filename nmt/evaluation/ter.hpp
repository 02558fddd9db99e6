// Translation edit rate (Snover, Dorr, Schwartz, Micciulla and Makhoul 2006, "A Study of Translation Edit Rate with Targeted
// Human Annotation"), equal to sacreBLEU 2 with the same signature (Post 2018), which follows tercom.
#pragma once

#include "nmt/evaluation/metric.hpp"
#include "nmt/evaluation/ter_tokenizer.hpp"

#include <span>
#include <string>
#include <string_view>

namespace nmt {

// Edits for each word of the reference, in percent: less is better, and more than 100 is possible.
class Ter : public Metric {
  public:
    // Throws Error for asian_support that has no effect: without normalized and no_punctuation.
    explicit Ter(const TerOptions& options = {});

    std::string name() const override;

    // The edits to the reference that needs fewest, and the mean length of the references.
    std::size_t statistics_size() const override;
    Statistics statistics(std::string_view hypothesis, std::span<const std::string> references) const override;

    // 100 where there are edits but no words in the references.
    double score(std::span<const double> sum) const override;

  protected:
    std::string settings() const override;

  private:
    TerOptions options_;
};

} // namespace nmt
