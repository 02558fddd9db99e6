// Draws phrases by phenomenon, never the same source twice, and splits them into training, validation and test. The grammar is in the
// other files, from the bottom: text and spelling, inflection, clause, draw, then one file of constructions for each phenomenon.
#include "nmt/phrasebook/phrasebook.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/random.hpp"
#include "nmt/phrasebook/bilingual_text.hpp"
#include "nmt/phrasebook/constructions.hpp"
#include "nmt/phrasebook/spelling.hpp"

#include <algorithm>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace nmt {

namespace {

using namespace phrasebook;
using std::string;
using std::string_view;

struct Phenomenon {
    string_view name;
    int percent; // of all phrases
    std::span<const Construction> (*constructions)();
};

constexpr Phenomenon kPhenomena[] = {
    {"plain", 14, plain_constructions},         {"adjective-order", 13, adjective_order_constructions},
    {"clitic", 13, clitic_constructions},       {"negation", 12, negation_constructions},
    {"agreement", 12, agreement_constructions}, {"question", 11, question_constructions},
    {"relative", 11, relative_constructions},   {"idiom", 14, idiom_constructions},
};

const Phenomenon& draw_phenomenon(Draw& draw) {
    int ticket = static_cast<int>(draw.below(100));
    for (const Phenomenon& row : kPhenomena)
        if ((ticket -= row.percent) < 0) return row;
    fail("the shares of the phrasebook's phenomena must sum to 100");
}

Phrase draw_phrase(Draw& draw, const Phenomenon& phenomenon) {
    int total = 0;
    for (const Construction& row : phenomenon.constructions()) total += row.weight;
    int ticket = static_cast<int>(draw.below(static_cast<std::uint64_t>(total)));
    for (const Construction& row : phenomenon.constructions()) {
        if ((ticket -= row.weight) >= 0) continue;
        const Text text = row.compose(draw);
        return {capitalized(french_spelling(text.french)), capitalized(english_spelling(text.english)), string(phenomenon.name)};
    }
    fail("the phrasebook has no construction for '{}'", phenomenon.name);
}

// A literal sentence that reads as an idiom ("les carottes sont cuites") would have two translations: the idiom keeps it.
bool reads_as_an_idiom(const Phrase& phrase) {
    return phrase.phenomenon != "idiom" && std::ranges::any_of(clause_idioms(), [&](const Pair& idiom) {
               const string words = string(idiom.french) + " ";
               return phrase.source.starts_with(capitalized(words)) || phrase.source.find(" " + words) != string::npos;
           });
}

const Phrase kPromised = {"Je vous en prie .", "You are welcome .", "idiom"}; // always in the test

// `count` phrases without kPromised, no source twice.
std::vector<Phrase> draw_phrases(std::uint64_t seed, std::size_t count) {
    constexpr int kPatience = 2000;
    Random random(seed);
    Draw draw(random);
    std::unordered_map<string, string> known{{kPromised.source, kPromised.target}};
    std::vector<Phrase> phrases;
    phrases.reserve(count);
    while (phrases.size() < count) {
        const Phenomenon& phenomenon = draw_phenomenon(draw);
        bool found = false;
        for (int attempt = 0; attempt < kPatience && !found; ++attempt) {
            Phrase phrase = draw_phrase(draw, phenomenon);
            if (reads_as_an_idiom(phrase)) continue;
            const auto [entry, is_new] = known.emplace(phrase.source, phrase.target);
            check(entry->second == phrase.target, "the phrasebook translates '{}' both as '{}' and as '{}'; make the grammar decide",
                  phrase.source, entry->second, phrase.target);
            found = is_new;
            if (is_new) phrases.push_back(std::move(phrase));
        }
        check(found, "the phrasebook has only {} different sentences for this seed, {} were asked for ('{}' is exhausted); ask for fewer",
              phrases.size(), count, phenomenon.name);
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