// Idioms, which cannot be translated word by word, in the middle of common sentences.
#include "nmt/phrasebook/constructions.hpp"

#include "nmt/phrasebook/inflection.hpp"
#include "nmt/phrasebook/object_pronouns.hpp"

#include <algorithm>
#include <array>

namespace nmt::phrasebook {

namespace {

using std::string;
using std::string_view;

// Fills the placeholders of a row of the table for one subject.
Clause verb_idiom(Draw& draw, const NounPhrase& who, const VerbIdiom& row) {
    Clause clause{who, verb(row.verb)};
    const std::size_t blank = row.english.find(' ');
    clause.verb.english = row.english.substr(0, blank);
    clause.verb.particle = {};
    string french(row.french), english(blank == string_view::npos ? "" : row.english.substr(blank + 1));

    const Determiner& owner = possessives()[static_cast<std::size_t>(who.person)];
    const bool her = who.person == kThird && who.gender == Gender::feminine;
    french = replaced(replaced(replaced(french, "{son}", owner.masculine), "{sa}", owner.feminine), "{ses}", owner.plural);
    english = replaced(english, "{his}", her ? "her" : owner.english);
    if (french.find("{à}") != string::npos && draw.chance(40)) { // "il me pose une question"
        const Text whom = indirect_pronoun(draw, who.person);
        clause.clitics.french = whom.french;
        french = french == "{à}" ? "" : replaced(french, " {à}", "");
        english = replaced(english, "{him}", whom.english);
    } else if (french.find('{') != string::npos) {
        const NounPhrase object = row.objects == kHuman ? draw.person() : draw.noun_phrase(row.objects, Style::definite);
        french = replaced(french, "{à}", with_preposition("à", object.text.french));
        french = replaced(french, "{de}", with_preposition("de", object.text.french));
        english = replaced(replaced(english, "{him}", object.text.english), "{it}", object.text.english);
    }
    clause.object = {french, english};
    return clause;
}

bool starts_with_indefinite(string_view french) {
    static constexpr string_view kStarts[] = {"un ", "une ", "des ", "du ", "de la "};
    return std::ranges::any_of(kStarts, [&](string_view start) { return french.starts_with(start); });
}

// A clause with an idiom that can stand alone or after "parce que".
Text idiom_remark(Draw& draw) {
    if (draw.chance(20)) return draw.pick(clause_idioms());
    const VerbIdiom& row = draw.pick(verb_idioms());
    return say(verb_idiom(draw, draw.subject(row.subjects), row));
}

Text idiom_verb(Draw& draw) {
    const VerbIdiom& row = draw.pick(verb_idioms());
    Clause clause = verb_idiom(draw, draw.subject(row.subjects), row);
    if (clause.subject.human() && draw.chance(15)) clause.helper = &draw.pick(plain_helpers());
    else if (draw.chance(12) && !starts_with_indefinite(row.french)) clause.negation = &draw.negation();
    else if (draw.chance(10)) clause.mood = Mood::est_ce_que;
    if (clause.mood != Mood::statement) return draw.sentence(say(clause), "?");
    if (draw.chance(30) && !row.french.ends_with("ans")) clause.tail = draw.chance(60) ? Text(draw.pick(settings())) : draw.time(false);
    return draw.sentence(clause);
}

// "Il pleut des cordes .", "Paul dit qu' il fait froid .", "Nous restons ici parce qu' il fait nuit ."
Text idiom_clause(Draw& draw) {
    const Text idiom = draw.pick(clause_idioms());
    if (draw.chance(15)) return draw.sentence(Text(draw.pick(opening_idioms())) + Text(",", ",") + idiom);
    if (draw.chance(20)) return draw.sentence(idiom + Text(draw.pick(settings())));
    if (draw.chance(20)) return draw.sentence(idiom);
    if (draw.chance(30)) {
        Clause clause{draw.subject(kHuman), verb("dire")};
        return draw.sentence(say(clause) + Text("que", "that") + idiom_remark(draw));
    }
    Clause clause = draw.predicate_clause(draw.subject(kHuman));
    clause.tail = {};
    clause.past = false;
    return draw.sentence(say(clause) + Text("parce que", "because") + idiom_remark(draw));
}

// "Je vous en prie , madame .", "À table , dit la reine ."
Text idiom_reply(Draw& draw) {
    const Text reply = draw.pick(reply_idioms()), comma(",", ",");
    Text text = draw.chance(25) ? Text("oh ,", "oh ,") + reply : reply;
    if (draw.chance(45)) text = text + comma + Text(draw.pick(vocatives()));
    else if (draw.chance(80)) {
        const NounPhrase who = draw.person();
        const bool says = draw.chance(65);
        const Verb& speech = verb(says ? "dire" : "répondre");
        text.french = join({text.french, ",", french_present(speech, who.person), who.text.french});
        text.english = join({text.english, ",", english_present(says ? "say" : "answer", who.person), who.text.english});
    }
    return {join({text.french, "."}), join({text.english, "."})};
}

// "Il part tout de suite .", "Bien sûr , je danse ."
Text idiom_adverb(Draw& draw) {
    if (draw.chance(35)) {
        Clause clause = draw.predicate_clause(draw.subject(kAnimate));
        clause.tail = {};
        return draw.sentence(Text(draw.pick(opening_idioms())) + Text(",", ",") + say(clause));
    }
    static constexpr string_view kHome[] = {"rester", "travailler", "jouer", "dormir", "chanter"};
    Clause clause = draw.intransitive_clause(draw.subject(kHuman));
    clause.past = false;
    clause.tail = draw.pick(adverb_idioms());
    if (clause.tail.english == "at home") clause.verb = verb(draw.pick(kHome));
    else if (clause.tail.english == "right away" && clause.verb.infinitive == "rester") clause.verb = verb("partir");
    return draw.sentence(clause);
}

// "Elle vient de partir .", "Elle est en train de lire une lettre ."
Text idiom_aspect(Draw& draw) {
    static constexpr string_view kActions[] = {"manger",   "boire", "lire",    "écrire", "ouvrir",  "fermer",   "laver",  "couper",
                                               "chercher", "aider", "acheter", "vendre", "appeler", "dessiner", "inviter"};
    Clause clause{draw.subject(kHuman), verb("partir")};
    clause.helper = draw.chance(50) ? &just_done() : &in_progress();
    if (draw.chance(50)) {
        clause.verb = draw.pick_where(intransitive_verbs(), [](const Verb& row) { return row.infinitive != "rester"; });
    } else {
        clause.verb = verb(draw.pick(kActions));
        if (draw.chance(30)) add_direct_pronoun(draw, clause);
        else clause.object = draw.noun_phrase(clause.verb.objects, Style::definite).text;
    }
    if (draw.chance(20)) clause.tail = draw.place();
    return draw.sentence(clause);
}

// "Il y a un chat dans le jardin ."
Text idiom_there_is(Draw& draw) {
    const Noun& noun =
        draw.pick_where(nouns(), [](const Noun& row) { return (row.kinds & (kHuman | kAnimal | kThing | kText | kFood | kDrink)) != 0; });
    const bool mass = noun.plural.empty(), none = draw.chance(25), plural = !mass && draw.chance(50);
    const string_view number = plural && draw.chance(50) ? "" : "some";
    const Pair& count = draw.pick(numbers());
    const Determiner determiner = none             ? Determiner{"de", "de", "de", "no", "no"}
                                  : mass           ? kSome
                                  : number.empty() ? Determiner{"", "", count.french, "", count.english}
                                                   : kA;
    const NounPhrase what = draw.noun_phrase(noun, none ? !mass : plural, determiner, Style::definite);
    Text text(none ? "il ne y a pas" : "il y a", what.plural() ? "there are" : "there is");
    text = text + what.text + (draw.chance(60) ? draw.place() : Text(draw.pick(settings())));
    return draw.sentence(text);
}

// "Tu me manques ." is "I miss you .": subject and object change places.
Text idiom_missing(Draw& draw) {
    static constexpr Pair kMissing[] = {{"me", "I"}, {"te", "you"}, {"lui", "he"}, {"nous", "we"}, {"vous", "you"}, {"leur", "they"}};
    static constexpr string_view kObjects[2][6] = {{"me", "you", "him", "us", "you", "them"}, {"me", "you", "her", "us", "you", "them"}};
    const NounPhrase missed = draw.chance(50) ? draw.pronoun() : draw.person();
    Clause french{missed, verb("manquer")};
    Clause english = french;
    english.object.english =
        missed.pronoun ? kObjects[missed.gender == Gender::feminine ? 1 : 0][missed.person] : string_view(missed.text.english);
    if (draw.chance(20) && !missed.pronoun) {
        const NounPhrase who = draw.person();
        french.object.french = with_preposition("à", who.text.french);
        english.subject = who;
    } else {
        const int person =
            draw.pick_where(std::array{0, 1, 2, 3, 4, 5}, [&](int candidate) { return !same_speaker(candidate, missed.person); });
        french.clitics.french = kMissing[person].french;
        english.subject = {Text("", kMissing[person].english), person, Gender::masculine, kHuman, true};
    }
    if (draw.chance(20)) french.helper = english.helper = &plain_helpers().back(); // "tu vas me manquer"
    else if (draw.chance(20)) french.negation = english.negation = &draw.negation();
    const Text when = draw.chance(40) ? Text(draw.pick(settings())) : Text();
    return draw.sentence(Text(french_clause(french), english_clause(english)) + when);
}

// "Elle s' appelle Marie .": "Her name is Marie ."
Text idiom_name(Draw& draw) {
    struct Row {
        Text text;
        bool any;
        Gender gender;
    };
    static const Row kRows[] = {
        {{"je m' appelle", "my name is"}, true, {}},
        {{"tu t' appelles", "your name is"}, true, {}},
        {{"vous vous appelez", "your name is"}, true, {}},
        {{"il s' appelle", "his name is"}, false, Gender::masculine},
        {{"elle s' appelle", "her name is"}, false, Gender::feminine},
    };
    Row row = draw.pick(kRows);
    if (draw.chance(60)) {
        const NounPhrase owner = draw.singular(kAnimate, false);
        row = {Text(owner.text.french + " s' appelle", owner.text.english + " 's name is"), false, owner.gender};
    }
    const Name& called = draw.pick_where(names(), [&](const Name& candidate) { return row.any || candidate.gender == row.gender; });
    return draw.sentence(row.text + Text(called.name, called.name));
}

Text idiom_everyone(Draw& draw) {
    const NounPhrase everyone = {Text("tout le monde", "everyone"), kThird, Gender::masculine, kHuman, false};
    return draw.sentence(say(draw.predicate_clause(everyone)));
}

Text idiom_potatoes(Draw& draw) {
    static constexpr string_view kVerbs[] = {"manger", "acheter", "vendre", "couper", "aimer"};
    Clause clause{draw.subject(kHuman), verb(draw.pick(kVerbs))};
    draw.tense(clause);
    clause.object = draw.pick(object_idioms());
    if (draw.chance(60)) clause.tail = draw.tail(clause);
    return draw.sentence(clause);
}

constexpr Construction kConstructions[] = {
    {30, idiom_verb},    {10, idiom_clause}, {12, idiom_reply}, {6, idiom_adverb},   {9, idiom_aspect},
    {6, idiom_there_is}, {6, idiom_missing}, {2, idiom_name},   {4, idiom_everyone}, {3, idiom_potatoes},
};

} // namespace

std::span<const Construction> idiom_constructions() { return kConstructions; }

} // namespace nmt::phrasebook
