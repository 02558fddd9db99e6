#include "nmt/phrasebook/spelling.hpp"

#include <gtest/gtest.h>

namespace nmt::phrasebook {
namespace {

TEST(Spelling, FrenchElidesBeforeVowelsAndAMuteH) {
    EXPECT_EQ(french_spelling("je ai une amie"), "j' ai une amie");
    EXPECT_EQ(french_spelling("ma amie et sa histoire"), "mon amie et son histoire");
    EXPECT_EQ(french_spelling("du eau , au hôtel"), "de l' eau , à l' hôtel");
    EXPECT_EQ(french_spelling("ce homme que elle aime"), "cet homme qu' elle aime");
    EXPECT_EQ(french_spelling("je le ai vu"), "je l' ai vu") << "each word sees the next alone";
    EXPECT_EQ(french_spelling("je ne y vais pas"), "je n' y vais pas");
}

TEST(Spelling, FrenchKeepsWhatDoesNotElide) {
    EXPECT_EQ(french_spelling("je vois le chat"), "je vois le chat");
    EXPECT_EQ(french_spelling("de honte"), "de honte");
    EXPECT_EQ(french_spelling("tu as une amie"), "tu as une amie");
    EXPECT_EQ(french_spelling("le"), "le") << "nothing follows";
    EXPECT_EQ(french_spelling(""), "");
}

TEST(Spelling, FrenchElidesSiBeforeIlAlone) {
    EXPECT_EQ(french_spelling("si il pleut"), "s' il pleut");
    EXPECT_EQ(french_spelling("si ils viennent"), "s' ils viennent");
    EXPECT_EQ(french_spelling("si elle vient"), "si elle vient");
}

TEST(Spelling, EnglishWritesAnBySoundAndCannotAsOneWord) {
    EXPECT_EQ(english_spelling("a apple and a pear"), "an apple and a pear");
    EXPECT_EQ(english_spelling("a hour in a house"), "an hour in a house");
    EXPECT_EQ(english_spelling("a useful umbrella , a umbrella"), "a useful umbrella , an umbrella");
    EXPECT_EQ(english_spelling("we can not go"), "we cannot go");
    EXPECT_EQ(english_spelling("can we not go"), "can we not go");
    EXPECT_EQ(english_spelling("can not"), "cannot");
    EXPECT_EQ(english_spelling("a"), "a");
}

TEST(Spelling, VowelSounds) {
    for (const char* const word : {"ami", "été", "être", "œuf", "homme", "y", "Anne"}) EXPECT_TRUE(starts_with_vowel_sound(word)) << word;
    for (const char* const word : {"chat", "honte", "honteux", "", "ça"}) EXPECT_FALSE(starts_with_vowel_sound(word)) << word;
}

TEST(Spelling, CapitalsOfAccentedLetters) {
    EXPECT_EQ(capitalized("il pleut"), "Il pleut");
    EXPECT_EQ(capitalized("école"), "École");
    EXPECT_EQ(capitalized("œuf"), "Œuf");
    EXPECT_EQ(capitalized("à"), "À");
    EXPECT_EQ(capitalized("« non »"), "« non »");
}

} // namespace
} // namespace nmt::phrasebook
