// Object pronouns, before the verb in French: "je le vois", "I see him".
#include "nmt/phrasebook/constructions.hpp"

#include "nmt/phrasebook/inflection.hpp"
#include "nmt/phrasebook/object_pronouns.hpp"

namespace nmt::phrasebook {

namespace {

using std::string_view;

Text clitic_direct(Draw& draw) {
    const NounPhrase who = draw.subject(kHuman);
    Clause clause{who, draw.transitive(kHuman)};
    draw.tense(clause);
    add_direct_pronoun(draw, clause);
    if (draw.chance(20)) clause.negation = &draw.negation();
    if (draw.chance(50)) clause.tail = draw.tail(clause);
    return draw.sentence(clause);
}

Text clitic_indirect(Draw& draw) {
    const NounPhrase who = draw.subject(kHuman);
    const Text whom = indirect_pronoun(draw, who.person);
    Clause clause{who, verb(draw.chance(50) ? "parler" : "répondre")};
    if (draw.chance(60)) {
        const PrepositionalVerb& row =
            draw.pick_where(giving_verbs(), [](const PrepositionalVerb& candidate) { return candidate.verb != "rendre"; });
        clause.verb = verb(row.verb);
        clause.object = draw.noun_phrase(row.objects).text;
    }
    clause.clitics = clause.verb.infinitive == "parler" ? Text(whom.french, join({"to", whom.english})) : whom;
    draw.tense(clause);
    if (draw.chance(15)) clause.negation = &draw.negation();
    if (clause.negation && !clause.object.french.empty()) clause.negation = nullptr;
    if (draw.chance(35)) clause.tail = draw.tail(clause);
    return draw.sentence(clause);
}

// "Nous vous les donnons .", "Je le lui donne ."
Text clitic_double(Draw& draw) {
    const NounPhrase who = draw.subject(kHuman);
    const Text whom = indirect_pronoun(draw, who.person);
    static constexpr Pair kWhat[] = {{"le", "it"}, {"la", "it"}, {"les", "them"}};
    const Pair& what = draw.pick(kWhat);
    Clause clause{who, verb(draw.pick(giving_verbs()).verb)};
    draw.tense(clause);
    const bool whom_last = whom.french == "lui" || whom.french == "leur";
    clause.clitics = {whom_last ? join({what.french, whom.french}) : join({whom.french, what.french}),
                      join({what.english, "to", whom.english})};
    if (what.french != "le") clause.past = false;
    clause.object_gender = what.french == "la" ? Gender::feminine : Gender::masculine;
    clause.object_plural = what.french == "les";
    if (draw.chance(20)) clause.negation = &draw.negation();
    if (draw.chance(40)) clause.tail = draw.tail(clause);
    return draw.sentence(clause);
}

// "Elle y travaille ."
Text clitic_there(Draw& draw) {
    static constexpr string_view kVerbs[] = {"aller", "rester", "dormir", "travailler", "jouer", "danser", "chanter"};
    Clause clause{draw.subject(kHuman), verb(draw.pick(kVerbs))};
    draw.tense(clause);
    if (clause.helper && clause.helper->verb == "aller" && clause.verb.infinitive == "aller") clause.helper = nullptr;
    clause.clitics = {"y", "there"};
    if (draw.chance(25)) clause.negation = &draw.negation();
    clause.tail = draw.chance(50) ? draw.time(clause.past) : Text();
    return draw.sentence(clause);
}

constexpr Construction kConstructions[] = {
    {4, clitic_direct},
    {3, clitic_indirect},
    {2, clitic_double},
    {1, clitic_there},
};

} // namespace

std::span<const Construction> clitic_constructions() { return kConstructions; }

} // namespace nmt::phrasebook
