// Pronouns as objects, and the participles that agree with an object before the verb. For clitics, relative clauses and idioms.
#pragma once

#include "nmt/phrasebook/draw.hpp"

namespace nmt::phrasebook {

// The verbs whose participle is seen to agree with an object before it; few, so that each form is seen often.
bool teaches_agreement(const Verb& verb);

// True for je and nous, and for tu and vous: "je nous vois" is not said.
bool same_speaker(int person_a, int person_b);

// Gives the clause, which has its verb, subject and tense, a pronoun as its direct object.
void add_direct_pronoun(Draw& draw, Clause& clause);

// "me", "lui", and in English what follows "give" or "to".
Text indirect_pronoun(Draw& draw, int subject_person);

} // namespace nmt::phrasebook
