// How good a model is on a validation set: loss on the references, BLEU of its own translations.
#pragma once

#include "nmt/data/corpus.hpp"
#include "nmt/evaluation/bleu.hpp"
#include "nmt/models/model_folder.hpp"

#include <string>
#include <vector>

namespace nmt {

// Log-probability of each pair's target under the model, in nats, and the number of its tokens, </s> counted. Throws Interrupted when a
// signal asks to stop (signals.hpp).
struct PairScore {
    double log_probability = 0;
    int tokens = 0;
};
std::vector<PairScore> score_pairs(Model& model, const ParallelCorpus& corpus, int batch_tokens);

// Throws Error, beginning with `where`, for a sentence of more tokens than the model has positions for, or than `max_length` (the option
// --max-length; 0: any), which bounds its memory and time.
void check_length(std::size_t tokens, int positions, int max_length, const std::string& where);
inline constexpr int kUsualMaxLength = 1000;

// The same for the sentences of a corpus, naming file and line.
void check_lengths(Model& model, const ParallelCorpus& corpus, int max_length = 0);

// A validation set, with its text. Pairs with more tokens a side than `max_length` and kUsualMaxLength, or than the model has positions
// for, are left out, with a warning that counts them: they would take memory without end.
// Throws Error for files that cannot be read, unequal ones, and where no pair with two sides is left.
ParallelCorpus load_validation_set(const ParallelText& text, const Tokenizer& source, const Tokenizer& target, Model& model,
                                   int max_length = 0);

struct ValidationResult {
    double loss = 0; // cross-entropy of a token, in nats, without label smoothing; of the pairs with two sides
    double bleu = 0; // percent, of all pairs
};

struct ValidationOptions {
    int beam = 1; // of the translations
    BleuOptions bleu = {};
};

ValidationResult validate(Model& model, const TokenizerPair& tokenizers, const ParallelCorpus& set, const ValidationOptions& options = {});

} // namespace nmt
