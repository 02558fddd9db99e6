// Forms of verbs and adjectives, and the contractions of French prepositions.
#include "nmt/phrasebook/inflection.hpp"

#include "nmt/base/error.hpp"
#include "nmt/phrasebook/bilingual_text.hpp"

#include <algorithm>

namespace nmt::phrasebook {

using std::string;
using std::string_view;

const Verb& verb(string_view infinitive) {
    for (const Verb& entry : verbs())
        if (entry.infinitive == infinitive) return entry;
    fail("the phrasebook's verb table has no '{}'; add a row to it", infinitive);
}

std::span<const Verb> intransitive_verbs() {
    constexpr std::size_t kIntransitives = 14; // the verb table begins with them
    return verbs().first(kIntransitives);
}

string french_present(const Verb& verb, int person) { return split(verb.present)[static_cast<std::size_t>(person)]; }

string agreeing_participle(const Verb& verb, Gender gender, bool plural) {
    string form(verb.participle);
    if (gender == Gender::feminine) form += 'e';
    if (plural && !form.ends_with("s")) form += 's';
    return form;
}

string adjective_form(const Adjective& adjective, Gender gender, bool plural) {
    return split(adjective.forms)[(gender == Gender::feminine ? 1 : 0) + (plural ? 2 : 0)];
}

string english_present(const string& base, int person) {
    const std::size_t end = std::min(base.find(' '), base.size());
    string word = base.substr(0, end);
    if (word == "be") word = person == 0 ? "am" : person == kThird ? "is" : "are";
    else if (person != kThird || word == "can" || word == "must") {
    } else if (word == "have") word = "has";
    else if (word.ends_with("y") && string_view("aeou").find(word[word.size() - 2]) == string_view::npos)
        word.replace(word.size() - 1, 1, "ies");
    else if (word.ends_with("s") || word.ends_with("sh") || word.ends_with("ch") || word.ends_with("o")) word += "es";
    else word += "s";
    return word + base.substr(end);
}

string with_preposition(string_view preposition, const string& noun_phrase) {
    struct Contraction {
        string_view preposition, article, contracted;
    };
    static constexpr Contraction kContractions[] = {
        {"de", "le ", "du"}, {"de", "les ", "des"}, {"de", "des ", "de"}, {"à", "le ", "au"}, {"à", "les ", "aux"}};
    for (const Contraction& row : kContractions)
        if (preposition.ends_with(row.preposition) && noun_phrase.starts_with(row.article))
            return string(preposition.substr(0, preposition.size() - row.preposition.size())) +
                   join({row.contracted, noun_phrase.substr(row.article.size())});
    return join({preposition, noun_phrase});
}

} // namespace nmt::phrasebook
