// How Draw draws verbs, adverbials and clauses, and ends a sentence.
#include "nmt/phrasebook/draw.hpp"

#include "nmt/phrasebook/inflection.hpp"

#include <algorithm>

namespace nmt::phrasebook {

using std::string;
using std::string_view;

const Verb& Draw::intransitive(Kinds subjects) {
    return pick_where(intransitive_verbs(), [&](const Verb& row) { return (row.subjects & subjects) == subjects; });
}

const Verb& Draw::transitive(Kinds subjects) {
    return pick_where(verbs(), [&](const Verb& row) { return row.objects != 0 && (row.subjects & subjects) == subjects; });
}

Text Draw::place() {
    const Pair& preposition = pick(place_prepositions());
    const NounPhrase where = singular(kPlace, false);
    return {with_preposition(preposition.french, where.text.french), join({preposition.english, where.text.english})};
}

Text Draw::time(bool past) { return past ? pick(past_times()) : pick(times()); }

// Verbs of motion take a time only: "partir en Italie" is to leave for Italy.
Text Draw::tail(const Clause& clause) {
    if (chance(35)) return {};
    if (clause.verb.with_etre || chance(25)) return time(clause.past);
    return chance(65) ? Text(pick(settings())) : place();
}

Text Draw::manner_or_tail(const Clause& clause) {
    const bool simple = !clause.past && !clause.helper; // "il a bien dormi" would be another order
    if (chance(30))
        for (int attempt = 0; attempt < 30; ++attempt)
            if (const PrepositionalVerb& row = pick(manners());
                row.verb == clause.verb.infinitive && (simple || row.french.find(' ') != string_view::npos))
                return {row.french, row.english};
    return tail(clause);
}

void Draw::tense(Clause& clause) {
    static constexpr string_view kPresentOnly[] = {"passer", "venir", "aller"}; // their participles would be too rare to learn
    clause.past = chance(20) && std::ranges::find(kPresentOnly, clause.verb.infinitive) == std::end(kPresentOnly);
    if (!clause.past && clause.subject.human() && chance(22)) clause.helper = &pick(plain_helpers());
}

Clause Draw::intransitive_clause(const NounPhrase& subject) {
    Clause clause{subject, intransitive(subject.human() ? kHuman : kAnimal)};
    tense(clause);
    clause.tail = manner_or_tail(clause);
    return clause;
}

Clause Draw::transitive_clause(const NounPhrase& subject, Style object_style) {
    Clause clause{subject, transitive(subject.human() ? kHuman : kAnimal)};
    tense(clause);
    clause.object = noun_phrase(clause.verb.objects, object_style).text;
    return clause;
}

Clause Draw::adjective_clause(const NounPhrase& subject, std::optional<Position> position) {
    Clause clause{subject, verb("être")};
    const Adjective& row = pick_where(adjectives(), [&](const Adjective& candidate) {
        if (position && (candidate.position != *position || candidate.classifies)) return false;
        if (subject.described && (candidate.classifies || subject.text.english.find(candidate.english) != string::npos)) return false;
        return (candidate.kinds & subject.kinds) != 0;
    });
    const bool polite_you = subject.person == kSecondPlural;
    clause.object = {adjective_form(row, subject.gender, subject.plural() && !polite_you), row.english};
    return clause;
}

Clause Draw::predicate_clause(const NounPhrase& subject) {
    const bool animate = (subject.kinds & kAnimate) != 0;
    if (!animate || chance(35)) return adjective_clause(subject);
    return chance(65) ? intransitive_clause(subject) : transitive_clause(subject, Style::definite);
}

const Negation& Draw::negation() { return pick(negations().first(3)); } // they begin the table

// A short clause that may follow another: ", mais il dort".
Text Draw::second_clause(bool past) {
    constexpr std::size_t kTimelessConjunctions = 3; // "et", "mais" and "parce que" begin the table
    NounPhrase who = chance(75) ? pronoun() : person();
    const bool state = !past && chance(20);
    const Pair& link = past || state ? pick(conjunctions().first(kTimelessConjunctions)) : pick(conjunctions());
    Clause clause{who, intransitive(kHuman)};
    clause.past = past;
    if (!past && chance(35)) clause = transitive_clause(who, Style::definite);
    if (state) clause = adjective_clause(who, Position::after);
    if (!past) clause.past = false;
    return Text(link) + say(clause);
}

Text Draw::sentence(Text text, string_view end) {
    if (end == "." && chance(14)) text = text + second_clause(false);
    return {join({text.french, end}), join({text.english, end})};
}

Text Draw::sentence(const Clause& clause) {
    Text text = say(clause);
    if (chance(14)) text = text + second_clause(clause.past);
    return text + Text(".", ".");
}

} // namespace nmt::phrasebook
