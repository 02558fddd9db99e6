// Adjectives on the other side of the noun than in English: "un chat noir", "a black cat".
#include "nmt/phrasebook/constructions.hpp"

#include "nmt/phrasebook/inflection.hpp"

namespace nmt::phrasebook {

namespace {

Text adjective_object(Draw& draw) {
    Clause clause = draw.transitive_clause(draw.subject(kHuman), Style::distinct);
    if (draw.chance(40)) clause.tail = draw.tail(clause);
    return draw.sentence(clause);
}

Text adjective_subject(Draw& draw) {
    return draw.sentence(say(draw.predicate_clause(draw.noun_phrase(kAnimate | kGoods | kDoor, Style::distinct))));
}

Text adjective_preposition(Draw& draw) {
    const PrepositionalVerb& row =
        draw.pick_where(prepositional_verbs(), [](const PrepositionalVerb& candidate) { return (candidate.objects & kHuman) != 0; });
    Clause clause{draw.chance(60) ? draw.subject(kHuman) : draw.noun_phrase(kHuman, Style::distinct), verb(row.verb)};
    draw.tense(clause);
    const NounPhrase object = draw.noun_phrase(row.objects, Style::distinct);
    clause.object = {with_preposition(row.french, object.text.french), join({row.english, object.text.english})};
    if (draw.chance(30)) clause.tail = draw.tail(clause);
    return draw.sentence(clause);
}

constexpr Construction kConstructions[] = {
    {4, adjective_object},
    {2, adjective_subject},
    {2, adjective_preposition},
};

} // namespace

std::span<const Construction> adjective_order_constructions() { return kConstructions; }

} // namespace nmt::phrasebook
