// Generates the French to English corpus of the quickstart recipe from a small grammar and lexicon of our own: no download needed.
// Every phrase carries the phenomenon that it tests, so that a report can say where an architecture fails.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace nmt {

// A sentence and its only reference. Tokens are separated by one blank; elided forms, punctuation and inverted pronouns are tokens
// of their own: "Je ne l' ai pas vu .", "Voyez -vous le chien ?".
struct Phrase {
    std::string source, target; // French, English
    std::string phenomenon;     // plain, adjective-order, clitic, negation, agreement, question, relative or idiom
};

struct PhrasebookOptions {
    std::uint64_t seed = 1;
    int train = 24000, validation = 500, test = 1000;
};

// No source occurs twice, over all three parts. With the default size every word of validation and test occurs at least ten times in
// training, and "Je vous en prie ." is always in the test.
struct Phrasebook {
    std::vector<Phrase> train, validation, test;
};

// The same phrases for the same options on every machine. Throws Error where the grammar cannot say so many different sentences.
Phrasebook make_phrasebook(const PhrasebookOptions& options);

} // namespace nmt
