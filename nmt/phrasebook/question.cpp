// Questions: inversion and est-ce que in French, do-support in English.
#include "nmt/phrasebook/constructions.hpp"

#include "nmt/phrasebook/inflection.hpp"

#include <algorithm>

namespace nmt::phrasebook {

namespace {

using std::string_view;

// Verbs that a question with "vous" may begin with; few, so that each capitalized form is seen often.
constexpr string_view kFirstVerbs[] = {"voir", "aimer", "chercher", "connaître", "manger", "lire", "dormir", "danser"};

// "Voyez -vous le chien ?", "Le roi dort -il ?", "Est-ce que tu manges ?"
void make_question(Draw& draw, Clause& clause) {
    const bool je = clause.subject.pronoun && clause.subject.person == 0;
    clause.mood = je || draw.chance(40) ? Mood::est_ce_que : Mood::inversion;
    if (clause.mood == Mood::est_ce_que || !clause.subject.pronoun || !clause.front.french.empty()) return;
    const bool taught = clause.past || clause.helper || std::ranges::find(kFirstVerbs, clause.verb.infinitive) != std::end(kFirstVerbs);
    if (taught && !clause.verb.with_etre) clause.subject = you();
    else clause.mood = Mood::est_ce_que;
}

Text question_closed(Draw& draw) {
    const NounPhrase who = draw.subject(draw.chance(80) ? kHuman : kAnimate);
    Clause clause = draw.chance(55) ? draw.transitive_clause(who, Style::definite) : draw.predicate_clause(who);
    if (draw.chance(20)) {
        clause = {you(), verb(draw.pick(kFirstVerbs))};
        if (clause.verb.objects) clause.object = draw.noun_phrase(clause.verb.objects, Style::definite).text;
    }
    clause.tail = draw.chance(35) ? draw.tail(clause) : Text();
    make_question(draw, clause);
    return draw.sentence(say(clause), "?");
}

// "Où dormez -vous ?", "Comment est-ce que Paul danse ?"
Text question_where(Draw& draw) {
    static constexpr string_view kSocial[] = {"travailler", "chanter", "danser", "jouer", "nager"};
    Clause clause = draw.intransitive_clause(draw.subject(kHuman));
    clause.front = draw.pick(question_words());
    clause.tail = {};
    if (clause.front.french == "comment" || clause.front.french == "avec qui") clause.verb = verb(draw.pick(kSocial));
    if (clause.front.french != "où" && draw.chance(40)) clause.tail = draw.chance(50) ? Text(draw.pick(settings())) : draw.place();
    if (clause.front.french == "où" && draw.chance(40)) clause.tail = draw.time(clause.past);
    if (clause.tail.english == "here" || clause.tail.english == "over there") clause.tail = {};
    make_question(draw, clause);
    return draw.sentence(say(clause), "?");
}

// "Que mangez -vous ?", "Qu' est-ce que la reine cherche ?", "Qui cherches -tu ?"
Text question_what(Draw& draw) {
    const NounPhrase who = draw.subject(kHuman);
    Clause clause{who, draw.transitive(kHuman)};
    draw.tense(clause);
    const bool people = (clause.verb.objects & kHuman) != 0;
    clause.front = people ? Text("qui", "who") : Text("que", "what");
    clause.tail = draw.chance(40) ? draw.tail(clause) : Text();
    make_question(draw, clause);
    if (!clause.subject.pronoun) clause.mood = Mood::est_ce_que; // "que le roi mange -t-il" is not French
    return draw.sentence(say(clause), "?");
}

// "Qui dort dans le jardin ?"
Text question_who(Draw& draw) {
    const NounPhrase who = {Text("qui", "who"), kThird, Gender::masculine, kHuman, false};
    Clause clause = draw.predicate_clause(who);
    return draw.sentence(say(clause), "?");
}

// "Combien de pommes mangez -vous ?"
Text question_how_many(Draw& draw) {
    static constexpr string_view kVerbs[] = {"manger", "acheter", "lire",    "vendre",  "avoir",
                                             "voir",   "couper",  "prendre", "trouver", "casser"};
    Clause clause{draw.subject(kHuman), verb(draw.pick(kVerbs))};
    if (draw.chance(25)) clause.helper = &draw.pick(plain_helpers());
    const Noun& noun =
        draw.pick_where(nouns(), [&](const Noun& row) { return (row.kinds & clause.verb.objects) != 0 && !row.plural.empty(); });
    clause.front = draw.noun_phrase(noun, true, {"", "", "combien de", "", "how many"}, Style::definite).text;
    clause.tail = draw.chance(30) ? draw.time(false) : Text();
    make_question(draw, clause);
    return draw.sentence(say(clause), "?");
}

constexpr Construction kConstructions[] = {
    {4, question_closed}, {2, question_where}, {2, question_what}, {1, question_who}, {1, question_how_many},
};

} // namespace

std::span<const Construction> question_constructions() { return kConstructions; }

} // namespace nmt::phrasebook
