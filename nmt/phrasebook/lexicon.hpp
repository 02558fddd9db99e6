// The words of the French to English phrasebook: nouns, adjectives, verbs, function words and idioms, each table row one entry.
// Used by the other files of the phrasebook, which inflect them and put them in order. To add an idiom, add a row to an idiom table.
#pragma once

#include <span>
#include <string_view>

namespace nmt::lexicon {

// What a noun stands for; verbs and adjectives say which kinds they go with. A set of kinds is the sum of its bits.
using Kinds = unsigned;
enum Kind : unsigned {
    kPerson = 1, // profession or passer-by
    kFamily = 2, // person who is somebody's: brother, friend, neighbor
    kAnimal = 4,
    kFood = 8,
    kDrink = 16,
    kText = 32,  // what is read and written
    kThing = 64, // what is carried, bought, lost
    kDoor = 128, // what is opened and closed
    kPlace = 256,
    kBody = 512,
    kIdea = 1024,     // hunger, fear, time
    kSight = 2048,    // moon, sea, sky
    kStory = 8192,    // what is told
    kRide = 16384,    // what is missed when one is late
    kSurface = 32768, // where things are put
    kUnowned = 4096   // man, woman, boy, girl: never after a possessive ("ma femme" is a wife, "ma fille" a daughter)
};
inline constexpr Kinds kHuman = kPerson | kFamily | kUnowned;
inline constexpr Kinds kAnimate = kHuman | kAnimal;
inline constexpr Kinds kGoods = kThing | kText | kFood | kDrink;

enum class Gender { masculine, feminine };

struct Noun {
    std::string_view singular, plural; // no plural: a mass noun ("du pain", "some bread")
    Gender gender;
    std::string_view english, english_plural; // no article in English when english_plural is "-": "la faim", "hunger"
    Kinds kinds;
};

struct Name {
    std::string_view name;
    Gender gender;
};

enum class Position { before, after, predicate };

struct Adjective {
    std::string_view forms; // masculine, feminine, masculine plural, feminine plural (and masculine before a vowel)
    std::string_view english;
    Position position;
    Kinds kinds;
    bool classifies = false; // a color or nationality: in English it stands next to the noun
};

struct Verb {
    std::string_view infinitive, present; // je tu il nous vous ils
    std::string_view participle;
    std::string_view english;  // base, past, participle, -ing; the preposition that follows it is separate
    std::string_view particle; // "for" of "look for"
    Kinds subjects, objects;   // no objects: intransitive
    bool with_etre = false;    // "elle est partie"
};

// A verb with a preposition: "jouer avec", "play with"; `objects` are what may stand after the preposition, or, for verbs of giving
// and placing, the things given and placed, and `destinations` what they are given to or put on.
struct PrepositionalVerb {
    std::string_view verb, french, english;
    Kinds objects = 0;
    Kinds destinations = 0;
};

// A verb that governs an infinitive. English: auxiliary, link, then the main verb's form (index into Verb::english).
struct Helper {
    std::string_view verb, french_link;
    std::string_view english, english_link;
    int main_form; // 0 base, 2 participle, 3 -ing
};

struct Determiner {
    std::string_view masculine, feminine, plural; // empty: not used in that number
    std::string_view english, english_plural;
    bool possessive = false;
};

struct Pair {
    std::string_view french, english;
};

struct Negation {
    std::string_view french;         // stands after the conjugated verb
    std::string_view english_adverb; // stands before the English verb
    Pair object;                     // stands in place of the object: nothing, nobody
};

// An idiom around a verb, for any subject of `subjects`: "{S} perdre la tête", "{S} go mad". The first English word is conjugated.
// Placeholders: {son} {sa} {ses} become the subject's possessive, {his} in English; {à} and {de} a preposition with a person or a
// thing, which is {him} or {it} in English.
struct VerbIdiom {
    std::string_view verb, french, english;
    Kinds subjects = kHuman;
    Kinds objects = kHuman; // of {à} and {de}
};

std::span<const Noun> nouns();
std::span<const Name> names();
std::span<const Adjective> adjectives();
std::span<const Verb> verbs();
std::span<const PrepositionalVerb> prepositional_verbs();
std::span<const PrepositionalVerb> giving_verbs();  // something to somebody
std::span<const PrepositionalVerb> placing_verbs(); // something somewhere
std::span<const Helper> plain_helpers();            // can, must, want to, be going to
const Helper& just_done();                          // venir de: have just
const Helper& in_progress();                        // être en train de: be -ing
std::span<const Determiner> determiners();          // for nouns with a plural
std::span<const Determiner> possessives();          // in the order je tu il nous vous ils
std::span<const Pair> numbers();
std::span<const Negation> negations();
std::span<const Pair> place_prepositions();
std::span<const Pair> times(); // adverbials of the present
std::span<const Pair> past_times();
std::span<const Pair> settings();             // "en hiver", "en ville": where and when, last or first in the sentence
std::span<const PrepositionalVerb> manners(); // no objects
std::span<const Pair> vocatives();
std::span<const Pair> conjunctions();
std::span<const Pair> question_words();

// Idioms.
std::span<const VerbIdiom> verb_idioms();
std::span<const Pair> clause_idioms();  // complete clauses: "il pleut des cordes"
std::span<const Pair> reply_idioms();   // complete utterances: "je vous en prie"
std::span<const Pair> adverb_idioms();  // "tout de suite", at the end of a clause
std::span<const Pair> opening_idioms(); // "bien sûr", before a clause
std::span<const Pair> object_idioms();  // noun phrases that are eaten: "des pommes de terre"

} // namespace nmt::lexicon
