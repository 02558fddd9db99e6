// Hard rules on what the next token of a hypothesis may be: a forced beginning, a least length, no repeated n-grams, no <unk>.
// Used by the beam; integers alone, tested without a model.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace nmt {

struct Rules {
    int min_length = 0;                    // tokens, </s> counted: </s> is forbidden before; 0 and 1 allow it at once
    int no_repeat_ngram = 0;               // no sequence of so many tokens occurs twice in a hypothesis; 0: off
    bool forbid_unknown = false;           // no <unk>
    std::vector<std::int32_t> prefix = {}; // the hypothesis begins with it, whatever the other rules say; without </s>
    std::shared_ptr<const std::vector<std::int32_t>> not_after_prefix = {}; // tokens, ascending, that may not follow it; null: none

    // Whether what may follow depends on the tokens of a hypothesis, or on their number.
    bool depend_on_tokens() const { return min_length > 1 || no_repeat_ngram > 0 || !prefix.empty() || not_after_prefix; }
    bool any() const { return forbid_unknown || depend_on_tokens(); }
};

// What may come next: one token alone, or all but some.
struct NextTokens {
    std::int32_t forced = -1;                 // -1: none
    std::vector<std::int32_t> forbidden = {}; // ascending; empty where one is forced

    bool permits(std::int32_t token) const;
};

// What may follow `tokens`, the hypothesis so far, in a vocabulary of that size. No n-gram rule forbids </s>; and where the other
// rules leave nothing but </s>, it is permitted even before the least length, so that the hypothesis can end.
NextTokens next_tokens(const Rules& rules, std::span<const std::int32_t> tokens, std::size_t vocabulary);

} // namespace nmt
