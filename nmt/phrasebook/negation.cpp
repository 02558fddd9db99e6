// Negation: in two parts around the French verb, with "de" ("any") before the object, or by the subject: "personne ne dort".
#include "nmt/phrasebook/constructions.hpp"

#include "nmt/phrasebook/inflection.hpp"

namespace nmt::phrasebook {

namespace {

using std::string_view;

constexpr std::size_t kAdverbs = 4; // "pas", "jamais" and "plus" begin the table

Text negated_intransitive(Draw& draw) {
    Clause clause = draw.intransitive_clause(draw.subject(kAnimate));
    clause.negation = &draw.pick(negations().first(kAdverbs));
    if (clause.negation->french == "plus" && clause.past) {
        clause.past = false;
        clause.tail = draw.tail(clause);
    }
    return draw.sentence(clause);
}

Text negated_transitive(Draw& draw) {
    Clause clause = draw.transitive_clause(draw.subject(kHuman), Style::definite);
    const bool people = (clause.verb.objects & kHuman) != 0;
    clause.negation = &draw.pick_where(
        negations(), [&](const Negation& row) { return row.object.english.empty() || people == (row.object.english == "nobody"); });
    if (clause.negation->french == "plus") clause.past = false;
    if (draw.chance(40)) clause.tail = draw.tail(clause);
    return draw.sentence(clause);
}

// "Il ne mange pas de pain ."
Text negated_any(Draw& draw) {
    static constexpr string_view kVerbs[] = {"manger", "boire", "acheter", "vendre", "avoir", "lire", "casser"};
    Clause clause{draw.subject(kHuman), verb(draw.pick(kVerbs))};
    draw.tense(clause);
    clause.negation = &negations().front();
    const Noun& noun = draw.pick_where(nouns(), [&](const Noun& row) { return (row.kinds & clause.verb.objects) != 0; });
    clause.object = draw.noun_phrase(noun, !noun.plural.empty(), {"de", "de", "de", "any", "any"}, Style::definite).text;
    if (draw.chance(40)) clause.tail = draw.tail(clause);
    return draw.sentence(clause);
}

Text negated_predicate(Draw& draw) {
    Clause clause = draw.adjective_clause(draw.chance(60) ? draw.subject(kHuman)
                                                          : draw.noun_phrase(kGoods | kPlace | kDoor | kAnimal, Style::definite));
    clause.negation = &draw.pick(negations().first(kAdverbs));
    return draw.sentence(clause);
}

// "Personne ne dort .", "Rien ne change ici .", "Aucun enfant ne dort ."
Text negated_subject(Draw& draw) {
    static constexpr Negation kOnlyNe = {"", "", {}};
    Clause clause{{Text("personne", "nobody"), kThird, Gender::masculine, kHuman, false}, verb("changer")};
    if (draw.chance(15)) {
        clause.subject = {Text("rien", "nothing"), kThird, Gender::masculine, kIdea, false};
        if (draw.chance(50)) clause = draw.adjective_clause(clause.subject);
        clause.tail = draw.chance(50) ? Text(draw.pick(settings())) : draw.time(false);
    } else {
        if (draw.chance(60)) {
            const Noun& noun = draw.pick_where(nouns(), [](const Noun& row) { return (row.kinds & kAnimate) != 0; });
            clause.subject = draw.noun_phrase(noun, false, {"aucun", "aucune", "", "no", ""}, Style::definite);
        }
        clause = draw.predicate_clause(clause.subject);
        if (clause.helper) clause.helper = nullptr;
    }
    clause.negation = &kOnlyNe;
    return draw.sentence(clause);
}

constexpr Construction kConstructions[] = {
    {3, negated_intransitive}, {4, negated_transitive}, {2, negated_any}, {2, negated_predicate}, {1, negated_subject},
};

} // namespace

std::span<const Construction> negation_constructions() { return kConstructions; }

} // namespace nmt::phrasebook
