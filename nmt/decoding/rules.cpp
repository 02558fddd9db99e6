#include "nmt/decoding/rules.hpp"

#include "tokenizer/tokenizer.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace nmt {
namespace {

// The tokens that would make the last n tokens a sequence that has been there before.
std::vector<std::int32_t> repeating_tokens(std::span<const std::int32_t> tokens, std::size_t n) {
    std::vector<std::int32_t> repeating;
    if (tokens.size() < n) return repeating;
    const std::span<const std::int32_t> last = tokens.last(n - 1);
    for (std::size_t i = 0; i + n <= tokens.size(); ++i)
        if (std::equal(last.begin(), last.end(), tokens.begin() + static_cast<std::ptrdiff_t>(i))) repeating.push_back(tokens[i + n - 1]);
    std::sort(repeating.begin(), repeating.end());
    repeating.erase(std::unique(repeating.begin(), repeating.end()), repeating.end());
    return repeating;
}

// Adds tokens to others; both are in ascending order, and so is the result.
void add(std::vector<std::int32_t>& tokens, std::span<const std::int32_t> others) {
    std::vector<std::int32_t> all;
    all.reserve(tokens.size() + others.size());
    std::set_union(tokens.begin(), tokens.end(), others.begin(), others.end(), std::back_inserter(all));
    tokens = std::move(all);
}

constexpr std::array kUnknown{Tokenizer::kUnknown};

} // namespace

bool NextTokens::permits(std::int32_t token) const {
    if (forced >= 0) return token == forced;
    return forbidden.empty() || !std::binary_search(forbidden.begin(), forbidden.end(), token);
}

NextTokens next_tokens(const Rules& rules, std::span<const std::int32_t> tokens, std::size_t vocabulary) {
    NextTokens next;
    if (tokens.size() < rules.prefix.size()) {
        next.forced = rules.prefix[tokens.size()];
        return next;
    }
    if (rules.no_repeat_ngram > 0) next.forbidden = repeating_tokens(tokens, static_cast<std::size_t>(rules.no_repeat_ngram));
    if (rules.not_after_prefix && tokens.size() == rules.prefix.size()) add(next.forbidden, *rules.not_after_prefix);
    if (rules.forbid_unknown) add(next.forbidden, kUnknown);
    const bool too_short = tokens.size() + 1 < static_cast<std::size_t>(std::max(rules.min_length, 0));
    if (too_short && next.forbidden.size() + 1 < vocabulary) next.forbidden.insert(next.forbidden.begin(), Tokenizer::kEndOfSentence);
    return next;
}

} // namespace nmt
