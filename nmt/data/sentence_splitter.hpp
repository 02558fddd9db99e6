// Splits a line of text into its sentences. Training records with it how many sentences its lines hold, and the translator translates
// lines of several sentences one by one.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace nmt {

// Views into the line.
struct Sentence {
    std::string_view separator; // the white space before it, none in places
    std::string_view text;      // neither empty nor with white space at its ends
};

// The sentences of a line: separators and texts, one after another, are the line without the white space at its end. None for a line of
// white space alone.
// Sentences end as Unicode's marks do (Unicode Standard Annex 29, property Sentence_Break), in all scripts, with what closes behind the
// mark: quotes, brackets, emoji, "[1]". Beyond Unicode's rules abbreviations, initials and ordinal numbers in the larger languages of
// Europe are no ends, nor is what stands in brackets within a sentence; text in lower case and tokenized text ("Here . Who is it ?") have
// ends, too. Languages need not be told. Where it is not clear the text stays whole.
// Any bytes are welcome: those that are not UTF-8 are no letters. Time is linear in the line. Safe in several threads.
std::vector<Sentence> split_sentences(std::string_view line);

} // namespace nmt
