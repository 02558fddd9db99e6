#include "nmt/models/dictionary.hpp"

#include "nmt/models/row_state.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace nmt {
namespace {

constexpr int kEntries = 8;     // target tokens kept for each source token, the most probable first
constexpr int kIterations = 10; // of EM

class SourceTokens : public Encoder {
  public:
    Memory encode(const Sequences& source) override { return memory_of(source); }
    std::int64_t width() const override { return 0; }
};

// Parameters dictionary.tokens and dictionary.log_probabilities [V of the source, kEntries].
class DictionaryDecoder : public Decoder {
  public:
    explicit DictionaryDecoder(ModelBuilder& builder)
        : vocabulary_(builder.vocabulary.target),
          tokens_(builder.parameters.add_constant("dictionary.tokens", {builder.vocabulary.source, kEntries}, -1)),
          log_probabilities_(builder.parameters.add_constant("dictionary.log_probabilities", {builder.vocabulary.source, kEntries}, 0)) {}

    std::unique_ptr<State> start(const Memory& memory) override { return std::make_unique<RowState>(memory); }

    // hidden [N,1] is the source token at the position to translate, which has all attention; beyond the end it is the last, </s>.
    StepOutput step(State& opaque, const Sequences& tokens) override {
        auto& state = dynamic_cast<RowState&>(opaque);
        Context& context = tokens_.value().context();
        Tensor hidden = Tensor::zeros(context, {padded_rows(tokens.total()), 1}), attention;
        if (state.wants_attention) attention = Tensor::zeros(context, {hidden.rows(), state.memory->source.longest()});
        std::int64_t row = 0;
        for (int r = 0; r < tokens.count(); ++r) {
            const std::span<const std::int32_t> source = state.memory->source[state.sentence_of_row[static_cast<std::size_t>(r)]];
            std::int32_t& position = state.position[static_cast<std::size_t>(r)];
            for (int i = 0; i < tokens.lengths[static_cast<std::size_t>(r)]; ++i, ++position, ++row) {
                const std::size_t at = std::min(static_cast<std::size_t>(position), source.size() - 1);
                hidden.row(row)[0] = static_cast<float>(source[at]);
                if (!attention.empty()) attention.row(row)[at] = 1;
            }
        }
        return {Variable(hidden), attention};
    }

    Variable logits(const Variable& hidden) override {
        Tensor result = translations_of(hidden);
        // Where there is no entry, nothing but <unk> is possible: any other token would be one by chance, or an end of the sentence.
        for (std::int64_t i = 0; i < result.rows(); ++i)
            if (result.row(i)[Tokenizer::kUnknown] == 0) {
                std::fill_n(result.row(i), vocabulary_, -std::numeric_limits<float>::infinity());
                result.row(i)[Tokenizer::kUnknown] = 0;
            }
        return Variable(result);
    }

    CrossEntropy loss(const Variable& hidden, const RowIndex& targets, LossOptions options) override {
        Tensor all = translations_of(hidden);
        return cross_entropy(all, targets, options.smoothing, nullptr);
    }

  private:
    // log t(target | source) [N,V]: that of the entries, and what is left over shared by all other tokens.
    Tensor translations_of(const Variable& hidden) const {
        Tensor logits(hidden.context(), {hidden.rows(), vocabulary_});
        for (std::int64_t i = 0; i < hidden.rows(); ++i) {
            const auto source = static_cast<std::int64_t>(hidden.value().data()[i]);
            const float* const tokens = tokens_.value().row(source);
            const float* const log_probabilities = log_probabilities_.value().row(source);
            const auto entries = std::find_if(tokens, tokens + kEntries, [](float token) { return token < 0; }) - tokens;
            double rest = 1;
            for (std::ptrdiff_t k = 0; k < entries; ++k) rest -= std::exp(log_probabilities[k]);
            std::fill_n(logits.row(i), vocabulary_, static_cast<float>(std::log(std::max(rest, 1e-6) / vocabulary_)));
            for (std::ptrdiff_t k = 0; k < entries; ++k) logits.row(i)[static_cast<std::int64_t>(tokens[k])] = log_probabilities[k];
        }
        return logits;
    }

    std::int64_t vocabulary_;
    Parameter& tokens_;
    Parameter& log_probabilities_;
};

// The translation table t(target | source) of all pairs of tokens that meet in a sentence pair.
class TranslationTable {
  public:
    explicit TranslationTable(const ParallelCorpus& corpus, int null_token) : corpus_(corpus), null_(null_token) {
        constexpr std::size_t kRoom = 1 << 22; // pairs that are met before those met twice are taken out
        std::size_t room = kRoom;
        for_each_pair([&](std::int32_t source, std::int32_t target) {
            pairs_.push_back({source, target});
            if (pairs_.size() < room) return;
            sort_out();
            room = std::max(kRoom, 2 * pairs_.size());
        });
        sort_out();
        probability_.assign(pairs_.size(), 1.0);
        for (std::size_t k = 0; k < pairs_.size(); ++k) {
            if (k == 0 || pairs_[k].source != pairs_[k - 1].source) begin_.resize(static_cast<std::size_t>(pairs_[k].source) + 1, k);
        }
        begin_.resize(static_cast<std::size_t>(null_) + 2, pairs_.size());
    }

    // One step of EM: expected counts under the present table, then the table that makes them most likely.
    void iterate() {
        std::vector<double> counts(pairs_.size(), 0.0);
        std::vector<std::size_t> positions; // of a target's pairs
        for (int i = 0; i < corpus_.size(); ++i) {
            for (const std::int32_t target : target_of(i)) {
                positions.clear();
                for (const std::int32_t source : source_of(i)) positions.push_back(find({source, target}));
                positions.push_back(find({null_, target}));
                double total = 0;
                for (const std::size_t at : positions) total += probability_[at];
                for (const std::size_t at : positions) counts[at] += probability_[at] / total;
            }
        }
        for (std::size_t source = 0; source + 1 < begin_.size(); ++source) {
            double total = 0;
            for (std::size_t k = begin_[source]; k < begin_[source + 1]; ++k) total += counts[k];
            for (std::size_t k = begin_[source]; k < begin_[source + 1]; ++k) probability_[k] = counts[k] / total;
        }
    }

    // Calls visit(source, targets with their probabilities, most probable first) for each source token.
    template <typename Visit>
    void for_each_source(const Visit& visit) const {
        using Entry = std::pair<std::int32_t, double>;
        for (std::int32_t source = 0; source < null_; ++source) {
            std::vector<Entry> entries;
            for (std::size_t k = begin_[static_cast<std::size_t>(source)]; k < begin_[static_cast<std::size_t>(source) + 1]; ++k)
                entries.emplace_back(pairs_[k].target, probability_[k]);
            std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.second > b.second; });
            if (!entries.empty()) visit(source, entries);
        }
    }

  private:
    struct Pair {
        std::int32_t source, target;
        auto operator<=>(const Pair&) const = default;
    };

    std::span<const std::int32_t> source_of(int i) const { return without_end(corpus_.source()[static_cast<std::size_t>(i)]); }
    std::span<const std::int32_t> target_of(int i) const { return without_end(corpus_.target()[static_cast<std::size_t>(i)]); }
    static std::span<const std::int32_t> without_end(std::span<const std::int32_t> tokens) { return tokens.first(tokens.size() - 1); }

    template <typename Visit>
    void for_each_pair(const Visit& visit) const {
        for (int i = 0; i < corpus_.size(); ++i)
            for (const std::int32_t target : target_of(i)) {
                for (const std::int32_t source : source_of(i)) visit(source, target);
                visit(null_, target);
            }
    }

    void sort_out() {
        std::sort(pairs_.begin(), pairs_.end());
        pairs_.erase(std::unique(pairs_.begin(), pairs_.end()), pairs_.end());
    }

    std::size_t find(const Pair& pair) const {
        const auto source = static_cast<std::size_t>(pair.source);
        const auto begin = pairs_.begin() + static_cast<std::ptrdiff_t>(begin_[source]),
                   end = pairs_.begin() + static_cast<std::ptrdiff_t>(begin_[source + 1]);
        return static_cast<std::size_t>(std::lower_bound(begin, end, pair) - pairs_.begin());
    }

    const ParallelCorpus& corpus_;
    std::int32_t null_;
    std::vector<Pair> pairs_;         // sorted
    std::vector<double> probability_; // of each pair
    std::vector<std::size_t> begin_;  // where the pairs of a source token begin; one more at the end
};

void describe_nothing(ModelOptions&, OptionTable&) {}

} // namespace

void estimate_dictionary(Model& model, const ParallelCorpus& corpus) {
    TranslationTable table(corpus, model.vocabulary().source);
    for (int i = 0; i < kIterations; ++i) table.iterate();
    Parameter& tokens = *model.parameters().find("dictionary.tokens");
    Parameter& log_probabilities = *model.parameters().find("dictionary.log_probabilities");
    tokens.value().fill(-1);
    log_probabilities.value().fill(0);
    // A token that the corpus has not becomes <unk>: with nothing to choose from, search might take </s> and end there.
    for (std::int64_t source = 0; source < tokens.value().rows(); ++source) tokens.value().row(source)[0] = Tokenizer::kUnknown;
    table.for_each_source([&](std::int32_t source, const std::vector<std::pair<std::int32_t, double>>& entries) {
        for (std::size_t k = 0; k < std::min<std::size_t>(entries.size(), kEntries); ++k) {
            tokens.value().row(source)[k] = static_cast<float>(entries[k].first);
            log_probabilities.value().row(source)[k] = static_cast<float>(std::log(std::max(entries[k].second, 1e-30)));
        }
    });
    tokens.value().row(Tokenizer::kEndOfSentence)[0] = Tokenizer::kEndOfSentence; // the end of the one is the end of the other
    log_probabilities.value().row(Tokenizer::kEndOfSentence)[0] = 0;
}

void check_dictionary(Model& model) {
    const Tensor& tokens = model.parameters().find("dictionary.tokens")->value();
    const Tensor& log_probabilities = model.parameters().find("dictionary.log_probabilities")->value();
    const int vocabulary = model.vocabulary().target;
    for (std::int64_t i = 0; i < tokens.size(); ++i) {
        const float token = tokens.data()[i], log_probability = log_probabilities.data()[i];
        check(token < 0 || (token < static_cast<float>(vocabulary) && token == std::floor(token)),
              "the dictionary names the target token {}, but the target tokenizer has {} pieces; do they belong together?", token,
              vocabulary);
        check(log_probability <= 0, "the dictionary has an entry of log-probability {}; expected at most 0", log_probability);
    }
}

const EncoderKind kSourceTokens{describe_nothing,
                                [](ModelBuilder&) -> std::unique_ptr<Encoder> { return std::make_unique<SourceTokens>(); }};

const DecoderKind kDictionaryDecoder{describe_nothing, [](ModelBuilder& builder, const Encoder&) -> std::unique_ptr<Decoder> {
                                         return std::make_unique<DictionaryDecoder>(builder);
                                     }};

} // namespace nmt
