// Inflection of the lexicon's entries: conjugation, agreement, contraction. The clauses and the constructions use it.
#pragma once

#include "nmt/phrasebook/lexicon.hpp"

#include <span>
#include <string>
#include <string_view>

namespace nmt::phrasebook {

using namespace lexicon;

// Persons count je tu il nous vous ils from 0. "vous" is one person whom one does not call "tu".
inline constexpr int kThird = 2, kFirstPlural = 3, kSecondPlural = 4, kThirdPlural = 5;

// The entry of the verb table. Throws Error where it has none.
const Verb& verb(std::string_view infinitive);

std::span<const Verb> intransitive_verbs();

std::string french_present(const Verb& verb, int person);

// The participle after être and after a preceding object: "partie", "vues".
std::string agreeing_participle(const Verb& verb, Gender gender, bool plural);

std::string adjective_form(const Adjective& adjective, Gender gender, bool plural);

// The present tense of an English base form: "be" is "am", "go mad" is "goes mad".
std::string english_present(const std::string& base, int person);

// A preposition before a noun phrase: "de le chat" is "du chat", "à les chats" "aux chats". Before a vowel french_spelling undoes it.
std::string with_preposition(std::string_view preposition, const std::string& noun_phrase);

} // namespace nmt::phrasebook
