// How Draw draws noun phrases: a noun, a determiner that suits it, and adjectives on their side of the noun.
#include "nmt/phrasebook/draw.hpp"

#include "nmt/phrasebook/inflection.hpp"
#include "nmt/phrasebook/spelling.hpp"

#include <algorithm>
#include <vector>

namespace nmt::phrasebook {

using std::string;

namespace {

bool has_adjective(Kinds kinds, Position position, bool classifies) {
    return std::ranges::any_of(adjectives(), [&](const Adjective& row) {
        return row.position == position && (row.kinds & kinds) != 0 && (!classifies || row.classifies);
    });
}

constexpr Determiner kNoArticle = {"le", "la", "les", "", "the"};

} // namespace

const Adjective& Draw::adjective(Kinds kinds, Position position) {
    return pick_where(adjectives(), [&](const Adjective& row) { return row.position == position && (row.kinds & kinds) != 0; });
}

NounPhrase Draw::noun_phrase(const Noun& noun, bool plural, const Determiner& determiner, Style style) {
    const bool feminine = noun.gender == Gender::feminine;
    const bool after = style == Style::distinct;
    const bool classified =
        after && has_adjective(noun.kinds, Position::after, true) && has_adjective(noun.kinds, Position::before, false) && chance(35);

    string french_noun(plural ? noun.plural : noun.singular);
    string english_noun(plural ? noun.english_plural : noun.english);
    string french_determiner(plural ? determiner.plural : feminine ? determiner.feminine : determiner.masculine);
    if (after) {
        const Adjective& row = pick_where(adjectives(), [&](const Adjective& candidate) {
            return candidate.position == Position::after && (candidate.kinds & noun.kinds) != 0 && (!classified || candidate.classifies);
        });
        french_noun = join({french_noun, adjective_form(row, noun.gender, plural)});
        english_noun = join({row.english, english_noun});
    }
    if (classified) {
        const Adjective& row = adjective(noun.kinds, Position::before);
        const std::vector<string> forms = split(row.forms);
        const bool vowel_form = forms.size() > 4 && !feminine && !plural && starts_with_vowel_sound(french_noun);
        french_noun = join({vowel_form ? forms[4] : adjective_form(row, noun.gender, plural), french_noun});
        english_noun = join({row.english, english_noun});
        if (french_determiner == "des") french_determiner = "de"; // "de petits chats"
    }
    NounPhrase result;
    result.text = Text(french_determiner, plural ? determiner.english_plural : determiner.english) + Text(french_noun, english_noun);
    result.person = plural ? kThirdPlural : kThird;
    result.gender = noun.gender;
    result.kinds = noun.kinds;
    result.described = after;
    return result;
}

NounPhrase Draw::noun_phrase(Kinds kinds, Style style) {
    const Noun& noun = pick_where(nouns(), [&](const Noun& row) {
        return (row.kinds & kinds) != 0 && (style != Style::distinct || has_adjective(row.kinds, Position::after, false));
    });
    if (noun.english_plural == "-") return noun_phrase(noun, false, kNoArticle, style);
    if (noun.plural.empty() || (noun.kinds & kIdea)) {
        const bool some = style != Style::definite && style != Style::specific && (noun.kinds & (kFood | kDrink)) && chance(50);
        return noun_phrase(noun, false, some ? kSome : kThe, style);
    }
    const bool plural = chance(noun.kinds & kPlace ? 15 : 33);
    if (plural && style != Style::definite && style != Style::specific && chance(20)) {
        const Pair& number = pick(numbers());
        return noun_phrase(noun, true, {"", "", number.french, "", number.english}, style);
    }
    constexpr Kinds kOwned = kFamily | kThing | kText | kBody | kDoor;
    const Determiner& determiner = pick_where(determiners(), [&](const Determiner& row) {
        if (row.possessive) return style != Style::specific && (noun.kinds & kOwned) != 0;
        return style == Style::plain || style == Style::distinct || row.masculine != "un";
    });
    return noun_phrase(noun, plural, determiner, style);
}

NounPhrase Draw::singular(Kinds kinds, bool indefinite) {
    const Noun& noun = pick_where(nouns(), [&](const Noun& row) { return (row.kinds & kinds) != 0; });
    return noun_phrase(noun, false, indefinite ? kA : kThe, Style::definite);
}

NounPhrase Draw::pronoun() {
    static constexpr Pair kPronouns[] = {{"je", "I"},     {"tu", "you"},   {"il", "he"},    {"nous", "we"},
                                         {"vous", "you"}, {"ils", "they"}, {"elle", "she"}, {"elles", "they"}};
    static constexpr int kDraws[] = {0, 0, 0, 0, 1, 1, 2, 2, 2, 6, 6, 6, 3, 3, 4, 4, 4, 5, 7};
    const int row = pick(kDraws);
    const int person = row == 6 ? kThird : row == 7 ? kThirdPlural : row;
    return {Text(kPronouns[row]), person, row >= 6 ? Gender::feminine : Gender::masculine, kHuman, true};
}

NounPhrase Draw::name() {
    const Name& row = pick(names());
    return {Text(row.name, row.name), kThird, row.gender, kHuman, false};
}

NounPhrase Draw::person() { return chance(30) ? name() : noun_phrase(kHuman); }

NounPhrase Draw::subject(Kinds kinds) {
    if ((kinds & kHuman) == 0) return noun_phrase(kinds);
    return chance(50) ? pronoun() : chance(20) ? name() : noun_phrase(kinds);
}

} // namespace nmt::phrasebook
