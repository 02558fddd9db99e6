// BLEU (Papineni, Roukos, Ward and Zhu 2002, "BLEU: a Method for Automatic Evaluation of Machine Translation"), equal to
// sacreBLEU 2 with the same signature (Post 2018). Used by `nmt evaluate`, by validation and by the report of a recipe.
#pragma once

#include "nmt/evaluation/bleu_tokenizer.hpp"
#include "nmt/evaluation/metric.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nmt {

// What an order without a match counts (Chen and Cherry 2014, "A Systematic Comparison of Smoothing Techniques for
// Sentence-Level BLEU").
enum class BleuSmoothing {
    kExp,   // method 3: the k-th order in a row of those without a match counts 1 / 2^k matches
    kFloor, // method 1: it counts a small value
    kAddK,  // method 2: from the second order on, all matches and all n-grams are k more
    kNone   // nothing, and so the score is 0
};

std::vector<std::string> bleu_smoothing_names(); // "exp", "floor", "add-k", "none"
// Throws Error for another name.
BleuSmoothing bleu_smoothing_from_name(const std::string& name);

struct BleuOptions {
    BleuTokenizer tokenizer = "13a";
    bool lowercase = false; // compare without regard to case
    int max_order = 4;      // longest n-gram; where it is not 4, the signature says so ("order:2")
    BleuSmoothing smoothing = BleuSmoothing::kExp;
    std::optional<double> smooth_value = {}; // of kFloor (default 0.1) and of kAddK (default 1), at least 0
    bool effective_order = false;            // leave out the orders for which there are no n-grams: for single sentences
};

// A score and what it was made of.
struct BleuScore {
    double score = 0;               // percent
    std::vector<double> precisions; // percent, smoothed, of orders 1 to max_order; all 0 if not one word matches
    double brevity_penalty = 0;
    double hypothesis_length = 0; // tokens
    double reference_length = 0;  // tokens
};

// An order for which the hypotheses have no n-gram at all makes the score 0, unless effective_order is set.
class Bleu : public Metric {
  public:
    // Throws Error if options.max_order is not positive, and for a smooth_value that is negative or has no effect.
    explicit Bleu(const BleuOptions& options = {});

    std::string name() const override;

    // Hypothesis length, length of the reference nearest to it (of two, the shorter), then for each order the matches
    // clipped to the reference that has most of the n-gram, then for each order the n-grams of the hypothesis.
    std::size_t statistics_size() const override;
    Statistics statistics(std::string_view hypothesis, std::span<const std::string> references) const override;

    double score(std::span<const double> sum) const override;

    // sacreBLEU's words: "66.1/41.0/27.3/18.5 (BP = 0.990 ratio = 0.991 hyp_len = 12103 ref_len = 12216)".
    std::string parts(std::span<const double> sum) const override;

    // The score with its parts. Throws Error as score() does.
    BleuScore details(std::span<const double> sum) const;

  protected:
    std::string settings() const override;

  private:
    std::vector<double> smoothed_precisions(std::span<const double> matches, std::span<const double> totals) const;

    BleuOptions options_;
};

} // namespace nmt
