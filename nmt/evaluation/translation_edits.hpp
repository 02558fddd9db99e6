// The edits that TER counts: insertions, deletions, substitutions and shifts of a block of words, each of cost 1.
#pragma once

#include "nmt/evaluation/ngrams.hpp"

namespace nmt {

// The number of edits that make the reference of the hypothesis, by the greedy search of Snover, Dorr, Schwartz, Micciulla and
// Makhoul (2006, "A Study of Translation Edit Rate with Targeted Human Annotation") with the limits of tercom, equal
// to sacreBLEU 2 (Post 2018): as long as it shortens the edit distance, the best of these shifts is made: of at most 10 words,
// to where the same words stand in the reference, at most 50 places away. A sentence whose shifts number 1,000 is left as it
// is when that number is reached. Without a reference word, each word of the hypothesis is an edit.
int translation_edits(const Symbols& hypothesis, const Symbols& reference);

} // namespace nmt
