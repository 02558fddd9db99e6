// Lines in, translations out: tokenizes, cuts over-long lines, sorts into batches, searches, and restores the order.
// Used by the command line for streams of any length and by validation for lists of lines.
#pragma once

#include "nmt/base/files.hpp"
#include "nmt/decoding/search.hpp"
#include "tokenizer/tokenizer.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace nmt {

struct TranslatorOptions {
    int batch_size = 64;         // segments (sentences, as a rule) searched at once
    int window = 0;              // lines read ahead, so that a batch holds sentences of similar length; 0: 16 batches
    int max_source_length = 256; // tokens, </s> counted; longer lines are cut into segments
    SearchOptions search = {};

    void describe(OptionTable& table); // with the options of search
};

// What has been done so far.
struct TranslationStatistics {
    std::uint64_t lines = 0;         // in and out
    std::uint64_t blank_lines = 0;   // of them, without anything to translate
    std::uint64_t split_lines = 0;   // of them, cut because they were too long
    std::uint64_t segments = 0;      // searched
    std::uint64_t source_tokens = 0; // of the segments, </s> counted
    std::uint64_t target_tokens = 0; // of the best hypotheses, </s> counted
    std::uint64_t truncated = 0;     // best hypotheses that reached the maximum length
    double seconds = 0;              // of work, without waiting for input
};

struct Translation {
    std::string text;           // holds no LF
    double log_probability = 0; // in nats
    double score = 0;           // normalized by length
};

// One line in, one translation out, whatever bytes the line holds. Blank lines (and such that the tokenizer makes nothing of) become
// empty ones without running the model. A CR at the end of a line is not text.
// A line of more than max_source_length tokens is cut (segmenter.hpp), and its segments' translations are joined with a blank.
class Translator {
  public:
    using Report = std::function<void(const TranslationStatistics&)>;

    // All must outlive the translator. Throws Error for options that do not fit together, and for tokenizers whose vocabularies are
    // not of the model's size.
    Translator(Model& model, const Tokenizer& source, const Tokenizer& target, const TranslatorOptions& options);

    // The best translation of each line. Throws Interrupted when a signal asks to stop (signals.hpp).
    std::vector<std::string> translate(const std::vector<std::string>& lines);

    // The n best translations of each line, best first; at least one. A line that was cut has the joined best of its segments alone,
    // with the sum of their log-probabilities; a blank line has one empty translation of log-probability 0.
    std::vector<std::vector<Translation>> translate_n_best(const std::vector<std::string>& lines);

    // Translates all lines of `reader`, in order, in constant memory: a window of lines at a time, or what is there of it when the
    // producer is slow. Flushes after each window, then calls `report`. Does not close the writer.
    // With n_best 1 writes the translations, else for each its number (from 0) and scores, as Moses and Marian do:
    //   LINE ||| TRANSLATION ||| F0= LOG-PROBABILITY ||| SCORE
    // The text may hold "|||" itself: read the numbers from both ends.
    // When a signal asks to stop, writes and flushes the lines that are complete and throws Interrupted.
    void translate_stream(LineReader& reader, LineWriter& writer, const Report& report = {});

    const TranslationStatistics& statistics() const { return statistics_; }

  private:
    struct Window; // some lines under work
    Window prepare(const std::vector<std::string>& lines);
    bool run(Window& window);
    void run_batch(Window& window, const std::vector<std::size_t>& batch);
    std::vector<Translation> finish_line(const Window& window, std::size_t line);
    Translation join(const Window& window, std::size_t first, std::size_t end) const;
    bool read_window(LineReader& reader, std::vector<std::string>& lines) const;
    void write_line(LineWriter& writer, std::uint64_t number, const std::vector<Translation>& translations) const;

    Model& model_;
    const Tokenizer& source_;
    const Tokenizer& target_;
    TranslatorOptions options_;
    TranslationStatistics statistics_;
};

} // namespace nmt
