#include "nmt/training/validation.hpp"

#include "nmt/base/log.hpp"
#include "nmt/base/mapped_file.hpp"
#include "nmt/base/signals.hpp"
#include "nmt/data/batcher.hpp"
#include "nmt/decoding/translator.hpp"

#include <algorithm>
#include <cmath>

namespace nmt {
namespace {

constexpr int kBatchTokens = 2048;

// Whether </s> is all that a side has.
bool has_empty_side(const ParallelCorpus& corpus, int i) {
    const auto pair = static_cast<std::size_t>(i);
    return corpus.source().length(pair) == 1 || corpus.target().length(pair) == 1;
}

// The log-probability of each target of a batch.
std::vector<double> score_batch(Model& model, const Batch& batch) {
    const StepOutput output = teacher_forced(model, batch.source, batch.target);
    std::vector<double> scores;
    for (int i = 0; i < batch.target.count(); ++i) {
        const std::span<const std::int32_t> target = batch.target[i];
        const std::int64_t first = batch.target.offset(i);
        // Padded, so that few sizes of the product occur; the rows beyond the target's are not looked at.
        const std::int64_t last = std::min(first + padded_rows(std::ssize(target)), output.hidden.rows());
        RowIndex targets(target.begin(), target.end());
        targets.resize(static_cast<std::size_t>(last - first), -1);
        const Variable rows(output.hidden.value().slice_rows(first, last));
        scores.push_back(model.decoder().loss(rows, targets, {.smoothing = 0}).log_likelihood);
    }
    return scores;
}

} // namespace

std::vector<PairScore> score_pairs(Model& model, const ParallelCorpus& corpus, int batch_tokens) {
    std::vector<PairScore> scores(static_cast<std::size_t>(corpus.size()));
    for (const std::vector<int>& ids : make_sorted_batches(corpus, batch_tokens)) {
        if (stop_signal() != 0) throw Interrupted(stop_signal(), "scoring stopped by a signal");
        const Batch batch = gather(corpus, ids);
        const std::vector<double> of_batch = score_batch(model, batch);
        for (std::size_t i = 0; i < ids.size(); ++i) {
            check(std::isfinite(of_batch[i]), "the model gave a target a log-probability of {}; its weights or its arithmetic are broken",
                  of_batch[i]);
            scores[static_cast<std::size_t>(ids[i])] = {of_batch[i], batch.target.lengths[i]};
        }
    }
    check_mapped_files();
    return scores;
}

void check_length(std::size_t tokens, int positions, int max_length, const std::string& where) {
    check(tokens <= static_cast<std::size_t>(positions),
          "{}: {} tokens, but the model has {} positions; leave the line out, or train with a larger max-positions", where, tokens,
          positions);
    check(
        max_length == 0 || tokens <= static_cast<std::size_t>(max_length),
        "{}: {} tokens, more than the {} of --max-length; leave the line out, or give a larger --max-length (memory grows with its square)",
        where, tokens, max_length);
}

void check_lengths(Model& model, const ParallelCorpus& corpus, int max_length) {
    const auto check_side = [&](Side side, const TokenStore& tokens, int positions) {
        for (int i = 0; i < corpus.size(); ++i)
            if (const int length = tokens.length(static_cast<std::size_t>(i));
                length > positions || (max_length > 0 && length > max_length))
                check_length(static_cast<std::size_t>(length), positions, max_length, corpus.place(side, i));
    };
    check_side(Side::source, corpus.source(), model.encoder().max_length());
    check_side(Side::target, corpus.target(), model.decoder().max_length());
}

ParallelCorpus load_validation_set(const ParallelText& text, const Tokenizer& source, const Tokenizer& target, Model& model,
                                   int max_length) {
    const int longest = std::min({std::max(max_length, kUsualMaxLength), model.encoder().max_length(), model.decoder().max_length()});
    const CorpusOptions options{.max_length = longest, .keep_empty = true, .keep_source_text = true, .keep_target_text = true};
    ParallelCorpus set = ParallelCorpus::load({text, source, target}, options);
    int full = 0;
    for (int i = 0; i < set.size(); ++i) full += has_empty_side(set, i) ? 0 : 1;
    check(full > 0, "no line of {} has text on both sides; expected sentences and their translations", text.name());
    if (set.counts().dropped() > 0) log_warning("validation leaves lines out: {}", describe(set.counts(), options));
    return set;
}

ValidationResult validate(Model& model, const TokenizerPair& tokenizers, const ParallelCorpus& set, const ValidationOptions& options) {
    double log_probability = 0, tokens = 0;
    const std::vector<PairScore> scores = score_pairs(model, set, kBatchTokens);
    for (int i = 0; i < set.size(); ++i) {
        if (has_empty_side(set, i)) continue;
        log_probability += scores[static_cast<std::size_t>(i)].log_probability;
        tokens += scores[static_cast<std::size_t>(i)].tokens;
    }
    TranslatorOptions translation;
    translation.search.beam = options.beam;
    Translator translator(model, tokenizers.source(), tokenizers.target(), translation);
    return {-log_probability / tokens, corpus_score(Bleu(options.bleu), translator.translate(set.source_texts()), set.target_texts())};
}

} // namespace nmt
