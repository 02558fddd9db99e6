// The grammar of the phrasebook, from words to sentences: text, noun phrases, clauses, then one function for each construction and the
// table kConstructions that names its phenomenon. French and English are built side by side, with all choices drawn once for both.
#include "nmt/experiments/phrasebook.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/random.hpp"
#include "nmt/experiments/phrasebook_lexicon.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace nmt {

namespace {

using namespace lexicon;
using std::string;
using std::string_view;

// ---- Strings ---------------------------------------------------------------------------------------------------------------------

std::vector<string> split(string_view text) {
    std::vector<string> words;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        if (end > begin) words.emplace_back(text.substr(begin, end - begin));
        begin = end + 1;
    }
    return words;
}

// The parts that are not empty, with one blank between them.
string join(std::initializer_list<string_view> parts) {
    string text;
    for (const string_view part : parts) {
        if (!text.empty() && !part.empty()) text += ' ';
        text += part;
    }
    return text;
}

string replaced(string text, string_view from, string_view to) {
    const std::size_t at = text.find(from);
    return at == string::npos ? text : text.replace(at, from.size(), to);
}

// The same text in both languages.
struct Text {
    string french, english;

    Text() = default;
    Text(string_view french_text, string_view english_text) : french(french_text), english(english_text) {}
    Text(const Pair& pair) : Text(pair.french, pair.english) {}
};

Text operator+(const Text& a, const Text& b) { return {join({a.french, b.french}), join({a.english, b.english})}; }

// ---- Spelling: what depends on the next word ---------------------------------------------------------------------------------------

bool starts_with_vowel_sound(string_view word) {
    if (word.starts_with("honte")) return false; // the h that forbids elision
    static constexpr string_view kStarts[] = {"a", "e", "i", "o", "u", "y", "h", "A", "E", "I",
                                              "O", "U", "é", "ê", "è", "â", "œ", "î", "ô"};
    return std::ranges::any_of(kStarts, [&](string_view start) { return word.starts_with(start); });
}

// Forms that change before a vowel sound: "je ai" is written "j' ai", "ma amie" "mon amie", "du eau" "de l' eau".
constexpr Pair kBeforeVowel[] = {
    {"je", "j'"},   {"me", "m'"},  {"te", "t'"},  {"le", "l'"},  {"la", "l'"},  {"ne", "n'"},    {"de", "d'"},
    {"que", "qu'"}, {"ma", "mon"}, {"ta", "ton"}, {"sa", "son"}, {"ce", "cet"}, {"du", "de l'"}, {"au", "à l'"},
};

string french_spelling(string_view text) {
    std::vector<string> words = split(text);
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        if (words[i] == "si" && (words[i + 1] == "il" || words[i + 1] == "ils")) words[i] = "s'";
        if (!starts_with_vowel_sound(words[i + 1])) continue;
        for (const Pair& pair : kBeforeVowel)
            if (words[i] == pair.french) {
                words[i] = pair.english;
                break;
            }
    }
    string result;
    for (const string& word : words) result = join({result, word});
    return result;
}

string english_spelling(string_view text) {
    const std::vector<string> words = split(text);
    string result;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const string_view next = i + 1 < words.size() ? string_view(words[i + 1]) : "";
        const bool vowel = !next.empty() && string_view("aeiouAEIOU").find(next[0]) != string_view::npos && !next.starts_with("useful");
        if (words[i] == "a" && (vowel || next.starts_with("hour"))) result = join({result, "an"});
        else if (words[i] == "can" && next == "not") result = join({result, "cannot"}), ++i;
        else result = join({result, words[i]});
    }
    return result;
}

string capitalized(string text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    if (byte(0) < 0x80) text[0] = static_cast<char>(text[0] >= 'a' && text[0] <= 'z' ? text[0] - 32 : text[0]);
    else if (byte(0) == 0xc3 && byte(1) >= 0xa0) text[1] = static_cast<char>(byte(1) - 0x20); // é to É, and so on
    else if (byte(0) == 0xc5 && byte(1) == 0x93) text[1] = static_cast<char>(0x92);           // œ to Œ
    return text;
}

// ---- Words and their forms ---------------------------------------------------------------------------------------------------------

constexpr int kFirstPlural = 3, kSecondPlural = 4, kThird = 2, kThirdPlural = 5; // persons count je tu il nous vous ils from 0

// A subject or object, with what other words agree with.
struct NounPhrase {
    Text text;
    int person = kThird;
    Gender gender = Gender::masculine;
    Kinds kinds = kHuman;
    bool pronoun = false;
    bool described = false; // by an adjective

    bool human() const { return (kinds & kHuman) != 0; }
    bool plural() const { return person >= kFirstPlural; }
};

const Verb& verb(string_view infinitive) {
    for (const Verb& entry : verbs())
        if (entry.infinitive == infinitive) return entry;
    fail("the phrasebook's verb table has no '{}'; add a row to it", infinitive);
}

string french_present(const Verb& verb, int person) { return split(verb.present)[static_cast<std::size_t>(person)]; }

// The participle after être and after a preceding object: "partie", "vues".
string agreeing_participle(const Verb& verb, Gender gender, bool plural) {
    string form(verb.participle);
    if (gender == Gender::feminine) form += 'e';
    if (plural && !form.ends_with("s")) form += 's';
    return form;
}

string adjective_form(const Adjective& adjective, Gender gender, bool plural) {
    return split(adjective.forms)[(gender == Gender::feminine ? 1 : 0) + (plural ? 2 : 0)];
}

// The present tense of an English base form: "be" is "am", "go mad" is "goes mad".
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

bool is_english_auxiliary(string_view base) { return base == "be" || base == "can" || base == "must"; }

// A preposition before a noun phrase: "de le chat" is "du chat", "à les chats" "aux chats". Before a vowel french_spelling undoes it.
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

// ---- Clauses -----------------------------------------------------------------------------------------------------------------------

enum class Mood { statement, est_ce_que, inversion };

// All that a sentence with one verb needs; say() puts it in order in both languages.
struct Clause {
    NounPhrase subject;
    Verb verb;
    const Helper* helper = nullptr; // "peut dormir"
    bool past = false;              // "a dormi"; not together with a helper
    const Negation* negation = nullptr;
    Mood mood = Mood::statement;
    Text front = {};                          // question word
    Text clitics = {};                        // before the verb in French, after it in English
    Gender object_gender = Gender::masculine; // of the preceding object, for the participle
    bool object_plural = false;
    Text object = {}, tail = {};
};

// "rien", "personne"
bool replaces_object(const Negation* negation) { return negation && !negation->object.english.empty(); }

string french_clause(const Clause& clause) {
    const NounPhrase& subject = clause.subject;
    const Verb& main = clause.verb;
    const Verb& finite = clause.helper ? verb(clause.helper->verb) : clause.past ? verb(main.with_etre ? "être" : "avoir") : main;
    string conjugated = french_present(finite, subject.person);
    string rest, before_finite = clause.clitics.french;
    if (clause.helper) {
        rest = join({clause.helper->french_link, clause.clitics.french, main.infinitive});
        before_finite.clear();
    } else if (clause.past) {
        rest = main.with_etre ? agreeing_participle(main, subject.gender, subject.plural() && subject.person != kSecondPlural)
                              : agreeing_participle(main, clause.object_gender, clause.object_plural);
    }
    string opening = subject.text.french;
    if (clause.mood == Mood::est_ce_que) opening = join({"est-ce que", opening});
    if (clause.mood == Mood::inversion) {
        static constexpr string_view kPronouns[2][6] = {{"", "-tu", "-il", "-nous", "-vous", "-ils"},
                                                        {"", "-tu", "-elle", "-nous", "-vous", "-elles"}};
        string pronoun(kPronouns[subject.gender == Gender::feminine ? 1 : 0][subject.person]);
        if (subject.person == kThird && (conjugated.ends_with("a") || conjugated.ends_with("e"))) pronoun = "-t" + pronoun;
        conjugated = join({conjugated, pronoun});
        if (subject.pronoun) opening.clear();
    }
    const Negation* negation = clause.negation;
    const string_view object = replaces_object(negation) ? negation->object.french : string_view(clause.object.french);
    return join({clause.front.french, opening, negation ? "ne" : "", before_finite, conjugated, negation ? negation->french : "", rest,
                 object, clause.tail.french});
}

string english_clause(const Clause& clause) {
    const std::vector<string> forms = split(clause.verb.english); // base, past, participle, -ing
    const int person = clause.subject.person;
    const Negation* negation = clause.negation;
    const bool question = clause.mood != Mood::statement;
    string base = forms[0], auxiliary, main;
    string tail_of_main(clause.verb.particle);
    if (clause.helper) {
        base = clause.helper->english;
        tail_of_main = join({clause.helper->english_link, forms[static_cast<std::size_t>(clause.helper->main_form)], clause.verb.particle});
    }
    const bool is_auxiliary = is_english_auxiliary(base) || (clause.helper && base == "have");
    if (is_auxiliary) auxiliary = english_present(base, person);
    else if (question || (negation && negation->english_adverb == "not")) {
        auxiliary = clause.past ? "did" : english_present("do", person);
        main = base;
    } else main = clause.past ? forms[1] : english_present(base, person);
    main = join({main, tail_of_main});
    const string_view adverb = negation ? negation->english_adverb : "";
    const string_view object = replaces_object(negation) ? negation->object.english : string_view(clause.object.english);
    const string& subject = clause.subject.text.english;
    return join({clause.front.english, question ? auxiliary : subject, question ? subject : auxiliary, adverb, main, clause.clitics.english,
                 object, clause.tail.english});
}

Text say(const Clause& clause) { return {french_clause(clause), english_clause(clause)}; }

// ---- The grammar -------------------------------------------------------------------------------------------------------------------

enum class Style {
    plain,
    definite,
    specific,
    distinct
}; // definite: "le, ce, mon"; specific: "le, ce"; distinct: with an adjective that changes the word order

// Draws phrases. One member function for each construction; each call draws another sentence.
class Grammar {
  public:
    explicit Grammar(Random& random) : random_(random) {}

    Text plain_statement();
    Text plain_transitive();
    Text plain_prepositional();
    Text plain_giving();
    Text plain_predicate();
    Text plain_idea();
    Text plain_small();
    Text plain_saying();
    Text plain_prayer();
    Text adjective_object();
    Text adjective_subject();
    Text adjective_preposition();
    Text clitic_direct();
    Text clitic_indirect();
    Text clitic_double();
    Text clitic_there();
    Text negated_intransitive();
    Text negated_transitive();
    Text negated_any();
    Text negated_predicate();
    Text negated_subject();
    Text agreement_genitive();
    Text agreement_place();
    Text agreement_relative();
    Text agreement_possessive();
    Text agreement_pronoun();
    Text question_closed();
    Text question_where();
    Text question_what();
    Text question_who();
    Text question_how_many();
    Text relative_subject();
    Text relative_object();
    Text relative_inverted();
    Text relative_dont();
    Text relative_where();
    Text idiom_verb();
    Text idiom_clause();
    Text idiom_reply();
    Text idiom_adverb();
    Text idiom_aspect();
    Text idiom_there_is();
    Text idiom_missing();
    Text idiom_name();
    Text idiom_everyone();
    Text idiom_potatoes();

  private:
    bool chance(int percent) { return random_.below(100) < static_cast<std::uint64_t>(percent); }
    template <typename Range>
    const auto& pick(const Range& range) {
        return range[random_.below(std::size(range))];
    }
    template <typename Range, typename Predicate>
    const auto& pick_where(const Range& range, Predicate wanted) {
        for (int attempt = 0; attempt < 10000; ++attempt)
            if (const auto& row = pick(range); wanted(row)) return row;
        fail("the phrasebook's lexicon has no entry of the kind that a construction asks for; add a row to the table");
    }

    const Adjective& adjective(Kinds kinds, Position position);
    NounPhrase noun_phrase(Kinds kinds, Style style = Style::plain);
    NounPhrase noun_phrase(const Noun& noun, bool plural, const Determiner& determiner, Style style);
    NounPhrase singular(Kinds kinds, bool indefinite);
    NounPhrase pronoun();
    NounPhrase name();
    NounPhrase subject(Kinds kinds);
    NounPhrase person();
    const Verb& intransitive(Kinds subjects);
    const Verb& transitive(Kinds subjects);
    Text place();
    Text time(bool past);
    Text tail(const Clause& clause);
    Text manner_or_tail(const Clause& clause);
    void draw_tense(Clause& clause);
    Clause intransitive_clause(const NounPhrase& subject);
    Clause transitive_clause(const NounPhrase& subject, Style style);
    Clause adjective_clause(const NounPhrase& subject, std::optional<Position> position = {});
    Clause predicate_clause(const NounPhrase& subject);
    Text second_clause(bool past);
    Text finished(Text text, string_view end = ".");
    Text finished(const Clause& clause);
    void add_direct_pronoun(Clause& clause);
    Text indirect_pronoun(int subject_person);
    NounPhrase possession_of(const NounPhrase& owner, Kinds kinds);
    Text relative_clause(const NounPhrase& head);
    Clause verb_idiom(const NounPhrase& who, const VerbIdiom& row);
    void make_question(Clause& clause);
    NounPhrase you();
    Text around(NounPhrase head, const Text& relative);
    Text idiom_remark();

    Random& random_;
};

// -- noun phrases

const Adjective& Grammar::adjective(Kinds kinds, Position position) {
    return pick_where(adjectives(), [&](const Adjective& row) { return row.position == position && (row.kinds & kinds) != 0; });
}

bool has_adjective(Kinds kinds, Position position, bool classifies) {
    return std::ranges::any_of(adjectives(), [&](const Adjective& row) {
        return row.position == position && (row.kinds & kinds) != 0 && (!classifies || row.classifies);
    });
}

NounPhrase Grammar::noun_phrase(const Noun& noun, bool plural, const Determiner& determiner, Style style) {
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

constexpr Determiner kThe = {"le", "la", "les", "the", "the"};
constexpr Determiner kA = {"un", "une", "des", "a", "some"};
constexpr Determiner kNoArticle = {"le", "la", "les", "", "the"};
constexpr Determiner kSome = {"du", "de la", "", "some", ""};

NounPhrase Grammar::noun_phrase(Kinds kinds, Style style) {
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

NounPhrase Grammar::singular(Kinds kinds, bool indefinite) {
    const Noun& noun = pick_where(nouns(), [&](const Noun& row) { return (row.kinds & kinds) != 0; });
    return noun_phrase(noun, false, indefinite ? kA : kThe, Style::definite);
}

NounPhrase Grammar::pronoun() {
    static constexpr Pair kPronouns[] = {{"je", "I"},     {"tu", "you"},   {"il", "he"},    {"nous", "we"},
                                         {"vous", "you"}, {"ils", "they"}, {"elle", "she"}, {"elles", "they"}};
    static constexpr int kDraws[] = {0, 0, 0, 0, 1, 1, 2, 2, 2, 6, 6, 6, 3, 3, 4, 4, 4, 5, 7};
    const int row = pick(kDraws);
    const int person = row == 6 ? kThird : row == 7 ? kThirdPlural : row;
    return {Text(kPronouns[row]), person, row >= 6 ? Gender::feminine : Gender::masculine, kHuman, true};
}

NounPhrase Grammar::name() {
    const Name& row = pick(names());
    return {Text(row.name, row.name), kThird, row.gender, kHuman, false};
}

NounPhrase Grammar::person() { return chance(30) ? name() : noun_phrase(kHuman); }

NounPhrase Grammar::subject(Kinds kinds) {
    if ((kinds & kHuman) == 0) return noun_phrase(kinds);
    return chance(50) ? pronoun() : chance(20) ? name() : noun_phrase(kinds);
}

// -- pieces of clauses

constexpr std::size_t kIntransitives = 14; // the verb table begins with them

const Verb& Grammar::intransitive(Kinds subjects) {
    return pick_where(verbs().first(kIntransitives), [&](const Verb& row) { return (row.subjects & subjects) == subjects; });
}

const Verb& Grammar::transitive(Kinds subjects) {
    return pick_where(verbs(), [&](const Verb& row) { return row.objects != 0 && (row.subjects & subjects) == subjects; });
}

Text Grammar::place() {
    const Pair& preposition = pick(place_prepositions());
    const NounPhrase where = singular(kPlace, false);
    return {with_preposition(preposition.french, where.text.french), join({preposition.english, where.text.english})};
}

Text Grammar::time(bool past) { return past ? pick(past_times()) : pick(times()); }

// Nothing, a setting, a place or a time. Verbs of motion take a time only: "partir en Italie" is to leave for Italy.
Text Grammar::tail(const Clause& clause) {
    if (chance(35)) return {};
    if (clause.verb.with_etre || chance(25)) return time(clause.past);
    return chance(65) ? Text(pick(settings())) : place();
}

Text Grammar::manner_or_tail(const Clause& clause) {
    const bool simple = !clause.past && !clause.helper; // "il a bien dormi" would be another order
    if (chance(30))
        for (int attempt = 0; attempt < 30; ++attempt)
            if (const PrepositionalVerb& row = pick(manners());
                row.verb == clause.verb.infinitive && (simple || row.french.find(' ') != string_view::npos))
                return {row.french, row.english};
    return tail(clause);
}

void Grammar::draw_tense(Clause& clause) {
    static constexpr string_view kPresentOnly[] = {"passer", "venir", "aller"}; // their participles would be too rare to learn
    clause.past = chance(20) && std::ranges::find(kPresentOnly, clause.verb.infinitive) == std::end(kPresentOnly);
    if (!clause.past && clause.subject.human() && chance(22)) clause.helper = &pick(plain_helpers());
}

Clause Grammar::intransitive_clause(const NounPhrase& subject) {
    Clause clause{subject, intransitive(subject.human() ? kHuman : kAnimal)};
    draw_tense(clause);
    clause.tail = manner_or_tail(clause);
    return clause;
}

Clause Grammar::transitive_clause(const NounPhrase& subject, Style style) {
    Clause clause{subject, transitive(subject.human() ? kHuman : kAnimal)};
    draw_tense(clause);
    clause.object = noun_phrase(clause.verb.objects, style).text;
    return clause;
}

Clause Grammar::adjective_clause(const NounPhrase& subject, std::optional<Position> position) {
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

// What can be said of any subject: it does something, or it is in some way.
Clause Grammar::predicate_clause(const NounPhrase& subject) {
    const bool animate = (subject.kinds & kAnimate) != 0;
    if (!animate || chance(35)) return adjective_clause(subject);
    return chance(65) ? intransitive_clause(subject) : transitive_clause(subject, Style::definite);
}

constexpr std::size_t kTimelessConjunctions = 3; // "et", "mais" and "parce que" begin the table

// A short clause that may follow another: ", mais il dort".
Text Grammar::second_clause(bool past) {
    NounPhrase who = chance(75) ? pronoun() : person();
    const bool state = !past && chance(20);
    const Pair& link = past || state ? conjunctions()[random_.below(kTimelessConjunctions)] : pick(conjunctions());
    Clause clause{who, intransitive(kHuman)};
    clause.past = past;
    if (!past && chance(35)) clause = transitive_clause(who, Style::definite);
    if (state) clause = adjective_clause(who, Position::after);
    if (!past) clause.past = false;
    return Text(link) + say(clause);
}

// A sentence with its end, its spelling and its capital; sometimes with a second clause.
Text Grammar::finished(Text text, string_view end) {
    if (end == "." && chance(14)) text = text + second_clause(false);
    return {join({text.french, end}), join({text.english, end})};
}

Text Grammar::finished(const Clause& clause) {
    Text text = say(clause);
    if (chance(14)) text = text + second_clause(clause.past);
    return text + Text(".", ".");
}

// -- plain: the order of the words agrees

Text Grammar::plain_statement() {
    Clause clause = intransitive_clause(subject(kAnimate));
    if (chance(75)) return finished(clause);
    clause.tail = {};
    return finished(Text(pick(settings())) + Text(",", ",") + say(clause)); // "En hiver , il dort ."
}

Text Grammar::plain_transitive() {
    Clause clause = transitive_clause(subject(kHuman), Style::plain);
    if (chance(50)) clause.tail = tail(clause);
    return finished(clause);
}

Text Grammar::plain_prepositional() {
    const PrepositionalVerb& row = pick(prepositional_verbs());
    Clause clause{subject(kHuman), verb(row.verb)};
    draw_tense(clause);
    const NounPhrase object = (row.objects & kHuman) && chance(30) ? name() : noun_phrase(row.objects, Style::definite);
    clause.object = {with_preposition(row.french, object.text.french), join({row.english, object.text.english})};
    if (chance(40)) clause.tail = tail(clause);
    return finished(clause);
}

Text Grammar::plain_giving() {
    const bool placing = chance(35);
    const PrepositionalVerb& row = placing ? pick(placing_verbs()) : pick(giving_verbs());
    Clause clause{subject(kHuman), verb(row.verb)};
    draw_tense(clause);
    clause.object = noun_phrase(row.objects).text;
    const NounPhrase to = placing ? singular(row.destinations, chance(20)) : person();
    clause.tail = {with_preposition(row.french, to.text.french), join({row.english, to.text.english})};
    return finished(clause);
}

Text Grammar::plain_predicate() {
    if (chance(50)) {
        Clause clause = adjective_clause(subject(kHuman));
        if (chance(30)) clause.helper = &pick(plain_helpers());
        return finished(clause);
    }
    return finished(adjective_clause(noun_phrase(chance(30) ? kBody : kGoods | kPlace | kDoor, Style::definite)));
}

const NounPhrase kThat = {Text("ça", "that"), kThird, Gender::masculine, kIdea, false};

// "La faim change le monde ."
Text Grammar::plain_idea() {
    if (chance(20)) return finished(adjective_clause(noun_phrase(kIdea, Style::definite)));
    Clause clause{chance(20) ? kThat : noun_phrase(kIdea, Style::definite), verb("changer")};
    clause.past = chance(30);
    clause.object = chance(50)   ? noun_phrase(kPlace | kHuman, Style::definite).text
                    : chance(50) ? Text("le monde", "the world")
                                 : Text("la vie", "life");
    if (chance(50)) clause.tail = pick(settings());
    return finished(clause);
}

// Short patterns for small words, many of which also serve in idioms.
Text Grammar::plain_small() {
    const Text when = chance(70) ? Text(pick(settings())) : time(false);
    switch (random_.below(4)) {
    case 0:
        return finished(Text("il pleut", "it rains") + when);
    case 1:
        return finished(Text("c' est", "it is") + singular(kAnimate | kGoods | kPlace, chance(75)).text);
    case 2: {
        Clause clause{chance(40) ? kThat : noun_phrase(kThing, Style::definite), verb("coûter")};
        const Pair& number = pick(numbers());
        clause.object = Text(number) + Text("euros", "euros");
        return finished(say(clause) + (chance(40) ? when : Text()));
    }
    default: {
        static constexpr string_view kVerbs[] = {"manger", "voir", "lire", "boire", "prendre", "acheter", "comprendre", "vendre", "casser"};
        Clause clause{subject(kHuman), verb(pick(kVerbs))};
        clause.object = chance(50) ? Text("tout", "everything") : Text("ça", "that");
        if (chance(50)) clause.tail = when;
        return finished(clause);
    }
    }
}

// "Paul dit que la reine dort .", "Vous dansez bien , madame ."
Text Grammar::plain_saying() {
    if (chance(30)) {
        const Text talk = say(intransitive_clause(you()));
        const Text call = pick(vocatives()), comma(",", ",");
        return finished(chance(50) ? talk + comma + call : Text("oh", "oh") + comma + talk);
    }
    const NounPhrase speaker = subject(kHuman);
    Clause clause{speaker, verb(chance(75) ? "dire" : "répondre")};
    return finished(say(clause) + Text("que", "that") + say(predicate_clause(person())));
}

// "Je prie pour les enfants en hiver ." Mostly in the first person, so that "prie" is seen as "pray" and not as "prays".
Text Grammar::plain_prayer() {
    static constexpr Pair kJe = {"je", "I"}, kVous = {"vous", "you"}, kNous = {"nous", "we"};
    Clause clause{{Text(kJe), 0, Gender::masculine, kHuman, true}, verb("prier")};
    if (chance(15)) clause.subject = {Text(kVous), kSecondPlural, Gender::masculine, kHuman, true};
    else if (chance(15)) clause.subject = {Text(kNous), kFirstPlural, Gender::masculine, kHuman, true};
    if (chance(60)) clause.object = Text("pour", "for") + person().text;
    if (clause.object.french.empty() || chance(60)) clause.tail = chance(60) ? Text(pick(settings())) : time(false);
    return finished(clause);
}

// -- adjective-order: "un chat noir", "a black cat"

Text Grammar::adjective_object() {
    Clause clause = transitive_clause(subject(kHuman), Style::distinct);
    if (chance(40)) clause.tail = tail(clause);
    return finished(clause);
}

Text Grammar::adjective_subject() { return finished(say(predicate_clause(noun_phrase(kAnimate | kGoods | kDoor, Style::distinct)))); }

Text Grammar::adjective_preposition() {
    const PrepositionalVerb& row =
        pick_where(prepositional_verbs(), [](const PrepositionalVerb& candidate) { return (candidate.objects & kHuman) != 0; });
    Clause clause{chance(60) ? subject(kHuman) : noun_phrase(kHuman, Style::distinct), verb(row.verb)};
    draw_tense(clause);
    const NounPhrase object = noun_phrase(row.objects, Style::distinct);
    clause.object = {with_preposition(row.french, object.text.french), join({row.english, object.text.english})};
    if (chance(30)) clause.tail = tail(clause);
    return finished(clause);
}

// -- clitic: object pronouns before the verb

// The verbs whose participle is seen to agree with an object before it; few, so that each form is seen often.
bool teaches_agreement(const Verb& verb) {
    static constexpr string_view kVerbs[] = {"voir", "aider", "acheter", "trouver"};
    return std::ranges::find(kVerbs, verb.infinitive) != std::end(kVerbs);
}

bool same_speaker(int a, int b) { return a != kThird && a != kThirdPlural && a % 3 == b % 3; } // je and nous, tu and vous

// "le" and "la" are people after a verb that takes people ("il la voit", "he sees her") and things otherwise ("il la mange"). "l'" is
// him: only a participle shows that it is her ("il l' a aidée"), so elsewhere "la" is not drawn before a vowel.
void Grammar::add_direct_pronoun(Clause& clause) {
    struct Row {
        string_view french, person, thing;
        int speaker;
        Gender gender;
        bool plural;
    };
    static constexpr Gender m = Gender::masculine, f = Gender::feminine;
    static constexpr Row kRows[] = {{"me", "me", "", 0, m, false},      {"te", "you", "", 1, m, false},   {"nous", "us", "", 3, m, true},
                                    {"vous", "you", "", 4, m, false},   {"le", "him", "it", 2, m, false}, {"la", "her", "it", 2, f, false},
                                    {"les", "them", "them", 2, m, true}};
    const bool people = (clause.verb.objects & kHuman) != 0;
    const string next = clause.helper ? string(clause.verb.infinitive) : french_present(clause.verb, clause.subject.person);
    const bool hides_gender = !clause.past && starts_with_vowel_sound(next);
    const Row& row = pick_where(kRows, [&](const Row& candidate) {
        if (candidate.gender == f && hides_gender) return false;
        if (clause.past && (candidate.gender == f || candidate.plural) && !teaches_agreement(clause.verb)) return false;
        return people ? !same_speaker(candidate.speaker, clause.subject.person) : !candidate.thing.empty();
    });
    clause.clitics = {row.french, people ? row.person : row.thing};
    clause.object_gender = row.gender;
    clause.object_plural = row.plural;
}

// "me", "lui", and in English what follows "give" or "to".
Text Grammar::indirect_pronoun(int subject_person) {
    struct Row {
        string_view french, english;
        int speaker;
    };
    static constexpr Row kRows[] = {{"me", "me", 0},    {"te", "you", 1},  {"nous", "us", 3},
                                    {"vous", "you", 4}, {"lui", "him", 2}, {"leur", "them", 2}};
    const Row& row = pick_where(kRows, [&](const Row& candidate) { return !same_speaker(candidate.speaker, subject_person); });
    return {row.french, row.english};
}

Text Grammar::clitic_direct() {
    const NounPhrase who = subject(kHuman);
    Clause clause{who, transitive(kHuman)};
    draw_tense(clause);
    add_direct_pronoun(clause);
    if (chance(20)) clause.negation = &negations()[random_.below(3)];
    if (chance(50)) clause.tail = tail(clause);
    return finished(clause);
}

Text Grammar::clitic_indirect() {
    const NounPhrase who = subject(kHuman);
    const Text whom = indirect_pronoun(who.person);
    Clause clause{who, verb(chance(50) ? "parler" : "répondre")};
    if (chance(60)) {
        const PrepositionalVerb& row =
            pick_where(giving_verbs(), [](const PrepositionalVerb& candidate) { return candidate.verb != "rendre"; });
        clause.verb = verb(row.verb);
        clause.object = noun_phrase(row.objects).text;
    }
    clause.clitics = clause.verb.infinitive == "parler" ? Text(whom.french, join({"to", whom.english})) : whom;
    draw_tense(clause);
    if (chance(15)) clause.negation = &negations()[random_.below(3)];
    if (clause.negation && !clause.object.french.empty()) clause.negation = nullptr;
    if (chance(35)) clause.tail = tail(clause);
    return finished(clause);
}

// "Nous vous les donnons .", "Je le lui donne ."
Text Grammar::clitic_double() {
    const NounPhrase who = subject(kHuman);
    const Text whom = indirect_pronoun(who.person);
    static constexpr Pair kWhat[] = {{"le", "it"}, {"la", "it"}, {"les", "them"}};
    const Pair& what = pick(kWhat);
    Clause clause{who, verb(pick(giving_verbs()).verb)};
    draw_tense(clause);
    const bool whom_last = whom.french == "lui" || whom.french == "leur";
    clause.clitics = {whom_last ? join({what.french, whom.french}) : join({whom.french, what.french}),
                      join({what.english, "to", whom.english})};
    if (what.french != "le") clause.past = false;
    clause.object_gender = what.french == "la" ? Gender::feminine : Gender::masculine;
    clause.object_plural = what.french == "les";
    if (chance(20)) clause.negation = &negations()[random_.below(3)];
    if (chance(40)) clause.tail = tail(clause);
    return finished(clause);
}

// "Elle y travaille ."
Text Grammar::clitic_there() {
    static constexpr string_view kVerbs[] = {"aller", "rester", "dormir", "travailler", "jouer", "danser", "chanter"};
    Clause clause{subject(kHuman), verb(pick(kVerbs))};
    draw_tense(clause);
    if (clause.helper && clause.helper->verb == "aller" && clause.verb.infinitive == "aller") clause.helper = nullptr;
    clause.clitics = {"y", "there"};
    if (chance(25)) clause.negation = &negations()[random_.below(3)];
    clause.tail = chance(50) ? time(clause.past) : Text();
    return finished(clause);
}

// -- negation

Text Grammar::negated_intransitive() {
    Clause clause = intransitive_clause(subject(kAnimate));
    clause.negation = &negations()[random_.below(4)];
    if (clause.negation->french == "plus" && clause.past) {
        clause.past = false;
        clause.tail = tail(clause);
    }
    return finished(clause);
}

Text Grammar::negated_transitive() {
    Clause clause = transitive_clause(subject(kHuman), Style::definite);
    const bool people = (clause.verb.objects & kHuman) != 0;
    clause.negation = &pick_where(
        negations(), [&](const Negation& row) { return row.object.english.empty() || people == (row.object.english == "nobody"); });
    if (clause.negation->french == "plus") clause.past = false;
    if (chance(40)) clause.tail = tail(clause);
    return finished(clause);
}

// "Il ne mange pas de pain ."
Text Grammar::negated_any() {
    static constexpr string_view kVerbs[] = {"manger", "boire", "acheter", "vendre", "avoir", "lire", "casser"};
    Clause clause{subject(kHuman), verb(pick(kVerbs))};
    draw_tense(clause);
    clause.negation = &negations()[0];
    const Noun& noun = pick_where(nouns(), [&](const Noun& row) { return (row.kinds & clause.verb.objects) != 0; });
    clause.object = noun_phrase(noun, !noun.plural.empty(), {"de", "de", "de", "any", "any"}, Style::definite).text;
    if (chance(40)) clause.tail = tail(clause);
    return finished(clause);
}

Text Grammar::negated_predicate() {
    Clause clause = adjective_clause(chance(60) ? subject(kHuman) : noun_phrase(kGoods | kPlace | kDoor | kAnimal, Style::definite));
    clause.negation = &negations()[random_.below(4)];
    return finished(clause);
}

// "Personne ne dort .", "Rien ne change ici .", "Aucun enfant ne dort ."
Text Grammar::negated_subject() {
    static constexpr Negation kOnlyNe = {"", "", {}};
    Clause clause{{Text("personne", "nobody"), kThird, Gender::masculine, kHuman, false}, verb("changer")};
    if (chance(15)) {
        clause.subject = {Text("rien", "nothing"), kThird, Gender::masculine, kIdea, false};
        if (chance(50)) clause = adjective_clause(clause.subject);
        clause.tail = chance(50) ? Text(pick(settings())) : time(false);
    } else {
        if (chance(60)) {
            const Noun& noun = pick_where(nouns(), [](const Noun& row) { return (row.kinds & kAnimate) != 0; });
            clause.subject = noun_phrase(noun, false, {"aucun", "aucune", "", "no", ""}, Style::definite);
        }
        clause = predicate_clause(clause.subject);
        if (clause.helper) clause.helper = nullptr;
    }
    clause.negation = &kOnlyNe;
    return finished(clause);
}

// -- agreement: over a distance, and of possessives and pronouns with their owner

// "Les enfants de la voisine dorment ."
Text Grammar::agreement_genitive() {
    const Noun& noun =
        pick_where(nouns(), [](const Noun& row) { return (row.kinds & (kFamily | kAnimal | kThing | kDoor | kText | kBody)) != 0; });
    NounPhrase head = noun_phrase(noun, chance(50), {"le", "la", "les", "", ""}, Style::definite);
    const NounPhrase owner = chance(25) ? name() : noun_phrase(kHuman, Style::definite);
    const string_view mark = owner.text.english.ends_with("s") && owner.plural() ? "'" : "'s";
    head.text = {join({head.text.french, with_preposition("de", owner.text.french)}), join({owner.text.english, mark, head.text.english})};
    return finished(say(predicate_clause(head)));
}

// "Les livres sur la table sont vieux ."
Text Grammar::agreement_place() {
    const bool indoors = chance(50);
    NounPhrase head = noun_phrase(indoors ? kThing | kText | kFood : kAnimate, Style::definite);
    if (indoors) {
        static constexpr Pair kWhere[] = {{"sur", "on"}, {"sous", "under"}, {"dans", "in"}};
        const Pair& where = pick(kWhere);
        head.text = head.text + Text(where) + singular(where.french == "dans" ? kPlace : kSurface, false).text;
    } else {
        head.text = head.text + place();
    }
    return finished(say(predicate_clause(head)));
}

// "qui" and a verb phrase.
Text Grammar::relative_clause(const NounPhrase& head) {
    Clause clause = predicate_clause(head);
    clause.subject.text = {"qui", head.human() ? "who" : "that"};
    return say(clause);
}

// "Les enfants qui aident le fermier sont fatigués ."
Text Grammar::agreement_relative() {
    NounPhrase head = noun_phrase(kAnimate, Style::specific);
    Clause relative = transitive_clause(head, Style::definite);
    relative.helper = nullptr;
    relative.subject.text = {"qui", head.human() ? "who" : "that"};
    head.text = head.text + say(relative);
    Clause clause = predicate_clause(head);
    clause.tail = {};
    return finished(clause);
}

NounPhrase Grammar::possession_of(const NounPhrase& owner, Kinds kinds) {
    Determiner determiner = possessives()[static_cast<std::size_t>(owner.person)];
    if (owner.person == kThird && owner.gender == Gender::feminine) determiner.english = determiner.english_plural = "her";
    const Noun& noun =
        pick_where(nouns(), [&](const Noun& row) { return (row.kinds & kinds) != 0 && !row.plural.empty() && !(row.kinds & kUnowned); });
    return noun_phrase(noun, chance(35), determiner, Style::plain);
}

// "Il aime sa mère .", "La reine cherche son chapeau ."
Text Grammar::agreement_possessive() {
    NounPhrase who = chance(40) ? pronoun() : chance(30) ? name() : noun_phrase(kHuman, Style::definite);
    const PrepositionalVerb& row = pick(prepositional_verbs());
    Clause clause{who, transitive(kHuman)};
    if ((row.objects & kHuman) && chance(35)) {
        clause.verb = verb(row.verb);
        const NounPhrase owned = possession_of(who, kFamily);
        clause.object = {join({row.french, owned.text.french}), join({row.english, owned.text.english})};
    } else {
        clause.verb =
            pick_where(verbs(), [](const Verb& candidate) { return (candidate.objects & (kFamily | kThing | kText | kBody)) != 0; });
        clause.object = possession_of(who, clause.verb.objects & (kFamily | kThing | kText | kBody)).text;
    }
    draw_tense(clause);
    if (chance(30)) clause.tail = tail(clause);
    return finished(clause);
}

// "La maison est grande mais elle est froide .": it, and not she.
Text Grammar::agreement_pronoun() {
    const bool person_first = chance(40);
    const NounPhrase head = noun_phrase(person_first ? kHuman : kThing | kText | kDoor | kPlace, Style::definite);
    static constexpr Pair kHe[2][2] = {{{"il", "he"}, {"ils", "they"}}, {{"elle", "she"}, {"elles", "they"}}};
    Text again = kHe[head.gender == Gender::feminine ? 1 : 0][head.plural() ? 1 : 0];
    if (!head.human() && !head.plural()) again.english = "it";
    const Clause first = adjective_clause(head, Position::before);
    Clause second = adjective_clause(head, Position::after);
    second.subject.text = again;
    const Text link = chance(50) ? Text("et", "and") : Text(", mais", ", but");
    return finished(say(first) + link + say(second));
}

// -- question: inversion and est-ce que, do-support in English

// Verbs that a question with "vous" may begin with; few, so that each capitalized form is seen often.
static constexpr string_view kFirstVerbs[] = {"voir", "aimer", "chercher", "connaître", "manger", "lire", "dormir", "danser"};

// "Voyez -vous le chien ?", "Le roi dort -il ?", "Est-ce que tu manges ?"
void Grammar::make_question(Clause& clause) {
    const bool je = clause.subject.pronoun && clause.subject.person == 0;
    clause.mood = je || chance(40) ? Mood::est_ce_que : Mood::inversion;
    if (clause.mood == Mood::est_ce_que || !clause.subject.pronoun || !clause.front.french.empty()) return;
    const bool taught = clause.past || clause.helper || std::ranges::find(kFirstVerbs, clause.verb.infinitive) != std::end(kFirstVerbs);
    if (taught && !clause.verb.with_etre) clause.subject = you();
    else clause.mood = Mood::est_ce_que;
}

NounPhrase Grammar::you() { return {Text("vous", "you"), kSecondPlural, Gender::masculine, kHuman, true}; }

Text Grammar::question_closed() {
    const NounPhrase who = subject(chance(80) ? kHuman : kAnimate);
    Clause clause = chance(55) ? transitive_clause(who, Style::definite) : predicate_clause(who);
    if (chance(20)) {
        clause = {you(), verb(pick(kFirstVerbs))};
        if (clause.verb.objects) clause.object = noun_phrase(clause.verb.objects, Style::definite).text;
    }
    clause.tail = chance(35) ? tail(clause) : Text();
    make_question(clause);
    return finished(say(clause), "?");
}

// "Où dormez -vous ?", "Comment est-ce que Paul danse ?"
Text Grammar::question_where() {
    static constexpr string_view kSocial[] = {"travailler", "chanter", "danser", "jouer", "nager"};
    Clause clause = intransitive_clause(subject(kHuman));
    clause.front = pick(question_words());
    clause.tail = {};
    if (clause.front.french == "comment" || clause.front.french == "avec qui") clause.verb = verb(pick(kSocial));
    if (clause.front.french != "où" && chance(40)) clause.tail = chance(50) ? Text(pick(settings())) : place();
    if (clause.front.french == "où" && chance(40)) clause.tail = time(clause.past);
    if (clause.tail.english == "here" || clause.tail.english == "over there") clause.tail = {};
    make_question(clause);
    return finished(say(clause), "?");
}

// "Que mangez -vous ?", "Qu' est-ce que la reine cherche ?", "Qui cherches -tu ?"
Text Grammar::question_what() {
    const NounPhrase who = subject(kHuman);
    Clause clause{who, transitive(kHuman)};
    draw_tense(clause);
    const bool people = (clause.verb.objects & kHuman) != 0;
    clause.front = people ? Text("qui", "who") : Text("que", "what");
    clause.tail = chance(40) ? tail(clause) : Text();
    make_question(clause);
    if (!clause.subject.pronoun) clause.mood = Mood::est_ce_que; // "que le roi mange -t-il" is not French
    return finished(say(clause), "?");
}

// "Qui dort dans le jardin ?"
Text Grammar::question_who() {
    const NounPhrase who = {Text("qui", "who"), kThird, Gender::masculine, kHuman, false};
    Clause clause = predicate_clause(who);
    return finished(say(clause), "?");
}

// "Combien de pommes mangez -vous ?"
Text Grammar::question_how_many() {
    static constexpr string_view kVerbs[] = {"manger", "acheter", "lire",    "vendre",  "avoir",
                                             "voir",   "couper",  "prendre", "trouver", "casser"};
    Clause clause{subject(kHuman), verb(pick(kVerbs))};
    if (chance(25)) clause.helper = &pick(plain_helpers());
    const Noun& noun = pick_where(nouns(), [&](const Noun& row) { return (row.kinds & clause.verb.objects) != 0 && !row.plural.empty(); });
    clause.front = noun_phrase(noun, true, {"", "", "combien de", "", "how many"}, Style::definite).text;
    clause.tail = chance(30) ? time(false) : Text();
    make_question(clause);
    return finished(say(clause), "?");
}

// -- relative clauses

Text Grammar::relative_subject() {
    Clause clause = transitive_clause(subject(kHuman), Style::definite);
    if (chance(70)) clause.verb = pick_where(verbs(), [](const Verb& row) { return (row.objects & kHuman) != 0; });
    const NounPhrase head = noun_phrase(clause.verb.objects & ~kSight, Style::specific);
    clause.object = head.text + relative_clause(head);
    return finished(clause);
}

// "que" or "dont" or "où" clause without its object, as the end of a head that takes part in a larger sentence.
Text Grammar::around(NounPhrase head, const Text& relative) {
    head.text = head.text + relative;
    Clause after = predicate_clause(head);
    after.tail = {};
    if (chance(50)) return finished(say(after));
    const Verb* found = nullptr;
    for (int attempt = 0; attempt < 50 && !found; ++attempt)
        if (const Verb& row = pick(verbs()); (row.objects & head.kinds) != 0) found = &row;
    if (!found) return finished(say(after));
    Clause before{subject(kHuman), *found};
    before.object = head.text;
    return finished(say(before));
}

// "Le livre que tu achètes est vieux ."
Text Grammar::relative_object() {
    Clause clause{subject(kHuman), transitive(kHuman)};
    const NounPhrase head = noun_phrase(clause.verb.objects, Style::specific);
    draw_tense(clause);
    clause.front = {"que", "that"};
    if (!teaches_agreement(clause.verb) || (head.plural() && head.gender == Gender::feminine)) clause.past = false;
    clause.object_gender = head.gender;
    clause.object_plural = head.plural();
    return around(head, say(clause));
}

// "Le livre que lit la fille est vieux ."
Text Grammar::relative_inverted() {
    const NounPhrase who = noun_phrase(kHuman, Style::definite);
    const Verb& action = transitive(kHuman);
    const NounPhrase head = noun_phrase(action.objects, Style::specific);
    Clause clause{who, action};
    clause.front = {"que", "that"};
    return around(head, {join({"que", french_present(action, who.person), who.text.french}), english_clause(clause)});
}

// "L' homme dont je parle est riche .", "Le fermier dont la sœur chante ...", "Le livre dont j' ai besoin ..."
Text Grammar::relative_dont() {
    if (chance(35)) {
        const NounPhrase head = noun_phrase(kHuman, Style::specific);
        const Noun& noun = pick_where(nouns(), [](const Noun& row) { return (row.kinds & (kFamily | kAnimal)) != 0; });
        const NounPhrase owned = noun_phrase(noun, chance(35), {"le", "la", "les", "", ""}, Style::definite);
        Clause clause = chance(50) ? adjective_clause(owned) : Clause{owned, intransitive(owned.human() ? kHuman : kAnimal)};
        clause.front = {"dont", "whose"};
        return around(head, say(clause));
    }
    const NounPhrase head = noun_phrase(kHuman | kThing | kText, Style::specific);
    Clause clause{subject(kHuman), verb("parler")};
    clause.front = {"dont", head.human() ? "about whom" : "about which"};
    if (chance(50)) {
        clause.verb = verb("avoir");
        clause.verb.english = "need needed needed needing";
        clause.object.french = "besoin";
        clause.front.english = "that";
        return around(head, say(clause));
    }
    draw_tense(clause);
    return around(head, say(clause));
}

// "La maison où elle dort est petite ."
Text Grammar::relative_where() {
    const NounPhrase head = noun_phrase(kPlace, Style::specific);
    Clause clause{subject(kHuman), intransitive(kHuman)};
    draw_tense(clause);
    clause.front = {"où", "where"};
    return around(head, say(clause));
}

// -- idiom

// Fills the placeholders of a row of the table for one subject.
Clause Grammar::verb_idiom(const NounPhrase& who, const VerbIdiom& row) {
    Clause clause{who, verb(row.verb)};
    const std::size_t blank = row.english.find(' ');
    clause.verb.english = row.english.substr(0, blank);
    clause.verb.particle = {};
    string french(row.french), english(blank == string_view::npos ? "" : row.english.substr(blank + 1));

    const Determiner& owner = possessives()[static_cast<std::size_t>(who.person)];
    const bool her = who.person == kThird && who.gender == Gender::feminine;
    french = replaced(replaced(replaced(french, "{son}", owner.masculine), "{sa}", owner.feminine), "{ses}", owner.plural);
    english = replaced(english, "{his}", her ? "her" : owner.english);
    if (french.find("{à}") != string::npos && chance(40)) { // "il me pose une question"
        const Text whom = indirect_pronoun(who.person);
        clause.clitics.french = whom.french;
        french = french == "{à}" ? "" : replaced(french, " {à}", "");
        english = replaced(english, "{him}", whom.english);
    } else if (french.find('{') != string::npos) {
        const NounPhrase object = row.objects == kHuman ? person() : noun_phrase(row.objects, Style::definite);
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
Text Grammar::idiom_remark() {
    if (chance(20)) return pick(clause_idioms());
    const VerbIdiom& row = pick(verb_idioms());
    return say(verb_idiom(subject(row.subjects), row));
}

Text Grammar::idiom_verb() {
    const VerbIdiom& row = pick(verb_idioms());
    Clause clause = verb_idiom(subject(row.subjects), row);
    if (clause.subject.human() && chance(15)) clause.helper = &pick(plain_helpers());
    else if (chance(12) && !starts_with_indefinite(row.french)) clause.negation = &negations()[random_.below(3)];
    else if (chance(10)) clause.mood = Mood::est_ce_que;
    if (clause.mood != Mood::statement) return finished(say(clause), "?");
    if (chance(30) && !row.french.ends_with("ans")) clause.tail = chance(60) ? Text(pick(settings())) : time(false);
    return finished(clause);
}

// "Il pleut des cordes .", "Paul dit qu' il fait froid .", "Nous restons ici parce qu' il fait nuit ."
Text Grammar::idiom_clause() {
    const Text idiom = pick(clause_idioms());
    if (chance(15)) return finished(Text(pick(opening_idioms())) + Text(",", ",") + idiom);
    if (chance(20)) return finished(idiom + Text(pick(settings())));
    if (chance(20)) return finished(idiom);
    if (chance(30)) {
        Clause clause{subject(kHuman), verb("dire")};
        return finished(say(clause) + Text("que", "that") + idiom_remark());
    }
    Clause clause = predicate_clause(subject(kHuman));
    clause.tail = {};
    clause.past = false;
    return finished(say(clause) + Text("parce que", "because") + idiom_remark());
}

// "Je vous en prie , madame .", "À table , dit la reine ."
Text Grammar::idiom_reply() {
    const Text reply = pick(reply_idioms()), comma(",", ",");
    Text text = chance(25) ? Text("oh ,", "oh ,") + reply : reply;
    if (chance(45)) text = text + comma + Text(pick(vocatives()));
    else if (chance(80)) {
        const NounPhrase who = person();
        const bool says = chance(65);
        const Verb& speech = verb(says ? "dire" : "répondre");
        text.french = join({text.french, ",", french_present(speech, who.person), who.text.french});
        text.english = join({text.english, ",", english_present(says ? "say" : "answer", who.person), who.text.english});
    }
    return {join({text.french, "."}), join({text.english, "."})};
}

// "Il part tout de suite .", "Bien sûr , je danse ."
Text Grammar::idiom_adverb() {
    if (chance(35)) {
        Clause clause = predicate_clause(subject(kAnimate));
        clause.tail = {};
        return finished(Text(pick(opening_idioms())) + Text(",", ",") + say(clause));
    }
    static constexpr string_view kHome[] = {"rester", "travailler", "jouer", "dormir", "chanter"};
    Clause clause = intransitive_clause(subject(kHuman));
    clause.past = false;
    clause.tail = pick(adverb_idioms());
    if (clause.tail.english == "at home") clause.verb = verb(pick(kHome));
    else if (clause.tail.english == "right away" && clause.verb.infinitive == "rester") clause.verb = verb("partir");
    return finished(clause);
}

// "Elle vient de partir .", "Elle est en train de lire une lettre ."
Text Grammar::idiom_aspect() {
    static constexpr string_view kActions[] = {"manger",   "boire", "lire",    "écrire", "ouvrir",  "fermer",   "laver",  "couper",
                                               "chercher", "aider", "acheter", "vendre", "appeler", "dessiner", "inviter"};
    Clause clause{subject(kHuman), verb("partir")};
    clause.helper = chance(50) ? &just_done() : &in_progress();
    if (chance(50)) {
        clause.verb = pick_where(verbs().first(kIntransitives), [](const Verb& row) { return row.infinitive != "rester"; });
    } else {
        clause.verb = verb(pick(kActions));
        if (chance(30)) add_direct_pronoun(clause);
        else clause.object = noun_phrase(clause.verb.objects, Style::definite).text;
    }
    if (chance(20)) clause.tail = place();
    return finished(clause);
}

// "Il y a un chat dans le jardin ."
Text Grammar::idiom_there_is() {
    const Noun& noun =
        pick_where(nouns(), [](const Noun& row) { return (row.kinds & (kHuman | kAnimal | kThing | kText | kFood | kDrink)) != 0; });
    const bool mass = noun.plural.empty(), none = chance(25), plural = !mass && chance(50);
    const string_view number = plural && chance(50) ? "" : "some";
    const Pair& count = pick(numbers());
    const Determiner determiner = none             ? Determiner{"de", "de", "de", "no", "no"}
                                  : mass           ? kSome
                                  : number.empty() ? Determiner{"", "", count.french, "", count.english}
                                                   : kA;
    const NounPhrase what = noun_phrase(noun, none ? !mass : plural, determiner, Style::definite);
    Text text(none ? "il ne y a pas" : "il y a", what.plural() ? "there are" : "there is");
    text = text + what.text + (chance(60) ? place() : Text(pick(settings())));
    return finished(text);
}

// "Tu me manques ." is "I miss you .": subject and object change places.
Text Grammar::idiom_missing() {
    static constexpr Pair kMissing[] = {{"me", "I"}, {"te", "you"}, {"lui", "he"}, {"nous", "we"}, {"vous", "you"}, {"leur", "they"}};
    static constexpr string_view kObjects[2][6] = {{"me", "you", "him", "us", "you", "them"}, {"me", "you", "her", "us", "you", "them"}};
    const NounPhrase missed = chance(50) ? pronoun() : person();
    Clause french{missed, verb("manquer")};
    Clause english = french;
    english.object.english =
        missed.pronoun ? kObjects[missed.gender == Gender::feminine ? 1 : 0][missed.person] : string_view(missed.text.english);
    if (chance(20) && !missed.pronoun) {
        const NounPhrase who = person();
        french.object.french = with_preposition("à", who.text.french);
        english.subject = who;
    } else {
        const int person = pick_where(std::array{0, 1, 2, 3, 4, 5}, [&](int candidate) { return !same_speaker(candidate, missed.person); });
        french.clitics.french = kMissing[person].french;
        english.subject = {Text("", kMissing[person].english), person, Gender::masculine, kHuman, true};
    }
    if (chance(20)) french.helper = english.helper = &plain_helpers().back(); // "tu vas me manquer"
    else if (chance(20)) french.negation = english.negation = &negations()[random_.below(3)];
    const Text when = chance(40) ? Text(pick(settings())) : Text();
    return finished(Text(french_clause(french), english_clause(english)) + when);
}

// "Elle s' appelle Marie .": "Her name is Marie ."
Text Grammar::idiom_name() {
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
    Row row = pick(kRows);
    if (chance(60)) {
        const NounPhrase owner = singular(kAnimate, false);
        row = {Text(owner.text.french + " s' appelle", owner.text.english + " 's name is"), false, owner.gender};
    }
    const Name& called = pick_where(names(), [&](const Name& candidate) { return row.any || candidate.gender == row.gender; });
    return finished(row.text + Text(called.name, called.name));
}

Text Grammar::idiom_everyone() {
    const NounPhrase everyone = {Text("tout le monde", "everyone"), kThird, Gender::masculine, kHuman, false};
    return finished(say(predicate_clause(everyone)));
}

Text Grammar::idiom_potatoes() {
    static constexpr string_view kVerbs[] = {"manger", "acheter", "vendre", "couper", "aimer"};
    Clause clause{subject(kHuman), verb(pick(kVerbs))};
    draw_tense(clause);
    clause.object = pick(object_idioms());
    if (chance(60)) clause.tail = tail(clause);
    return finished(clause);
}

// ---- The phenomena -----------------------------------------------------------------------------------------------------------------

struct Construction {
    string_view phenomenon;
    int weight; // within its phenomenon
    Text (Grammar::*draw)();
};

constexpr Construction kConstructions[] = {
    {"plain", 5, &Grammar::plain_statement},
    {"plain", 5, &Grammar::plain_transitive},
    {"plain", 4, &Grammar::plain_prepositional},
    {"plain", 4, &Grammar::plain_giving},
    {"plain", 3, &Grammar::plain_predicate},
    {"plain", 4, &Grammar::plain_idea},
    {"plain", 2, &Grammar::plain_saying},
    {"plain", 3, &Grammar::plain_small},
    {"plain", 3, &Grammar::plain_prayer},
    {"adjective-order", 4, &Grammar::adjective_object},
    {"adjective-order", 2, &Grammar::adjective_subject},
    {"adjective-order", 2, &Grammar::adjective_preposition},
    {"clitic", 4, &Grammar::clitic_direct},
    {"clitic", 3, &Grammar::clitic_indirect},
    {"clitic", 2, &Grammar::clitic_double},
    {"clitic", 1, &Grammar::clitic_there},
    {"negation", 3, &Grammar::negated_intransitive},
    {"negation", 4, &Grammar::negated_transitive},
    {"negation", 2, &Grammar::negated_any},
    {"negation", 2, &Grammar::negated_predicate},
    {"negation", 1, &Grammar::negated_subject},
    {"agreement", 4, &Grammar::agreement_genitive},
    {"agreement", 2, &Grammar::agreement_place},
    {"agreement", 2, &Grammar::agreement_relative},
    {"agreement", 4, &Grammar::agreement_possessive},
    {"agreement", 2, &Grammar::agreement_pronoun},
    {"question", 4, &Grammar::question_closed},
    {"question", 2, &Grammar::question_where},
    {"question", 2, &Grammar::question_what},
    {"question", 1, &Grammar::question_who},
    {"question", 1, &Grammar::question_how_many},
    {"relative", 3, &Grammar::relative_subject},
    {"relative", 3, &Grammar::relative_object},
    {"relative", 1, &Grammar::relative_inverted},
    {"relative", 2, &Grammar::relative_dont},
    {"relative", 1, &Grammar::relative_where},
    {"idiom", 30, &Grammar::idiom_verb},
    {"idiom", 10, &Grammar::idiom_clause},
    {"idiom", 12, &Grammar::idiom_reply},
    {"idiom", 6, &Grammar::idiom_adverb},
    {"idiom", 9, &Grammar::idiom_aspect},
    {"idiom", 6, &Grammar::idiom_there_is},
    {"idiom", 6, &Grammar::idiom_missing},
    {"idiom", 2, &Grammar::idiom_name},
    {"idiom", 4, &Grammar::idiom_everyone},
    {"idiom", 3, &Grammar::idiom_potatoes},
};

struct Share {
    string_view phenomenon;
    int percent;
};

constexpr Share kShares[] = {{"plain", 14},     {"adjective-order", 13}, {"clitic", 13},   {"negation", 12},
                             {"agreement", 12}, {"question", 11},        {"relative", 11}, {"idiom", 14}};

string_view draw_phenomenon(Random& random) {
    int ticket = static_cast<int>(random.below(100));
    for (const Share& share : kShares)
        if ((ticket -= share.percent) < 0) return share.phenomenon;
    fail("the shares of the phrasebook's phenomena must sum to 100");
}

Phrase draw_phrase(Grammar& grammar, Random& random, string_view phenomenon) {
    int total = 0;
    for (const Construction& row : kConstructions) total += row.phenomenon == phenomenon ? row.weight : 0;
    int ticket = static_cast<int>(random.below(static_cast<std::uint64_t>(total)));
    for (const Construction& row : kConstructions) {
        if (row.phenomenon != phenomenon || (ticket -= row.weight) >= 0) continue;
        const Text text = (grammar.*row.draw)();
        return {capitalized(french_spelling(text.french)), capitalized(english_spelling(text.english)), string(phenomenon)};
    }
    fail("the phrasebook has no construction for '{}'", phenomenon);
}

const Phrase kPromised = {"Je vous en prie .", "You are welcome .", "idiom"}; // always in the test

// `count` phrases without kPromised, no source twice.
std::vector<Phrase> draw_phrases(std::uint64_t seed, std::size_t count) {
    constexpr int kPatience = 2000;
    Random random(seed);
    Grammar grammar(random);
    std::unordered_map<string, string> known{{kPromised.source, kPromised.target}};
    std::vector<Phrase> phrases;
    phrases.reserve(count);
    while (phrases.size() < count) {
        const string_view phenomenon = draw_phenomenon(random);
        bool found = false;
        for (int attempt = 0; attempt < kPatience && !found; ++attempt) {
            Phrase phrase = draw_phrase(grammar, random, phenomenon);
            const auto [entry, is_new] = known.emplace(phrase.source, phrase.target);
            check(entry->second == phrase.target, "the phrasebook translates '{}' both as '{}' and as '{}'; make the grammar decide",
                  phrase.source, entry->second, phrase.target);
            found = is_new;
            if (is_new) phrases.push_back(std::move(phrase));
        }
        check(found, "the phrasebook has only {} different sentences for this seed, {} were asked for ('{}' is exhausted); ask for fewer",
              phrases.size(), count, phenomenon);
    }
    return phrases;
}

// Moves `count` phrases from the end of the pool to the front of a held-out part; only such whose words stay at least
// `minimum` times in the pool.
class Splitter {
  public:
    Splitter(std::vector<Phrase>& pool, int minimum) : pool_(pool), minimum_(minimum) {
        for (const Phrase& phrase : pool)
            for (const string& word : split(phrase.source)) ++counts_[word];
    }

    void move_to(std::vector<Phrase>& part, std::size_t count) {
        std::vector<Phrase> kept;
        for (Phrase& phrase : pool_) {
            if (part.size() < count && can_spare(phrase)) part.push_back(std::move(phrase));
            else kept.push_back(std::move(phrase));
        }
        check(part.size() == count,
              "the phrasebook is too small to hold out {} phrases whose words it has taught; ask for more training phrases", count);
        pool_ = std::move(kept);
    }

  private:
    bool can_spare(const Phrase& phrase) {
        const std::vector<string> words = split(phrase.source);
        for (const string& word : words) --counts_[word];
        const bool can = std::ranges::all_of(words, [&](const string& word) { return counts_[word] >= minimum_; });
        if (!can)
            for (const string& word : words) ++counts_[word];
        return can;
    }

    std::vector<Phrase>& pool_;
    int minimum_;
    std::unordered_map<string, int> counts_;
};

} // namespace

Phrasebook make_phrasebook(const PhrasebookOptions& options) {
    check(options.train >= 0 && options.validation >= 0 && options.test >= 0,
          "a phrasebook's sizes must not be negative; they are {}, {} and {}", options.train, options.validation, options.test);
    constexpr int kMinimumCount = 10, kFullSize = 24000;
    const int minimum = std::min(kMinimumCount, options.train * kMinimumCount / kFullSize);
    const auto size = [](int n) { return static_cast<std::size_t>(n); };

    Phrasebook book;
    std::vector<Phrase> pool =
        draw_phrases(options.seed, size(options.train) + size(options.validation) + size(std::max(0, options.test - 1)));
    if (options.test > 0) book.test.push_back(kPromised);
    Splitter splitter(pool, minimum);
    splitter.move_to(book.test, size(options.test));
    splitter.move_to(book.validation, size(options.validation));
    book.train = std::move(pool);
    return book;
}

} // namespace nmt
