// Subword sampling: the training text encoded anew in every epoch, each time another way of cutting its words into pieces
// (subword regularization: Kudo, 2018; BPE-dropout: Provilkov et al., 2020). Used by training alone.
#pragma once

#include "nmt/data/corpus.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace nmt {

struct SubwordSampling {
    double alpha = 0;                  // of Tokenizer::sample
    bool source = true, target = true; // which sides are sampled
    int max_length = 0;                // tokens a side, </s> counted: a longer sample gives way to the plain encoding; 0: none does
    std::uint64_t seed = 1;
};

class SubwordSampler {
  public:
    // `corpus` is what was loaded `from` there, with the text of the sides that are sampled kept (CorpusOptions); it must outlive the
    // sampler, as must the tokenizers. Throws Error for a tokenizer that cannot sample.
    SubwordSampler(const ParallelCorpus& corpus, const Tokenizer& source, const Tokenizer& target, const SubwordSampling& sampling);

    struct Epoch {
        ParallelCorpus corpus;    // the same pairs in the same order
        std::size_t too_long = 0; // sentences that stand in their plain encoding, since their sample was too long
    };
    // A function of the corpus, the sampling and the epoch alone, whatever epochs came before and on which thread.
    Epoch epoch(int number) const;

  private:
    struct Side {
        const Tokenizer& tokenizer;
        const TokenStore& plain;
        const std::vector<std::string>& texts;
        std::uint64_t stream; // of random numbers
        bool sampled;
    };
    TokenStore encode(const Side& side, int epoch, std::size_t& too_long) const;

    const ParallelCorpus& corpus_;
    const Tokenizer& source_;
    const Tokenizer& target_;
    SubwordSampling sampling_;
};

// Throws Error unless a tokenizer of that type (unigram, bpe, char, word) knows more than one way to encode a text. `side`: "source".
void check_can_sample(const std::string& type, const std::string& side);

} // namespace nmt
