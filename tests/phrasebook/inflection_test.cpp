#include "nmt/phrasebook/inflection.hpp"

#include "nmt/base/error.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

namespace nmt::phrasebook {
namespace {

TEST(Inflection, VerbsOfTheTable) {
    EXPECT_EQ(french_present(verb("manger"), 0), "mange");
    EXPECT_EQ(french_present(verb("manger"), kFirstPlural), "mangeons");
    EXPECT_EQ(french_present(verb("voir"), kSecondPlural), "voyez");
    EXPECT_EQ(french_present(verb("partir"), kThirdPlural), "partent");
    EXPECT_EQ(message_of<Error>([] { verb("googler"); }), "the phrasebook's verb table has no 'googler'; add a row to it");
}

TEST(Inflection, IntransitiveVerbsAreThoseThatTheTableBeginsWith) {
    for (const Verb& each : intransitive_verbs()) EXPECT_EQ(each.objects, 0u) << each.infinitive;
    EXPECT_NE(verbs()[intransitive_verbs().size()].objects, 0u) << "the next takes an object";
}

TEST(Inflection, ParticiplesAgree) {
    const Verb& see = verb("voir");
    EXPECT_EQ(agreeing_participle(see, Gender::masculine, false), "vu");
    EXPECT_EQ(agreeing_participle(see, Gender::feminine, false), "vue");
    EXPECT_EQ(agreeing_participle(see, Gender::masculine, true), "vus");
    EXPECT_EQ(agreeing_participle(see, Gender::feminine, true), "vues");
    Verb put = see;
    put.participle = "mis";
    EXPECT_EQ(agreeing_participle(put, Gender::masculine, true), "mis");
    EXPECT_EQ(agreeing_participle(put, Gender::feminine, true), "mises");
}

TEST(Inflection, AdjectivesHaveFourForms) {
    const Adjective old{"vieux vieille vieux vieilles vieil", "old", lexicon::Position::before, lexicon::kPerson};
    EXPECT_EQ(adjective_form(old, Gender::masculine, false), "vieux");
    EXPECT_EQ(adjective_form(old, Gender::feminine, false), "vieille");
    EXPECT_EQ(adjective_form(old, Gender::masculine, true), "vieux");
    EXPECT_EQ(adjective_form(old, Gender::feminine, true), "vieilles");
}

TEST(Inflection, EnglishPresent) {
    EXPECT_EQ(english_present("be", 0), "am");
    EXPECT_EQ(english_present("be", kThird), "is");
    EXPECT_EQ(english_present("be late", kThirdPlural), "are late");
    EXPECT_EQ(english_present("have", kThird), "has");
    EXPECT_EQ(english_present("have", kFirstPlural), "have");
    EXPECT_EQ(english_present("go mad", kThird), "goes mad");
    EXPECT_EQ(english_present("carry", kThird), "carries");
    EXPECT_EQ(english_present("play", kThird), "plays");
    EXPECT_EQ(english_present("buy", kThird), "buys") << "u is a vowel";
    EXPECT_EQ(english_present("miss", kThird), "misses");
    EXPECT_EQ(english_present("wash", kThird), "washes");
    EXPECT_EQ(english_present("watch", kThird), "watches");
    EXPECT_EQ(english_present("can", kThird), "can");
    EXPECT_EQ(english_present("must", kThird), "must");
    EXPECT_EQ(english_present("eat", kSecondPlural), "eat");
}

TEST(Inflection, PrepositionsContractWithArticles) {
    EXPECT_EQ(with_preposition("de", "le chat"), "du chat");
    EXPECT_EQ(with_preposition("de", "les chats"), "des chats");
    EXPECT_EQ(with_preposition("de", "des chats"), "de chats");
    EXPECT_EQ(with_preposition("à", "le marché"), "au marché");
    EXPECT_EQ(with_preposition("à", "les chats"), "aux chats");
    EXPECT_EQ(with_preposition("de", "la table"), "de la table");
    EXPECT_EQ(with_preposition("avec", "le chat"), "avec le chat");
    EXPECT_EQ(with_preposition("à côté de", "le lit"), "à côté du lit");
}

} // namespace
} // namespace nmt::phrasebook
