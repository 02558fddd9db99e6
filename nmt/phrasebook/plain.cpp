// Sentences whose words stand in the same order in both languages.
#include "nmt/phrasebook/constructions.hpp"

#include "nmt/phrasebook/inflection.hpp"

namespace nmt::phrasebook {

namespace {

using std::string_view;

Text plain_statement(Draw& draw) {
    Clause clause = draw.intransitive_clause(draw.subject(kAnimate));
    if (draw.chance(75)) return draw.sentence(clause);
    clause.tail = {};
    return draw.sentence(Text(draw.pick(settings())) + Text(",", ",") + say(clause)); // "En hiver , il dort ."
}

Text plain_transitive(Draw& draw) {
    Clause clause = draw.transitive_clause(draw.subject(kHuman), Style::plain);
    if (draw.chance(50)) clause.tail = draw.tail(clause);
    return draw.sentence(clause);
}

Text plain_prepositional(Draw& draw) {
    const PrepositionalVerb& row = draw.pick(prepositional_verbs());
    Clause clause{draw.subject(kHuman), verb(row.verb)};
    draw.tense(clause);
    const NounPhrase object = (row.objects & kHuman) && draw.chance(30) ? draw.name() : draw.noun_phrase(row.objects, Style::definite);
    clause.object = {with_preposition(row.french, object.text.french), join({row.english, object.text.english})};
    if (draw.chance(40)) clause.tail = draw.tail(clause);
    return draw.sentence(clause);
}

Text plain_giving(Draw& draw) {
    const bool placing = draw.chance(35);
    const PrepositionalVerb& row = placing ? draw.pick(placing_verbs()) : draw.pick(giving_verbs());
    Clause clause{draw.subject(kHuman), verb(row.verb)};
    draw.tense(clause);
    clause.object = draw.noun_phrase(row.objects).text;
    const NounPhrase to = placing ? draw.singular(row.destinations, draw.chance(20)) : draw.person();
    clause.tail = {with_preposition(row.french, to.text.french), join({row.english, to.text.english})};
    return draw.sentence(clause);
}

Text plain_predicate(Draw& draw) {
    if (draw.chance(50)) {
        Clause clause = draw.adjective_clause(draw.subject(kHuman));
        if (draw.chance(30)) clause.helper = &draw.pick(plain_helpers());
        return draw.sentence(clause);
    }
    return draw.sentence(draw.adjective_clause(draw.noun_phrase(draw.chance(30) ? kBody : kGoods | kPlace | kDoor, Style::definite)));
}

const NounPhrase kThat = {Text("ça", "that"), kThird, Gender::masculine, kIdea, false};

// "La faim change le monde ."
Text plain_idea(Draw& draw) {
    if (draw.chance(20)) return draw.sentence(draw.adjective_clause(draw.noun_phrase(kIdea, Style::definite)));
    Clause clause{draw.chance(20) ? kThat : draw.noun_phrase(kIdea, Style::definite), verb("changer")};
    clause.past = draw.chance(30);
    clause.object = draw.chance(50)   ? draw.noun_phrase(kPlace | kHuman, Style::definite).text
                    : draw.chance(50) ? Text("le monde", "the world")
                                      : Text("la vie", "life");
    if (draw.chance(50)) clause.tail = draw.pick(settings());
    return draw.sentence(clause);
}

// Short patterns for small words, many of which also serve in idioms.
Text plain_small(Draw& draw) {
    const Text when = draw.chance(70) ? Text(draw.pick(settings())) : draw.time(false);
    switch (draw.below(4)) {
    case 0:
        return draw.sentence(Text("il pleut", "it rains") + when);
    case 1:
        return draw.sentence(Text("c' est", "it is") + draw.singular(kAnimate | kGoods | kPlace, draw.chance(75)).text);
    case 2: {
        Clause clause{draw.chance(40) ? kThat : draw.noun_phrase(kThing, Style::definite), verb("coûter")};
        const Pair& number = draw.pick(numbers());
        clause.object = Text(number) + Text("euros", "euros");
        return draw.sentence(say(clause) + (draw.chance(40) ? when : Text()));
    }
    default: {
        static constexpr string_view kVerbs[] = {"manger", "voir", "lire", "boire", "prendre", "acheter", "comprendre", "vendre", "casser"};
        Clause clause{draw.subject(kHuman), verb(draw.pick(kVerbs))};
        clause.object = draw.chance(50) ? Text("tout", "everything") : Text("ça", "that");
        if (draw.chance(50)) clause.tail = when;
        return draw.sentence(clause);
    }
    }
}

// "Paul dit que la reine dort .", "Vous dansez bien , madame ."
Text plain_saying(Draw& draw) {
    if (draw.chance(30)) {
        const Text talk = say(draw.intransitive_clause(you()));
        const Text call = draw.pick(vocatives()), comma(",", ",");
        return draw.sentence(draw.chance(50) ? talk + comma + call : Text("oh", "oh") + comma + talk);
    }
    const NounPhrase speaker = draw.subject(kHuman);
    Clause clause{speaker, verb(draw.chance(75) ? "dire" : "répondre")};
    return draw.sentence(say(clause) + Text("que", "that") + say(draw.predicate_clause(draw.person())));
}

// "Je prie pour les enfants en hiver ." Mostly in the first person, so that "prie" is seen as "pray" and not as "prays".
Text plain_prayer(Draw& draw) {
    static constexpr Pair kJe = {"je", "I"}, kNous = {"nous", "we"};
    Clause clause{{Text(kJe), 0, Gender::masculine, kHuman, true}, verb("prier")};
    if (draw.chance(15)) clause.subject = you();
    else if (draw.chance(15)) clause.subject = {Text(kNous), kFirstPlural, Gender::masculine, kHuman, true};
    if (draw.chance(60)) clause.object = Text("pour", "for") + draw.person().text;
    if (clause.object.french.empty() || draw.chance(60)) clause.tail = draw.chance(60) ? Text(draw.pick(settings())) : draw.time(false);
    return draw.sentence(clause);
}

constexpr Construction kConstructions[] = {
    {5, plain_statement}, {5, plain_transitive}, {4, plain_prepositional}, {4, plain_giving}, {3, plain_predicate},
    {4, plain_idea},      {2, plain_saying},     {3, plain_small},         {3, plain_prayer},
};

} // namespace

std::span<const Construction> plain_constructions() { return kConstructions; }

} // namespace nmt::phrasebook
