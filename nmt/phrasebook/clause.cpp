// The order of the words of a clause: clitics and negation around the French verb, do-support in English.
#include "nmt/phrasebook/clause.hpp"

#include <vector>

namespace nmt::phrasebook {

using std::string;
using std::string_view;

NounPhrase you() { return {Text("vous", "you"), kSecondPlural, Gender::masculine, kHuman, true}; }

namespace {

bool is_english_auxiliary(string_view base) { return base == "be" || base == "can" || base == "must"; }

// "rien", "personne"
bool replaces_object(const Negation* negation) { return negation && !negation->object.english.empty(); }

} // namespace

string french_clause(const Clause& clause) {
    const NounPhrase& subject = clause.subject;
    const Verb& main = clause.verb;
    const Verb& finite = clause.helper ? verb(clause.helper->verb) : clause.past ? verb(main.with_etre ? "être" : "avoir") : main;
    string conjugated = french_present(finite, subject.person);
    string rest, before_finite = clause.clitics.french;
    if (clause.helper) {
        rest = join({clause.helper->french_link, clause.clitics.french, main.infinitive});
        before_finite.clear();
    } else if (clause.past) {
        rest = main.with_etre ? agreeing_participle(main, subject.gender, subject.plural() && subject.person != kSecondPlural)
                              : agreeing_participle(main, clause.object_gender, clause.object_plural);
    }
    string opening = subject.text.french;
    if (clause.mood == Mood::est_ce_que) opening = join({"est-ce que", opening});
    if (clause.mood == Mood::inversion) {
        static constexpr string_view kPronouns[2][6] = {{"", "-tu", "-il", "-nous", "-vous", "-ils"},
                                                        {"", "-tu", "-elle", "-nous", "-vous", "-elles"}};
        string pronoun(kPronouns[subject.gender == Gender::feminine ? 1 : 0][subject.person]);
        if (subject.person == kThird && (conjugated.ends_with("a") || conjugated.ends_with("e"))) pronoun = "-t" + pronoun;
        conjugated = join({conjugated, pronoun});
        if (subject.pronoun) opening.clear();
    }
    const Negation* negation = clause.negation;
    const string_view object = replaces_object(negation) ? negation->object.french : string_view(clause.object.french);
    return join({clause.front.french, opening, negation ? "ne" : "", before_finite, conjugated, negation ? negation->french : "", rest,
                 object, clause.tail.french});
}

string english_clause(const Clause& clause) {
    const std::vector<string> forms = split(clause.verb.english); // base, past, participle, -ing
    const int person = clause.subject.person;
    const Negation* negation = clause.negation;
    const bool question = clause.mood != Mood::statement;
    string base = forms[0], auxiliary, main;
    string tail_of_main(clause.verb.particle);
    if (clause.helper) {
        base = clause.helper->english;
        tail_of_main = join({clause.helper->english_link, forms[static_cast<std::size_t>(clause.helper->main_form)], clause.verb.particle});
    }
    const bool is_auxiliary = is_english_auxiliary(base) || (clause.helper && base == "have");
    if (is_auxiliary) auxiliary = english_present(base, person);
    else if (question || (negation && negation->english_adverb == "not")) {
        auxiliary = clause.past ? "did" : english_present("do", person);
        main = base;
    } else main = clause.past ? forms[1] : english_present(base, person);
    main = join({main, tail_of_main});
    const string_view adverb = negation ? negation->english_adverb : "";
    const string_view object = replaces_object(negation) ? negation->object.english : string_view(clause.object.english);
    const string& subject = clause.subject.text.english;
    return join({clause.front.english, question ? auxiliary : subject, question ? subject : auxiliary, adverb, main, clause.clitics.english,
                 object, clause.tail.english});
}

Text say(const Clause& clause) { return {french_clause(clause), english_clause(clause)}; }

} // namespace nmt::phrasebook
