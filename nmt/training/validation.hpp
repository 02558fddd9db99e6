// How good a model is on a validation set: loss on the references, BLEU of its own translations.
#pragma once

#include "nmt/data/corpus.hpp"
#include "nmt/evaluation/bleu.hpp"
#include "nmt/models/model.hpp"

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

// Throws Error, beginning with `where`, for a sentence of more tokens than the model has positions for.
void check_length(std::size_t tokens, int positions, const std::string& where);

// Throws Error, naming file and line, for a sentence of the corpus, which came from these files, with more tokens than the model has
// positions for.
void check_lengths(Model& model, const ParallelCorpus& corpus, const std::string& source_file, const std::string& target_file);

struct ValidationSet {
    ParallelCorpus corpus;
    std::vector<std::string> source, reference; // lines
};

struct ValidationResult {
    double loss = 0; // cross-entropy of a token, in nats, without label smoothing
    double bleu = 0; // percent
};

ValidationResult validate(Model& model, const Tokenizer& source, const Tokenizer& target, const ValidationSet& set, int beam,
                          const BleuOptions& bleu = {});

} // namespace nmt
