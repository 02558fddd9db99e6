#include "nmt/decoding/search.hpp"

#include "nmt/base/error.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nmt {
namespace {

std::vector<Beam> start_beams(const Sequences& source, const SearchOptions& options, std::span<const SentenceOptions> sentences) {
    BeamOptions of_beam{.beam = options.beam, .n_best = options.n_best, .scoring = options.scoring(), .sampling = options.sampling};
    of_beam.rules.no_repeat_ngram = options.no_repeat_ngram;
    of_beam.rules.forbid_unknown = options.forbid_unknown;
    std::vector<Beam> beams;
    beams.reserve(source.lengths.size());
    for (std::size_t i = 0; i < source.lengths.size(); ++i) {
        of_beam.max_length = options.max_length_for(source.lengths[i]);
        of_beam.rules.min_length = options.min_length_for(source.lengths[i]);
        if (!sentences.empty()) {
            of_beam.rules.prefix = sentences[i].prefix;
            of_beam.rules.not_after_prefix = sentences[i].not_after_prefix;
            of_beam.stream = sentences[i].stream;
        }
        beams.emplace_back(of_beam);
    }
    return beams;
}

// The weights of `count` rows from `first` on over the `source` tokens of their sentence: [count,source].
std::vector<float> attention_of(const Tensor& attention, int first, int count, int source) {
    check(attention.columns() >= source, "attention over {} tokens for a source of {}", attention.columns(), source);
    std::vector<float> weights;
    for (int row = first; row < first + count; ++row) weights.insert(weights.end(), attention.row(row), attention.row(row) + source);
    return weights;
}

bool is_identity(const std::vector<std::int32_t>& rows, std::size_t count) {
    if (rows.size() != count) return false;
    for (std::size_t i = 0; i < count; ++i)
        if (rows[i] != static_cast<std::int32_t>(i)) return false;
    return true;
}

constexpr std::int64_t kRowsAtOnce = 64; // some 2 MiB for 8,000 tokens: fewer read the output layer too often, more leave the cache

// The sentences of a batch under search, and where the rows of each stand.
class BatchSearch {
  public:
    BatchSearch(const Sequences& source, const SearchOptions& options, std::span<const SentenceOptions> sentences)
        : source_(source), needs_attention_(options.needs_attention()), beams_(start_beams(source, options, sentences)),
          unfinished_(beams_.size()), first_rows_(beams_.size()), tokens_(beams_.size(), kBeginOfSentence) {
        std::iota(unfinished_.begin(), unfinished_.end(), 0);
        std::iota(first_rows_.begin(), first_rows_.end(), 0);
    }

    void run(EnsembleState& state) {
        while (!unfinished_.empty()) {
            state.step(tokens_);
            advance(state);
            const std::size_t rows_before = tokens_.size();
            const std::vector<std::int32_t> rows = collect_rows();
            if (!rows.empty() && !is_identity(rows, rows_before)) state.reorder(rows);
        }
    }

    std::vector<std::vector<Hypothesis>> best() const {
        std::vector<std::vector<Hypothesis>> results;
        for (const Beam& beam : beams_) results.push_back(beam.best());
        return results;
    }

  private:
    void advance(const EnsembleState& state) {
        const Tensor attention = needs_attention_ ? state.attention() : Tensor();
        check(!needs_attention_ || !attention.empty(), "alignments and a coverage penalty need attention, but no model has it");
        // Some sentences at a time, so that the probabilities of their rows stay in the cache between one pass over them and the next.
        for (std::size_t begin = 0, end = 0; begin < unfinished_.size(); begin = end) {
            std::int64_t rows = 0;
            do rows += beam_of(end++).rows();
            while (end < unfinished_.size() && rows + beam_of(end).rows() <= kRowsAtOnce);
            const Distributions next = state.next_tokens(first_rows_[begin], rows);
            for (std::size_t i = begin; i < end; ++i) {
                Beam& beam = beam_of(i);
                const int first = first_rows_[i], count = beam.rows();
                std::vector<Distribution> of_sentence;
                for (int row = first; row < first + count; ++row) of_sentence.push_back(next[row - first_rows_[begin]]);
                std::vector<float> weights;
                if (needs_attention_)
                    weights = attention_of(attention, first, count, source_.lengths[static_cast<std::size_t>(unfinished_[i])]);
                beam.advance(of_sentence, weights);
            }
        }
    }

    Beam& beam_of(std::size_t i) { return beams_[static_cast<std::size_t>(unfinished_[i])]; }

    // Leaves out what is finished. Sets the next tokens of the rows that remain and returns the row that each continues.
    std::vector<std::int32_t> collect_rows() {
        std::vector<int> unfinished, first_rows;
        std::vector<std::int32_t> rows;
        tokens_.clear();
        for (std::size_t i = 0; i < unfinished_.size(); ++i) {
            const Beam& beam = beams_[static_cast<std::size_t>(unfinished_[i])];
            if (beam.done()) continue;
            unfinished.push_back(unfinished_[i]);
            first_rows.push_back(static_cast<int>(rows.size()));
            for (const Beam::Alive& hypothesis : beam.alive()) {
                rows.push_back(first_rows_[i] + hypothesis.origin);
                tokens_.push_back(hypothesis.token);
            }
        }
        unfinished_ = std::move(unfinished);
        first_rows_ = std::move(first_rows);
        return rows;
    }

    const Sequences& source_;
    bool needs_attention_;
    std::vector<Beam> beams_;
    std::vector<int> unfinished_, first_rows_; // sentences, and where the rows of each begin
    std::vector<std::int32_t> tokens_;         // the last one of each row
};

} // namespace

void SearchOptions::describe(OptionTable& table) {
    table.add("beam", beam, "hypotheses kept at every step; 1 is greedy search", 1, 1000);
    table.add("n-best", n_best, "translations of a sentence, best first; at most the beam", 1, 1000);
    table.add("length-normalization", length_normalization,
              "what the score of a translation is, X being the length-penalty: its log-probability / length^X, or, for wu, "
              "/ ((5 + length) / 6)^X",
              {"average", "wu"});
    table.add("length-penalty", length_penalty, "more favours longer translations; 0: the score is the log-probability", 0, 100);
    table.add("coverage-penalty", coverage_penalty,
              "lowers the score where source words got little attention, by this times the sum of their log coverage; 0: off", 0, 100);
    table.add("no-repeat-ngram", no_repeat_ngram, "no sequence of so many pieces occurs twice in a translation; 0: off", 0, 1000);
    table.add("min-length", min_length, "a translation has at least so many pieces, with the end of the sentence ...", 0, 1'000'000);
    table.add("min-length-factor", min_length_factor, "... and at least this times the source's", 0, 1000);
    table.add("max-length", max_length, "at most so many, even where a minimum is higher; 0: no such limit", 0, 1'000'000);
    table.add("max-length-factor", max_length_factor, "at most this times the source's ...", 0, 1000);
    table.add("max-length-offset", max_length_offset, "... plus this", 0, 1'000'000);
}

void SearchOptions::validate() const {
    check(sampling || n_best <= beam, "n-best = {} is more than beam = {}; ask for a beam of at least {}", n_best, beam, n_best);
    check(max_length == 0 || min_length <= max_length, "min-length = {} is more than max-length = {}", min_length, max_length);
    length_normalization_from_name(length_normalization);
}

int SearchOptions::max_length_for(int source_tokens) const {
    const double length = std::floor(max_length_factor * source_tokens) + max_length_offset;
    return static_cast<int>(std::clamp(length, 1.0, max_length > 0 ? max_length : 1e9));
}

int SearchOptions::min_length_for(int source_tokens) const {
    const double length = std::max<double>(min_length, std::ceil(min_length_factor * source_tokens));
    return static_cast<int>(std::min<double>(length, max_length_for(source_tokens)));
}

std::vector<std::vector<Hypothesis>> search(const Ensemble& models, const Sequences& source, const SearchOptions& options,
                                            std::span<const SentenceOptions> sentences) {
    options.validate();
    check(Tape::current() == nullptr, "search needs no gradients: it must not run while a tape exists");
    check(sentences.empty() || static_cast<int>(sentences.size()) == source.count(), "{} sentences, but what is asked of {}",
          source.count(), sentences.size());
    BatchSearch batch(source, options, sentences);
    if (source.count() == 0) return {};
    EnsembleState state(models, source, options.needs_attention());
    batch.run(state);
    return batch.best();
}

} // namespace nmt
