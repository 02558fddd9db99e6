// What words tell about where sentences end, in the larger languages of Europe and some others: abbreviations, first words of sentences,
// months. Used by the sentence splitter.
#pragma once

#include <string_view>

namespace nmt {

enum class WordRole {
    title,            // with its period never ends a sentence: "Dr.", "vgl.", "approx."
    abbreviation,     // may end one, which the next word tells: "Inc.", "etc.", "usw."
    before_number,    // an abbreviation before a number, a word elsewhere: "no. 5", "art. 3", "Jan. 5"
    first_word,       // often begins a sentence, and hardly ever goes on behind an abbreviation: "The", "Danach", "Elle"
    name_part,        // of those, what stands in names, too: "Ursula K. Le Guin"
    month,            // behind a German ordinal number: "am 3. Mai"
    before_ordinal,   // before a German ordinal number: "im 19. Jahrhundert"
    behind_ordinal,   // and behind it
    without_vowel,    // a word of consonants that is no abbreviation: "km", "tv"
    verb_of_speaking, // behind a quotation and a name: "\"Why?\" Mary asked."
};

// Whether a word, in lower case and without its last period, has that role. A word may have several, and most have none.
bool has_role(std::string_view word, WordRole role);

} // namespace nmt
