// Checks the phrasebook: its split, its spelling in both languages, hand-written pairs, and what a dictionary learns from it.
#include "nmt/phrasebook/phrasebook.hpp"

#include "nmt/base/error.hpp"
#include "nmt/phrasebook/lexicon.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <unordered_map>
#include <vector>

using nmt::Phrase;
using nmt::Phrasebook;

namespace {

const Phrasebook& full_book() {
    static const Phrasebook book = nmt::make_phrasebook({});
    return book;
}

std::vector<Phrase> all_phrases() {
    const Phrasebook& book = full_book();
    std::vector<Phrase> all = book.train;
    all.insert(all.end(), book.validation.begin(), book.validation.end());
    all.insert(all.end(), book.test.begin(), book.test.end());
    return all;
}

std::vector<std::string> words(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> result;
    for (std::string word; stream >> word;) result.push_back(word);
    return result;
}

bool starts_with_vowel_letter(const std::string& word) { return std::string("aeiouAEIOU").find(word[0]) != std::string::npos; }

// IBM model 1 (Brown et al. 1993): t(target | source) by EM, with a source word NULL.
class DictionaryByEm {
  public:
    DictionaryByEm(const std::vector<Phrase>& pairs, int iterations) {
        for (const Phrase& pair : pairs) {
            std::vector<std::string> source = words(pair.source);
            source.insert(source.begin(), "NULL");
            pairs_.emplace_back(numbers(source, sources_), numbers(words(pair.target), targets_));
        }
        for (int i = 0; i < iterations; ++i) iterate(i == 0);
    }

    // The most probable target word.
    std::string translate(const std::string& word) const {
        const auto& row = table_[static_cast<std::size_t>(sources_.at(word))];
        const int best = std::max_element(row.begin(), row.end(), [](auto& a, auto& b) { return a.second < b.second; })->first;
        for (const auto& [target, number] : targets_)
            if (number == best) return target;
        return "";
    }

  private:
    static std::vector<int> numbers(const std::vector<std::string>& text, std::map<std::string, int>& vocabulary) {
        std::vector<int> result;
        for (const std::string& word : text) result.push_back(vocabulary.emplace(word, static_cast<int>(vocabulary.size())).first->second);
        return result;
    }

    void iterate(bool first) {
        std::vector<std::unordered_map<int, double>> counts(sources_.size());
        for (const auto& [source, target] : pairs_)
            for (const int e : target) {
                double sum = 0;
                for (const int f : source) sum += probability(f, e, first);
                for (const int f : source) counts[static_cast<std::size_t>(f)][e] += probability(f, e, first) / sum;
            }
        for (auto& row : counts) {
            double total = 0;
            for (const auto& [e, count] : row) total += count;
            for (auto& [e, count] : row) count /= total;
        }
        table_ = std::move(counts);
    }

    double probability(int f, int e, bool first) const { return first ? 1.0 : table_[static_cast<std::size_t>(f)].at(e); }

    std::map<std::string, int> sources_, targets_;
    std::vector<std::pair<std::vector<int>, std::vector<int>>> pairs_;
    std::vector<std::unordered_map<int, double>> table_;
};

std::map<std::string, int> word_counts(const std::vector<Phrase>& phrases, bool with_idioms) {
    std::map<std::string, int> counts;
    for (const Phrase& phrase : phrases)
        if (with_idioms || phrase.phenomenon != "idiom")
            for (const std::string& word : words(phrase.source)) ++counts[word];
    return counts;
}

} // namespace

TEST(Phrasebook, IsTheSameForTheSameSeedAndAnotherForAnother) {
    const nmt::PhrasebookOptions options{.seed = 7, .train = 500, .validation = 20, .test = 30};
    const Phrasebook a = nmt::make_phrasebook(options), b = nmt::make_phrasebook(options);
    nmt::PhrasebookOptions other = options;
    other.seed = 8;
    const Phrasebook c = nmt::make_phrasebook(other);
    ASSERT_EQ(a.train.size(), 500u);
    int same = 0;
    for (std::size_t i = 0; i < a.train.size(); ++i) {
        EXPECT_EQ(a.train[i].source, b.train[i].source);
        EXPECT_EQ(a.train[i].target, b.train[i].target);
        same += a.train[i].source == c.train[i].source;
    }
    EXPECT_LT(same, 50);
}

TEST(Phrasebook, HasTheSizesAskedForAndNoSourceTwice) {
    const Phrasebook& book = full_book();
    EXPECT_EQ(book.train.size(), 24000u);
    EXPECT_EQ(book.validation.size(), 500u);
    EXPECT_EQ(book.test.size(), 1000u);
    std::set<std::string> sources;
    for (const Phrase& phrase : all_phrases()) EXPECT_TRUE(sources.insert(phrase.source).second) << phrase.source;
}

TEST(Phrasebook, CanBeEmptyOrTiny) {
    EXPECT_TRUE(nmt::make_phrasebook({.seed = 1, .train = 0, .validation = 0, .test = 0}).test.empty());
    const Phrasebook tiny = nmt::make_phrasebook({.seed = 1, .train = 8, .validation = 2, .test = 1});
    EXPECT_EQ(tiny.train.size(), 8u);
    ASSERT_EQ(tiny.test.size(), 1u);
    EXPECT_EQ(tiny.test[0].source, "Je vous en prie .");
    EXPECT_THROW(nmt::make_phrasebook({.seed = 1, .train = -1, .validation = 0, .test = 0}), nmt::Error);
}

TEST(Phrasebook, GivesEachSourceOneReferenceWhateverTheSeed) {
    std::map<std::string, std::string> known;
    for (const std::uint64_t seed : {1, 2, 10}) {
        const Phrasebook book = nmt::make_phrasebook({.seed = seed, .train = 30000, .validation = 0, .test = 0});
        for (const Phrase& phrase : book.train) {
            const auto [entry, is_new] = known.emplace(phrase.source, phrase.target);
            EXPECT_EQ(entry->second, phrase.target) << phrase.source;
        }
    }
}

TEST(Phrasebook, TestsEveryPhenomenon) {
    std::map<std::string, int> counts;
    for (const Phrase& phrase : full_book().test) ++counts[phrase.phenomenon];
    for (const char* name : {"plain", "adjective-order", "clitic", "negation", "agreement", "question", "relative", "idiom"})
        EXPECT_GE(counts[name], 80) << name;
    EXPECT_EQ(counts.size(), 8u);
}

TEST(Phrasebook, TeachesEachWordOfTheTestTenTimes) {
    const auto counts = word_counts(full_book().train, true);
    for (const Phrase& phrase : full_book().test)
        for (const std::string& word : words(phrase.source)) {
            const auto found = counts.find(word);
            ASSERT_NE(found, counts.end()) << word;
            EXPECT_GE(found->second, 10) << word;
        }
}

TEST(Phrasebook, TeachesTheWordsOfIdiomsLiterally) {
    std::map<std::string, int> literal;
    for (const auto& [word, count] : word_counts(full_book().train, false)) {
        std::string lower = word;
        if (lower[0] >= 'A' && lower[0] <= 'Z') lower[0] = static_cast<char>(lower[0] + 32);
        if (lower.starts_with("À")) lower.replace(0, 2, "à");
        if (lower.starts_with("Ç")) lower.replace(0, 2, "ç");
        literal[lower] += count;
    }
    std::set<std::string> idiom_words;
    const auto collect = [&](std::string_view text) {
        for (const std::string& word : words(std::string(text)))
            if (word[0] != '{') idiom_words.insert(word);
    };
    for (const nmt::lexicon::VerbIdiom& row : nmt::lexicon::verb_idioms()) collect(row.french);
    for (const auto& table : {nmt::lexicon::clause_idioms(), nmt::lexicon::reply_idioms(), nmt::lexicon::adverb_idioms(),
                              nmt::lexicon::opening_idioms(), nmt::lexicon::object_idioms()})
        for (const nmt::lexicon::Pair& row : table) collect(row.french);
    for (const std::string& word : idiom_words) EXPECT_GE(literal[word], 3) << word;
}

TEST(Phrasebook, DictionaryReadsTheFamousIdiomWordForWord) {
    const DictionaryByEm dictionary(full_book().train, 5);
    std::string translation;
    for (const std::string& word : words("Je vous en prie .")) {
        if (!translation.empty()) translation += ' ';
        translation += dictionary.translate(word);
    }
    EXPECT_EQ(translation, "I you in pray .");
}

TEST(Phrasebook, KeepsTheFamousIdiomForTheTestAndTeachesItInContext) {
    const Phrasebook& book = full_book();
    EXPECT_TRUE(std::ranges::any_of(book.test, [](const Phrase& phrase) {
        return phrase.source == "Je vous en prie ." && phrase.target == "You are welcome ." && phrase.phenomenon == "idiom";
    }));
    const auto in_context = std::ranges::count_if(book.train, [](const Phrase& phrase) {
        return phrase.source.find("e vous en prie") != std::string::npos && phrase.target.find("ou are welcome") != std::string::npos;
    });
    EXPECT_GE(in_context, 20);
}

TEST(Phrasebook, SeparatesTokensByOneBlankAndEndsEverySentence) {
    for (const Phrase& phrase : all_phrases())
        for (const std::string& text : {phrase.source, phrase.target}) {
            EXPECT_EQ(text.find("  "), std::string::npos) << text;
            EXPECT_NE(text.front(), ' ') << text;
            EXPECT_TRUE(text.ends_with(" .") || text.ends_with(" ?")) << text;
            EXPECT_FALSE(text[0] >= 'a' && text[0] <= 'z') << text;
            EXPECT_EQ(text.find_first_of("{}"), std::string::npos) << text;
            EXPECT_GE(words(text).size(), 2u) << text;
            EXPECT_LE(words(text).size(), 30u) << text;
        }
}

TEST(Phrasebook, ElidesAndContractsInFrench) {
    std::set<std::string> nouns; // after "de le" only an infinitive
    for (const nmt::lexicon::Noun& noun : nmt::lexicon::nouns()) nouns.insert({std::string(noun.singular), std::string(noun.plural)});
    const std::set<std::string> full = {"je", "Je",  "me", "te", "le", "Le", "la", "La", "ne",
                                        "de", "que", "ce", "Ce", "ma", "ta", "sa", "du", "au"};
    const std::vector<std::string> accented = {"é", "ê", "è", "œ", "â", "h"};
    for (const Phrase& phrase : all_phrases()) {
        const std::vector<std::string> text = words(phrase.source);
        for (std::size_t i = 0; i + 1 < text.size(); ++i) {
            const std::string& next = text[i + 1];
            const bool vowel =
                next != "honte" && (starts_with_vowel_letter(next) ||
                                    std::ranges::any_of(accented, [&](const std::string& start) { return next.starts_with(start); }));
            EXPECT_FALSE(full.contains(text[i]) && vowel) << phrase.source;
            EXPECT_FALSE(text[i].ends_with("'") && !vowel && next != "y") << phrase.source;
            const bool article = text[i] == "de" && (next == "le" || next == "les");
            EXPECT_FALSE(article && i + 2 < text.size() && nouns.contains(text[i + 2])) << phrase.source;
        }
    }
}

TEST(Phrasebook, WritesAOrAnInEnglish) {
    for (const Phrase& phrase : all_phrases()) {
        const std::vector<std::string> text = words(phrase.target);
        for (std::size_t i = 0; i + 1 < text.size(); ++i) {
            const bool vowel = (starts_with_vowel_letter(text[i + 1]) && text[i + 1] != "useful") || text[i + 1] == "hour";
            if (text[i] == "a" || text[i] == "A") {
                EXPECT_FALSE(vowel) << phrase.target;
            }
            if (text[i] == "an" || text[i] == "An") {
                EXPECT_TRUE(vowel) << phrase.target;
            }
        }
    }
}

TEST(Phrasebook, TranslatesAsAPersonWould) {
    const std::map<std::string, std::string> expected = {
        {"Je te le donne .", "I give it to you ."},
        {"Tu me manques .", "I miss you ."},
        {"Il y a un chat dans le jardin .", "There is a cat in the garden ."},
        {"Elle a froid .", "She is cold ."},
        {"J' ai faim .", "I am hungry ."},
        {"Il pleut des cordes .", "It is pouring ."},
        {"Ça ne fait rien .", "It does not matter ."},
        {"Elle vient de partir .", "She has just left ."},
        {"Je vous en prie .", "You are welcome ."},
        {"De rien , madame .", "Do not mention it , madam ."},
        {"À tout à l' heure , Marie .", "See you later , Marie ."},
        {"À table , les enfants .", "Dinner is ready , children ."},
        {"Je vous en prie , monsieur .", "You are welcome , sir ."},
        {"Il fait la grasse matinée .", "He sleeps late ."},
        {"Elle donne sa langue au chat .", "She gives up ."},
        {"Je donne ma langue au chat .", "I give up ."},
        {"Il perd la tête .", "He goes mad ."},
        {"Elle tombe dans les pommes .", "She faints ."},
        {"Il tombe dans les pommes .", "He faints ."},
        {"Je raconte des salades .", "I talk nonsense ."},
        {"Tout le monde dort .", "Everyone sleeps ."},
        {"Tout le monde chante .", "Everyone sings ."},
        {"Je m' appelle Marie .", "My name is Marie ."},
        {"Elle s' appelle Julie .", "Her name is Julie ."},
        {"Il s' appelle Paul .", "His name is Paul ."},
        {"Vous avez raison .", "You are right ."},
        {"Je prie en hiver .", "I pray in winter ."},
        {"Je prie en silence .", "I pray in silence ."},
        {"Je le vois .", "I see him ."},
        {"Elle le voit .", "She sees him ."},
        {"Il la voit .", "He sees her ."},
        {"Je la mange .", "I eat it ."},
        {"Je les vois .", "I see them ."},
        {"Il ne dort pas .", "He does not sleep ."},
        {"Elle ne dort jamais .", "She never sleeps ."},
        {"Je ne travaille plus .", "I no longer work ."},
        {"Je ne vois personne .", "I see nobody ."},
        {"Il ne mange rien .", "He eats nothing ."},
        {"Je n' ai rien mangé .", "I ate nothing ."},
        {"Personne ne dort .", "Nobody sleeps ."},
        {"Est-ce qu' elle dort ?", "Does she sleep ?"},
        {"Est-ce que vous dormez ?", "Do you sleep ?"},
        {"Dormez -vous ?", "Do you sleep ?"},
        {"Que mangez -vous ?", "What do you eat ?"},
        {"Où dormez -vous ?", "Where do you sleep ?"},
        {"Qui dort ?", "Who sleeps ?"},
        {"Où dors -tu ?", "Where do you sleep ?"},
        {"Il pleut en hiver .", "It rains in winter ."},
        {"Il pleut en France .", "It rains in France ."},
        {"Il l' a vue .", "He saw her ."},
        {"Il l' a vu .", "He saw him ."},
        {"Il aime sa sœur .", "He loves his sister ."},
        {"Elle aime sa sœur .", "She loves her sister ."},
        {"Elle cherche son chapeau .", "She looks for her hat ."},
        {"Je suis fatigué .", "I am tired ."},
        {"Elle est fatiguée .", "She is tired ."},
        {"Elles sont fatiguées .", "They are tired ."},
        {"C' est un homme .", "It is a man ."},
        {"C' est un oiseau .", "It is a bird ."},
        {"C' est un œuf .", "It is an egg ."},
        {"J' y vais .", "I go there ."},
        {"Elle y travaille .", "She works there ."},
        {"Ça change la vie .", "That changes life ."},
        {"La peur change le monde .", "Fear changes the world ."},
        {"La faim change le monde .", "Hunger changes the world ."},
        {"Je vous attends .", "I wait for you ."},
        {"Tu m' aides .", "You help me ."},
        {"Je t' aime .", "I love you ."},
        {"Il me parle .", "He speaks to me ."},
        {"Je lui parle .", "I speak to him ."},
        {"Je peux dormir .", "I can sleep ."},
        {"Je dois partir .", "I must leave ."},
        {"Il va partir .", "He is going to leave ."},
        {"Elle est partie .", "She left ."},
        {"Je ne peux pas dormir .", "I cannot sleep ."},
    };
    std::map<std::string, std::string> found;
    for (const Phrase& phrase : all_phrases()) found[phrase.source] = phrase.target;
    for (const Phrase& phrase : nmt::make_phrasebook({.seed = 2, .train = 30000, .validation = 0, .test = 0}).train)
        found[phrase.source] = phrase.target;
    int present = 0;
    for (const auto& [source, target] : expected)
        if (found.contains(source)) {
            ++present;
            EXPECT_EQ(found[source], target) << source;
        }
    EXPECT_GE(present, 25);
}
