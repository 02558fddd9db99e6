#include "nmt/data/subword_sampling.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/random.hpp"

#include <algorithm>

namespace nmt {
namespace {

constexpr std::uint64_t kSourceStream = 0x73616d73, kTargetStream = 0x73616d74; // keep their random numbers apart from all others
// Sentences that are sampled at once.
constexpr std::size_t kBlock = 4096;

} // namespace

void check_can_sample(const std::string& type, const std::string& side) {
    check(
        type == "unigram" || type == "bpe",
        "subword-sampling has no effect on the {} side: its tokenizer is of type {}, which knows one way to encode a text; use unigram or "
        "bpe, or leave the side out with subword-sampling-sides",
        side, type);
}

SubwordSampler::SubwordSampler(const ParallelCorpus& corpus, const Tokenizer& source, const Tokenizer& target,
                               const SubwordSampling& sampling)
    : corpus_(corpus), source_(source), target_(target), sampling_(sampling) {
    if (sampling.source) check_can_sample(source.type(), "source");
    if (sampling.target) check_can_sample(target.type(), "target");
    const auto pairs = static_cast<std::size_t>(corpus.size());
    check((!sampling.source || corpus.source_texts().size() == pairs) && (!sampling.target || corpus.target_texts().size() == pairs),
          "a corpus whose text was not kept cannot be sampled");
}

SubwordSampler::Epoch SubwordSampler::epoch(int number) const {
    Epoch result;
    const TokenStore source =
        encode({source_, corpus_.source(), corpus_.source_texts(), kSourceStream, sampling_.source}, number, result.too_long);
    const TokenStore target =
        encode({target_, corpus_.target(), corpus_.target_texts(), kTargetStream, sampling_.target}, number, result.too_long);
    for (std::size_t i = 0; i < source.size(); ++i) result.corpus.add(source[i], target[i], corpus_.line(static_cast<int>(i)));
    return result;
}

TokenStore SubwordSampler::encode(const Side& side, int epoch, std::size_t& too_long) const {
    if (!side.sampled) return side.plain;
    Random seeds(mix_bits(sampling_.seed) ^ side.stream, static_cast<std::uint64_t>(epoch));
    TokenStore encoded;
    const std::span<const std::string> texts(side.texts);
    for (std::size_t begin = 0; begin < texts.size(); begin += kBlock) {
        const std::size_t count = std::min(kBlock, texts.size() - begin);
        const std::vector<std::vector<std::int32_t>> samples =
            side.tokenizer.sample(texts.subspan(begin, count), sampling_.alpha, seeds.next());
        for (std::size_t i = 0; i < count; ++i) {
            std::vector<std::int32_t> ids = samples[i];
            ids.push_back(Tokenizer::kEndOfSentence);
            const bool fits = sampling_.max_length == 0 || std::ssize(ids) <= sampling_.max_length;
            too_long += fits ? 0 : 1;
            encoded.add(fits ? std::span<const std::int32_t>(ids) : side.plain[begin + i]);
        }
    }
    return encoded;
}

} // namespace nmt
