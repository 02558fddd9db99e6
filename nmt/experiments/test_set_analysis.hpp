// What the report says of one test set: scores of all models, where they differ, and the sentences themselves.
// Used by the analysis of a recipe.
#pragma once

#include "nmt/evaluation/word_frequency.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace nmt {

// A test set and what each run made of it, line by line.
struct TestOutputs {
    std::string name;
    std::vector<std::string> source, reference;
    std::vector<std::string> labels;                         // the phenomenon of each sentence; empty: there are none
    std::vector<std::vector<std::vector<std::string>>> runs; // [model][seed][sentence]
};

// As many sentences are listed, those on which the models differ most; all are scored.
inline constexpr std::size_t kListedSentences = 2000;

// {"name", "signatures", "sentences": how many,
//  "lengths", "frequencies", "phenomena": the groups of sentences or words that have a score of their own below, {"name", "count"},
//  "systems": one a model, all figures the mean over its seeds: {"bleu", "bleu_deviation", "bleu_by_seed", "chrf", "chrf_deviation"
//   in percent, "length_ratio" (null where no reference has a word), "repeating": sentences, "numbers_lost", "by_length",
//   "by_phenomenon": BLEU, "f1_by_frequency": in percent},
//  "numbers_expected", "list": of the first seed, columns of the sentences listed, those that differ most first: {"number" from 1,
//   "source", "reference", "label" (where there are labels), "hypotheses", "chrf": one list a model}}.
// `frequencies` holds the training text's target side in words of `tokenize` (BleuTokenizer).
// Throws Error for no sentences, and for outputs of another number of lines.
nlohmann::ordered_json analyse_test_set(const TestOutputs& test, const WordFrequencies& frequencies, const std::string& tokenize);

} // namespace nmt
