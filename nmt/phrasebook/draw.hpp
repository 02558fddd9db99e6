// Draws the parts that the constructions share: words, noun phrases, clauses, the end of a sentence.
#pragma once

#include "nmt/base/error.hpp"
#include "nmt/base/random.hpp"
#include "nmt/phrasebook/clause.hpp"

#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

namespace nmt::phrasebook {

inline constexpr Determiner kThe = {"le", "la", "les", "the", "the"};
inline constexpr Determiner kA = {"un", "une", "des", "a", "some"};
inline constexpr Determiner kSome = {"du", "de la", "", "some", ""};

// How a noun phrase may be determined and described.
enum class Style {
    plain,
    definite, // "le, ce, mon"
    specific, // "le, ce"
    distinct, // with an adjective that changes the word order
};

// Each call draws anew; the same calls after the same seed draw the same. The noun phrases are in draw_noun_phrases.cpp, the
// clauses in draw_clauses.cpp.
class Draw {
  public:
    explicit Draw(Random& random) : random_(random) {}

    std::uint64_t below(std::uint64_t n) { return random_.below(n); } // uniform in [0, n)
    bool chance(int percent) { return below(100) < static_cast<std::uint64_t>(percent); }

    template <typename Range>
    const auto& pick(const Range& range) {
        return range[below(std::size(range))];
    }
    // A row that is wanted. Throws Error where there seems to be none.
    template <typename Range, typename Predicate>
    const auto& pick_where(const Range& range, Predicate wanted) {
        for (int attempt = 0; attempt < 10000; ++attempt)
            if (const auto& row = pick(range); wanted(row)) return row;
        fail("the phrasebook's lexicon has no entry of the kind that a construction asks for; add a row to the table");
    }

    // A noun of one of the kinds, with a determiner and perhaps adjectives.
    NounPhrase noun_phrase(Kinds kinds, Style style = Style::plain);
    NounPhrase noun_phrase(const Noun& noun, bool plural, const Determiner& determiner, Style style);
    NounPhrase singular(Kinds kinds, bool indefinite); // "un" or "le"
    NounPhrase pronoun();                              // as a subject
    NounPhrase name();
    NounPhrase person();             // a name or a human noun
    NounPhrase subject(Kinds kinds); // as noun_phrase; pronouns and names too where humans are among the kinds

    // A verb of which all these kinds may be the subject.
    const Verb& intransitive(Kinds subjects);
    const Verb& transitive(Kinds subjects);
    const Negation& negation(); // "pas" or "jamais", which go with every clause

    Text place();
    Text time(bool past);
    Text tail(const Clause& clause); // nothing, a setting, a place or a time
    void tense(Clause& clause);      // sets the past or a helper, or neither

    Clause intransitive_clause(const NounPhrase& subject);
    Clause transitive_clause(const NounPhrase& subject, Style object_style);
    Clause adjective_clause(const NounPhrase& subject, std::optional<Position> position = {}); // "il est petit"
    // What can be said of any subject: it does something, or it is in some way.
    Clause predicate_clause(const NounPhrase& subject);

    // A sentence with its end; a statement sometimes goes on with a second clause.
    Text sentence(Text text, std::string_view end = ".");
    Text sentence(const Clause& clause);

  private:
    const Adjective& adjective(Kinds kinds, Position position);
    Text manner_or_tail(const Clause& clause);
    Text second_clause(bool past);

    Random& random_;
};

} // namespace nmt::phrasebook
