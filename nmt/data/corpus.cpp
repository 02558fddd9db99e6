#include "nmt/data/corpus.hpp"

#include "nmt/base/error.hpp"
#include "nmt/data/sentence_sample.hpp"

#include <limits>

namespace nmt {

void TokenStore::add(std::span<const std::int32_t> sequence) {
    tokens_.insert(tokens_.end(), sequence.begin(), sequence.end());
    ends_.push_back(tokens_.size());
}

std::vector<std::int32_t> encode_with_end(const Tokenizer& tokenizer, std::string_view text) {
    std::vector<std::int32_t> ids = tokenizer.encode(without_carriage_return(text));
    ids.push_back(Tokenizer::kEndOfSentence);
    return ids;
}

void ParallelCorpus::add(std::span<const std::int32_t> source_tokens, std::span<const std::int32_t> target_tokens, std::size_t line) {
    check(lines_.size() < static_cast<std::size_t>(std::numeric_limits<int>::max()), "a corpus holds at most {} pairs",
          std::numeric_limits<int>::max());
    source_.add(source_tokens);
    target_.add(target_tokens);
    lines_.push_back(line);
    ++counts_.kept;
}

ParallelCorpus ParallelCorpus::load(const CorpusSource& from, const CorpusOptions& options) {
    ParallelCorpus corpus;
    ParallelReader reader(from.text);
    SentenceSample sentences;
    std::string source_line, target_line;
    const auto too_long = [&](const auto& ids) { return options.max_length > 0 && std::ssize(ids) > options.max_length; };
    while (reader.next(source_line, target_line)) {
        const auto source_ids = encode_with_end(from.source_tokenizer, source_line);
        const auto target_ids = encode_with_end(from.target_tokenizer, target_line);
        if (!options.keep_empty && (source_ids.size() == 1 || target_ids.size() == 1)) {
            ++corpus.counts_.dropped_empty;
        } else if (too_long(source_ids) || too_long(target_ids)) {
            if (corpus.counts_.dropped_long++ == 0) {
                const std::size_t line = reader.pairs() - 1;
                corpus.counts_.first_long = reader.places().place(too_long(source_ids) ? Side::source : Side::target, line);
            }
        } else {
            corpus.add(source_ids, target_ids, reader.pairs() - 1);
            if (options.count_sentences) sentences.add(without_carriage_return(source_line));
            if (options.keep_source_text) corpus.source_texts_.emplace_back(without_carriage_return(source_line));
            if (options.keep_target_text) corpus.target_texts_.emplace_back(without_carriage_return(target_line));
        }
    }
    corpus.counts_.usual_sentences = sentences.usual();
    corpus.places_ = reader.places();
    check(reader.pairs() > 0, "no line stands in {}; expected a sentence a line", from.text.name());
    check(corpus.size() > 0, "no usable pair stands in {}: {}", from.text.name(), describe(corpus.counts_, options));
    return corpus;
}

std::string describe(const CorpusCounts& counts, const CorpusOptions& options) {
    std::string text = fmt::format("{} pairs", counts.kept);
    if (counts.dropped() == 0) return text;
    text += fmt::format(", {} dropped:", counts.dropped());
    if (counts.dropped_empty > 0) text += fmt::format(" {} with an empty side", counts.dropped_empty);
    if (counts.dropped_empty > 0 && counts.dropped_long > 0) text += ",";
    if (counts.dropped_long > 0)
        text += fmt::format(" {} longer than {} tokens (the first: {})", counts.dropped_long, options.max_length, counts.first_long);
    return text;
}

} // namespace nmt
