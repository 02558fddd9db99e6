// Corpus BLEU (Papineni, Roukos, Ward and Zhu 2002, "BLEU: a Method for Automatic Evaluation of Machine Translation"), equal
// to sacreBLEU 2 with the same signature (Post 2018). Used by `nmt evaluate`, by validation and by the report of a recipe.
#pragma once

#include "nmt/evaluation/metric.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nmt {

enum class BleuTokenizer {
    k13a, // mteval-v13a, sacreBLEU's default: for text as people write it
    kNone // white space only: for text that is tokenized already
};

std::vector<std::string> bleu_tokenizer_names(); // "13a", "none"
// Throws Error for another name.
BleuTokenizer bleu_tokenizer_from_name(const std::string& name);

struct BleuOptions {
    BleuTokenizer tokenizer = BleuTokenizer::k13a;
    bool lowercase = false; // compare without regard to case
    int max_order = 4;      // longest n-gram; where it is not 4, the signature says so ("order:2")
};

// A score and what it was made of.
struct BleuScore {
    double score = 0;               // percent
    std::vector<double> precisions; // percent, smoothed, of orders 1 to max_order; all 0 if not one word matches
    double brevity_penalty = 0;
    double hypothesis_length = 0; // tokens
    double reference_length = 0;  // tokens
};

// BLEU with exponential smoothing: the k-th order in a row of those without a match counts 1 / 2^k matches (method 3 of
// Chen and Cherry 2014, "A Systematic Comparison of Smoothing Techniques for Sentence-Level BLEU"). An order for which
// the hypotheses have no n-gram at all makes the score 0.
class Bleu : public Metric {
  public:
    // Throws Error if options.max_order is not positive.
    explicit Bleu(const BleuOptions& options = {});

    std::string name() const override;

    // Hypothesis length, length of the reference nearest to it (of two, the shorter), then for each order the matches
    // clipped to the reference that has most of the n-gram, then for each order the n-grams of the hypothesis.
    std::size_t statistics_size() const override;
    Statistics statistics(std::string_view hypothesis, std::span<const std::string> references) const override;

    double score(std::span<const double> sum) const override;

    // The score with its parts. Throws Error as score() does.
    BleuScore details(std::span<const double> sum) const;

  protected:
    std::string settings() const override;

  private:
    BleuOptions options_;
};

// sacreBLEU's line for people: "BLEU = 34.12 66.1/41.0/27.3/18.5 (BP = 0.990 ratio = 0.991 hyp_len = 12103 ref_len = 12216)",
// with "BLEU|signature" in front if a signature is given.
std::string to_line(const BleuScore& score, std::string_view signature = {});

} // namespace nmt
