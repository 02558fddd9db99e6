// Relative clauses with qui, que, dont and où.
#include "nmt/phrasebook/constructions.hpp"

#include "nmt/phrasebook/inflection.hpp"
#include "nmt/phrasebook/object_pronouns.hpp"

namespace nmt::phrasebook {

namespace {

// "qui" and a verb phrase.
Text relative_clause(Draw& draw, const NounPhrase& head) {
    Clause clause = draw.predicate_clause(head);
    clause.subject.text = {"qui", head.human() ? "who" : "that"};
    return say(clause);
}

Text relative_subject(Draw& draw) {
    Clause clause = draw.transitive_clause(draw.subject(kHuman), Style::definite);
    if (draw.chance(70)) clause.verb = draw.pick_where(verbs(), [](const Verb& row) { return (row.objects & kHuman) != 0; });
    const NounPhrase head = draw.noun_phrase(clause.verb.objects & ~kSight, Style::specific);
    clause.object = head.text + relative_clause(draw, head);
    return draw.sentence(clause);
}

// A sentence in which the head takes part, followed by its relative clause with "que", "dont" or "où".
Text around(Draw& draw, NounPhrase head, const Text& relative) {
    head.text = head.text + relative;
    Clause after = draw.predicate_clause(head);
    after.tail = {};
    if (draw.chance(50)) return draw.sentence(say(after));
    const Verb* found = nullptr;
    for (int attempt = 0; attempt < 50 && !found; ++attempt)
        if (const Verb& row = draw.pick(verbs()); (row.objects & head.kinds) != 0) found = &row;
    if (!found) return draw.sentence(say(after));
    Clause before{draw.subject(kHuman), *found};
    before.object = head.text;
    return draw.sentence(say(before));
}

// "Le livre que tu achètes est vieux ."
Text relative_object(Draw& draw) {
    Clause clause{draw.subject(kHuman), draw.transitive(kHuman)};
    const NounPhrase head = draw.noun_phrase(clause.verb.objects, Style::specific);
    draw.tense(clause);
    clause.front = {"que", "that"};
    if (!teaches_agreement(clause.verb) || (head.plural() && head.gender == Gender::feminine)) clause.past = false;
    clause.object_gender = head.gender;
    clause.object_plural = head.plural();
    return around(draw, head, say(clause));
}

// "Le livre que lit la fille est vieux ."
Text relative_inverted(Draw& draw) {
    const NounPhrase who = draw.noun_phrase(kHuman, Style::definite);
    const Verb& action = draw.transitive(kHuman);
    const NounPhrase head = draw.noun_phrase(action.objects, Style::specific);
    Clause clause{who, action};
    clause.front = {"que", "that"};
    return around(draw, head, {join({"que", french_present(action, who.person), who.text.french}), english_clause(clause)});
}

// "L' homme dont je parle est riche .", "Le fermier dont la sœur chante ...", "Le livre dont j' ai besoin ..."
Text relative_dont(Draw& draw) {
    if (draw.chance(35)) {
        const NounPhrase head = draw.noun_phrase(kHuman, Style::specific);
        const Noun& noun = draw.pick_where(nouns(), [](const Noun& row) { return (row.kinds & (kFamily | kAnimal)) != 0; });
        const NounPhrase owned = draw.noun_phrase(noun, draw.chance(35), {"le", "la", "les", "", ""}, Style::definite);
        Clause clause = draw.chance(50) ? draw.adjective_clause(owned) : Clause{owned, draw.intransitive(owned.human() ? kHuman : kAnimal)};
        clause.front = {"dont", "whose"};
        return around(draw, head, say(clause));
    }
    const NounPhrase head = draw.noun_phrase(kHuman | kThing | kText, Style::specific);
    Clause clause{draw.subject(kHuman), verb("parler")};
    clause.front = {"dont", head.human() ? "about whom" : "about which"};
    if (draw.chance(50)) {
        clause.verb = verb("avoir");
        clause.verb.english = "need needed needed needing";
        clause.object.french = "besoin";
        clause.front.english = "that";
        return around(draw, head, say(clause));
    }
    draw.tense(clause);
    return around(draw, head, say(clause));
}

// "La maison où elle dort est petite ."
Text relative_where(Draw& draw) {
    const NounPhrase head = draw.noun_phrase(kPlace, Style::specific);
    Clause clause{draw.subject(kHuman), draw.intransitive(kHuman)};
    draw.tense(clause);
    clause.front = {"où", "where"};
    return around(draw, head, say(clause));
}

constexpr Construction kConstructions[] = {
    {3, relative_subject}, {3, relative_object}, {1, relative_inverted}, {2, relative_dont}, {1, relative_where},
};

} // namespace

std::span<const Construction> relative_constructions() { return kConstructions; }

} // namespace nmt::phrasebook
