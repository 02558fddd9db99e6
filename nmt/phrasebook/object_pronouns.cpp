// Object pronouns that suit a verb and its subject.
#include "nmt/phrasebook/object_pronouns.hpp"

#include "nmt/phrasebook/inflection.hpp"
#include "nmt/phrasebook/spelling.hpp"

#include <algorithm>

namespace nmt::phrasebook {

using std::string;
using std::string_view;

bool teaches_agreement(const Verb& verb) {
    static constexpr string_view kVerbs[] = {"voir", "aider", "acheter", "trouver"};
    return std::ranges::find(kVerbs, verb.infinitive) != std::end(kVerbs);
}

bool same_speaker(int person_a, int person_b) { return person_a != kThird && person_a != kThirdPlural && person_a % 3 == person_b % 3; }

// "le" and "la" are people after a verb that takes people ("il la voit", "he sees her") and things otherwise ("il la mange"). "l'" is
// him: only a participle shows that it is her ("il l' a aidée"), so elsewhere "la" is not drawn before a vowel.
void add_direct_pronoun(Draw& draw, Clause& clause) {
    struct Row {
        string_view french, person, thing;
        int speaker;
        Gender gender;
        bool plural;
    };
    static constexpr Gender m = Gender::masculine, f = Gender::feminine;
    static constexpr Row kRows[] = {{"me", "me", "", 0, m, false},      {"te", "you", "", 1, m, false},   {"nous", "us", "", 3, m, true},
                                    {"vous", "you", "", 4, m, false},   {"le", "him", "it", 2, m, false}, {"la", "her", "it", 2, f, false},
                                    {"les", "them", "them", 2, m, true}};
    const bool people = (clause.verb.objects & kHuman) != 0;
    const string next = clause.helper ? string(clause.verb.infinitive) : french_present(clause.verb, clause.subject.person);
    const bool hides_gender = !clause.past && starts_with_vowel_sound(next);
    const Row& row = draw.pick_where(kRows, [&](const Row& candidate) {
        if (candidate.gender == f && hides_gender) return false;
        if (clause.past && (candidate.gender == f || candidate.plural) && !teaches_agreement(clause.verb)) return false;
        return people ? !same_speaker(candidate.speaker, clause.subject.person) : !candidate.thing.empty();
    });
    clause.clitics = {row.french, people ? row.person : row.thing};
    clause.object_gender = row.gender;
    clause.object_plural = row.plural;
}

Text indirect_pronoun(Draw& draw, int subject_person) {
    struct Row {
        string_view french, english;
        int speaker;
    };
    static constexpr Row kRows[] = {{"me", "me", 0},    {"te", "you", 1},  {"nous", "us", 3},
                                    {"vous", "you", 4}, {"lui", "him", 2}, {"leur", "them", 2}};
    const Row& row = draw.pick_where(kRows, [&](const Row& candidate) { return !same_speaker(candidate.speaker, subject_person); });
    return {row.french, row.english};
}

} // namespace nmt::phrasebook
