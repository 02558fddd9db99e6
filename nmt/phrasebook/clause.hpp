// A clause with one verb, and how it is said in both languages. The draws and the constructions fill clauses in.
#pragma once

#include "nmt/phrasebook/bilingual_text.hpp"
#include "nmt/phrasebook/inflection.hpp"

#include <string>

namespace nmt::phrasebook {

// A subject or object, with what other words agree with.
struct NounPhrase {
    Text text;
    int person = kThird;
    Gender gender = Gender::masculine;
    Kinds kinds = kHuman;
    bool pronoun = false;
    bool described = false; // by an adjective

    bool human() const { return (kinds & kHuman) != 0; }
    bool plural() const { return person >= kFirstPlural; }
};

NounPhrase you(); // "vous", who is one person

enum class Mood { statement, est_ce_que, inversion };

// All that a sentence with one verb needs; say() puts it in order in both languages.
struct Clause {
    NounPhrase subject;
    Verb verb;
    const Helper* helper = nullptr; // "peut dormir"
    bool past = false;              // "a dormi"; not together with a helper
    const Negation* negation = nullptr;
    Mood mood = Mood::statement;
    Text front = {};                          // question word
    Text clitics = {};                        // before the verb in French, after it in English
    Gender object_gender = Gender::masculine; // of the preceding object, for the participle
    bool object_plural = false;
    Text object = {}, tail = {};
};

std::string french_clause(const Clause& clause);
std::string english_clause(const Clause& clause);
Text say(const Clause& clause);

} // namespace nmt::phrasebook
