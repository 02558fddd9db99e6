#include "nmt/decoding/search.hpp"

#include "nmt/base/error.hpp"
#include "nmt/tensor/layout.hpp"
#include "nmt/tensor/normalize.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace nmt {
namespace {

std::vector<Beam> start_beams(const Sequences& source, const SearchOptions& options) {
    std::vector<Beam> beams;
    beams.reserve(source.lengths.size());
    for (const int length : source.lengths)
        beams.emplace_back(BeamOptions{options.beam, options.n_best, options.length_penalty, options.max_length(length)});
    return beams;
}

// Advances each row r by tokens[r]. Returns the log-probabilities [R,V] of what may follow.
Tensor next_log_probabilities(Decoder& decoder, State& state, const std::vector<std::int32_t>& tokens) {
    Sequences steps;
    for (const std::int32_t& token : tokens) steps.add(std::span(&token, 1));
    const auto rows = static_cast<std::int64_t>(tokens.size());
    const StepOutput output = decoder.step(state, steps);
    check(output.hidden.rows() >= rows, "the decoder gave {} rows for {} tokens", output.hidden.rows(), rows);
    // Some rows of padding are kept, so that shapes repeat and the product finds its primitive again.
    const std::int64_t padded = std::min(padded_rows(rows), output.hidden.rows());
    const Variable logits = decoder.logits(Variable(output.hidden.value().slice_rows(0, padded)));
    Tensor log_probabilities = logits.value().slice_rows(0, rows);
    log_softmax_in_place(log_probabilities);
    return log_probabilities;
}

// Advances the beams of the unfinished sentences. first_rows[i]: where the rows of sentence unfinished[i] begin.
void advance(std::vector<Beam>& beams, const std::vector<int>& unfinished, const std::vector<int>& first_rows, const Tensor& log_probs) {
    for (std::size_t i = 0; i < unfinished.size(); ++i) {
        Beam& beam = beams[static_cast<std::size_t>(unfinished[i])];
        beam.advance({log_probs.row(first_rows[i]), static_cast<std::size_t>(beam.rows() * log_probs.columns())});
    }
}

bool is_identity(const std::vector<std::int32_t>& rows, std::size_t count) {
    if (rows.size() != count) return false;
    for (std::size_t i = 0; i < count; ++i)
        if (rows[i] != static_cast<std::int32_t>(i)) return false;
    return true;
}

} // namespace

void SearchOptions::describe(OptionTable& table) {
    table.add("beam", beam, "hypotheses kept in beam search; 1 is greedy search", 1, 1'000'000);
    table.add("n-best", n_best, "translations a sentence, best first; at most the beam", 1, 1'000'000);
    table.add("length-penalty", length_penalty, "a translation's score is its log-probability / length^this; 1 averages, 0 sums", 0, 100);
    table.add("max-length-factor", max_length_factor, "a translation has at most this times the source's tokens ...", 0, 1000);
    table.add("max-length-offset", max_length_offset, "... and this many tokens more", 0, 1'000'000);
}

void SearchOptions::validate() const {
    check(n_best <= beam, "n-best = {} is more than beam = {}; ask for a beam of at least {}", n_best, beam, n_best);
}

int SearchOptions::max_length(int source_tokens) const {
    const double length = std::floor(max_length_factor * source_tokens) + max_length_offset;
    return static_cast<int>(std::clamp(length, 1.0, 1e9));
}

std::vector<std::vector<Hypothesis>> search(Model& model, const Sequences& source, const SearchOptions& options) {
    options.validate();
    check(Tape::current() == nullptr, "search needs no gradients: it must not run while a tape exists");
    std::vector<Beam> beams = start_beams(source, options);
    if (beams.empty()) return {};

    const Memory memory = model.encoder().encode(source);
    const std::unique_ptr<State> state = model.decoder().start(memory);
    std::vector<int> unfinished(beams.size()), first_rows(beams.size()); // sentences, and where the rows of each begin
    std::iota(unfinished.begin(), unfinished.end(), 0);
    std::iota(first_rows.begin(), first_rows.end(), 0);
    std::vector<std::int32_t> tokens(beams.size(), kBeginOfSentence); // the last one of each row

    while (!unfinished.empty()) {
        advance(beams, unfinished, first_rows, next_log_probabilities(model.decoder(), *state, tokens));
        const std::size_t rows_before = tokens.size();
        std::vector<int> next_unfinished, next_first_rows;
        std::vector<std::int32_t> rows;
        tokens.clear();
        for (std::size_t i = 0; i < unfinished.size(); ++i) {
            const Beam& beam = beams[static_cast<std::size_t>(unfinished[i])];
            if (beam.done()) continue;
            next_unfinished.push_back(unfinished[i]);
            next_first_rows.push_back(static_cast<int>(rows.size()));
            for (const Beam::Alive& hypothesis : beam.alive()) {
                rows.push_back(first_rows[i] + hypothesis.origin);
                tokens.push_back(hypothesis.token);
            }
        }
        unfinished = std::move(next_unfinished);
        first_rows = std::move(next_first_rows);
        if (!rows.empty() && !is_identity(rows, rows_before)) state->reorder(rows);
    }

    std::vector<std::vector<Hypothesis>> results;
    for (const Beam& beam : beams) results.push_back(beam.best());
    return results;
}

} // namespace nmt
