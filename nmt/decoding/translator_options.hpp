// How lines are translated: what a batch holds, how it is searched, what is written beside the text.
#pragma once

#include "nmt/base/config.hpp"
#include "nmt/decoding/search.hpp"

#include <string>

namespace nmt {

struct TranslatorOptions {
    int batch_size = 64; // segments (sentences, as a rule) searched at once
    int window = 0;      // lines read ahead, so that a batch holds sentences of similar length; 0: 16 batches, or two for each worker
    int max_source_length = 256; // tokens, </s> counted; longer lines are cut into segments
    SearchOptions search = {};
    int batch_tokens = 0; // of source segments searched at once, at most, but for one that is longer alone; 0: 16 times batch_size
    // <unk> in translations. forbid: none is searched for; what a model still writes, since it finds nothing else possible, is left out.
    // copy: it may be found, and the source word that it is aligned to is written; needs a model with attention. allow: " \u2047 ".
    std::string unknown = "forbid";

    // Not in configurations: what is written beside the text.
    std::string alignment = {}; // "words" or "pieces": links to the source, from the attention of a model that has it; empty: none
    bool word_scores = false;   // the log-probability of each token
    // How lines of several sentences are translated: "whole"; "split": sentence by sentence, their translations joined as they were;
    // "auto": split where a line holds more sentences than the models are used to, but not under a prefix, nor for n-best lists and
    // samples.
    std::string sentences = "whole";
    int usual_sentences = 0; // most that 99 % of the lines hold that the models were trained on; 0: not known, "auto" leaves lines whole

    void describe(OptionTable& table); // with the options of search
};

} // namespace nmt
