// Agreement over a distance, and of possessives and pronouns with their owner.
#include "nmt/phrasebook/constructions.hpp"

#include "nmt/phrasebook/inflection.hpp"

namespace nmt::phrasebook {

namespace {

using std::string_view;

// "Les enfants de la voisine dorment ."
Text agreement_genitive(Draw& draw) {
    const Noun& noun =
        draw.pick_where(nouns(), [](const Noun& row) { return (row.kinds & (kFamily | kAnimal | kThing | kDoor | kText | kBody)) != 0; });
    NounPhrase head = draw.noun_phrase(noun, draw.chance(50), {"le", "la", "les", "", ""}, Style::definite);
    const NounPhrase owner = draw.chance(25) ? draw.name() : draw.noun_phrase(kHuman, Style::definite);
    const string_view mark = owner.text.english.ends_with("s") && owner.plural() ? "'" : "'s";
    head.text = {join({head.text.french, with_preposition("de", owner.text.french)}), join({owner.text.english, mark, head.text.english})};
    return draw.sentence(say(draw.predicate_clause(head)));
}

// "Les livres sur la table sont vieux ."
Text agreement_place(Draw& draw) {
    const bool indoors = draw.chance(50);
    NounPhrase head = draw.noun_phrase(indoors ? kThing | kText | kFood : kAnimate, Style::definite);
    if (indoors) {
        static constexpr Pair kWhere[] = {{"sur", "on"}, {"sous", "under"}, {"dans", "in"}};
        const Pair& where = draw.pick(kWhere);
        head.text = head.text + Text(where) + draw.singular(where.french == "dans" ? kPlace : kSurface, false).text;
    } else {
        head.text = head.text + draw.place();
    }
    return draw.sentence(say(draw.predicate_clause(head)));
}

// "Les enfants qui aident le fermier sont fatigués ."
Text agreement_relative(Draw& draw) {
    NounPhrase head = draw.noun_phrase(kAnimate, Style::specific);
    Clause relative = draw.transitive_clause(head, Style::definite);
    relative.helper = nullptr;
    relative.subject.text = {"qui", head.human() ? "who" : "that"};
    head.text = head.text + say(relative);
    Clause clause = draw.predicate_clause(head);
    clause.tail = {};
    return draw.sentence(clause);
}

NounPhrase possession_of(Draw& draw, const NounPhrase& owner, Kinds kinds) {
    Determiner determiner = possessives()[static_cast<std::size_t>(owner.person)];
    if (owner.person == kThird && owner.gender == Gender::feminine) determiner.english = determiner.english_plural = "her";
    const Noun& noun = draw.pick_where(
        nouns(), [&](const Noun& row) { return (row.kinds & kinds) != 0 && !row.plural.empty() && !(row.kinds & kUnowned); });
    return draw.noun_phrase(noun, draw.chance(35), determiner, Style::plain);
}

// "Il aime sa mère .", "La reine cherche son chapeau ."
Text agreement_possessive(Draw& draw) {
    NounPhrase who = draw.chance(40) ? draw.pronoun() : draw.chance(30) ? draw.name() : draw.noun_phrase(kHuman, Style::definite);
    const PrepositionalVerb& row = draw.pick(prepositional_verbs());
    Clause clause{who, draw.transitive(kHuman)};
    if ((row.objects & kHuman) && draw.chance(35)) {
        clause.verb = verb(row.verb);
        const NounPhrase owned = possession_of(draw, who, kFamily);
        clause.object = {join({row.french, owned.text.french}), join({row.english, owned.text.english})};
    } else {
        clause.verb =
            draw.pick_where(verbs(), [](const Verb& candidate) { return (candidate.objects & (kFamily | kThing | kText | kBody)) != 0; });
        clause.object = possession_of(draw, who, clause.verb.objects & (kFamily | kThing | kText | kBody)).text;
    }
    draw.tense(clause);
    if (draw.chance(30)) clause.tail = draw.tail(clause);
    return draw.sentence(clause);
}

// "La maison est grande mais elle est froide .": it, and not she.
Text agreement_pronoun(Draw& draw) {
    const bool person_first = draw.chance(40);
    const NounPhrase head = draw.noun_phrase(person_first ? kHuman : kThing | kText | kDoor | kPlace, Style::definite);
    static constexpr Pair kHe[2][2] = {{{"il", "he"}, {"ils", "they"}}, {{"elle", "she"}, {"elles", "they"}}};
    Text again = kHe[head.gender == Gender::feminine ? 1 : 0][head.plural() ? 1 : 0];
    if (!head.human() && !head.plural()) again.english = "it";
    const Clause first = draw.adjective_clause(head, Position::before);
    Clause second = draw.adjective_clause(head, Position::after);
    second.subject.text = again;
    const Text link = draw.chance(50) ? Text("et", "and") : Text(", mais", ", but");
    return draw.sentence(say(first) + link + say(second));
}

constexpr Construction kConstructions[] = {
    {4, agreement_genitive}, {2, agreement_place}, {2, agreement_relative}, {4, agreement_possessive}, {2, agreement_pronoun},
};

} // namespace

std::span<const Construction> agreement_constructions() { return kConstructions; }

} // namespace nmt::phrasebook
