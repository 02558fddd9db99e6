// Lines in, translations out: tokenizes, cuts over-long lines, sorts into batches, searches, and restores the order.
// Used by the command line for streams of any length and by validation for lists of lines.
#pragma once

#include "nmt/base/line_reader.hpp"
#include "nmt/base/line_writer.hpp"
#include "nmt/base/work_queue.hpp"
#include "nmt/decoding/ensemble.hpp"
#include "nmt/decoding/translation.hpp"
#include "nmt/decoding/window.hpp"
#include "tokenizer/tokenizer.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace nmt {

// What has been done so far.
struct TranslationStatistics {
    std::uint64_t lines = 0;          // in and out
    std::uint64_t blank_lines = 0;    // of them, without anything to translate
    std::uint64_t split_lines = 0;    // of them, cut because they were too long
    std::uint64_t sentence_lines = 0; // of them, translated sentence by sentence
    std::uint64_t unusual_lines = 0;  // of them, translated whole though they hold more sentences than the models are used to
    std::uint64_t repeated_lines = 0; // of them, translated with an equal one of their window
    std::uint64_t segments = 0;       // searched
    std::uint64_t source_tokens = 0;  // of the segments, </s> counted
    std::uint64_t target_tokens = 0;  // of the best hypotheses, </s> counted
    std::uint64_t truncated = 0;      // best hypotheses that reached the maximum length
    std::uint64_t unknown_tokens = 0; // <unk> in the best hypotheses, behind their prefixes
    double seconds = 0;               // from input to output, without waiting for input
};

// One line in, one translation out, whatever bytes the line holds. Blank lines (and such that the tokenizer makes nothing of) become
// empty ones without running the model. A CR at the end of a line is not text.
// As TranslatorOptions::sentences says, lines of several sentences are translated sentence by sentence (sentence_splitter.hpp): each as if
// it stood on a line alone, and their translations are joined by the white space that separates them in the line, also none. Alignments and
// scores are those of the line. Sentences whose translation is empty, and the white space before them, leave no trace.
// A line or sentence of more than max_source_length tokens is cut (segmenter.hpp), and its segments' translations are joined with a blank.
// Equal lines of a window are translated once, unless they are sampled. A line's samples depend on its number, from 0 on, and the seed.
// Where a prefix is given for a line, its translations begin with exactly that text, also where the model reads it in another spelling
// (normalized, unknown text as <unk>): of a line that is cut, the first segment's. Behind white space a new word begins, else a word
// may go on. A blank prefix leaves the translation free, and a blank line stays empty whatever its prefix.
class Translator {
  public:
    using Report = std::function<void(const TranslationStatistics&)>;

    // workers: the same models once for each thread that is to search, each in a context of its own (TranslationWorkers makes them).
    // Tokenizers and models must outlive the translator. Throws Error for options that do not fit together, for tokenizers whose
    // vocabularies are not of the models' size, and where attention is needed and no model has it.
    Translator(std::vector<Ensemble> workers, const Tokenizer& source, const Tokenizer& target, const TranslatorOptions& options);
    // One worker: the calling thread, with as many threads as the models' context has.
    Translator(const Ensemble& models, const Tokenizer& source, const Tokenizer& target, const TranslatorOptions& options)
        : Translator(std::vector<Ensemble>{models}, source, target, options) {}

    Translator(const Translator&) = delete;
    Translator& operator=(const Translator&) = delete;

    // The best translation of each line. Throws Interrupted when a signal asks to stop (signals.hpp), and Error, naming the line, for a
    // prefix that leaves no room below the maximum length.
    std::vector<std::string> translate(const std::vector<std::string>& lines, const std::vector<std::string>& prefixes = {});

    // The n best translations of each line, best first; at least one. A line that was split or cut has one, joined from the best of its
    // segments (or, of samples, as many: each joined from one of every segment), with the sum of their log-probabilities; a blank line
    // has one empty translation of log-probability 0. prefixes: none, or one a line.
    std::vector<std::vector<Translation>> translate_n_best(const std::vector<std::string>& lines,
                                                           const std::vector<std::string>& prefixes = {});

    // Translates all lines of `reader`, in order, in constant memory: a window of lines at a time, or what is there of it when the
    // producer is slow. Where there are several workers, the next window is read and tokenized, and the one before is written, while
    // they search. Flushes after each window, then calls `report`. Does not close the writer.
    // Writes as format_translation does: numbers and scores for n_best above 1.
    // prefixes: none, or as many lines; more or fewer throw Error with both counts, once they are met.
    // When a signal asks to stop, writes and flushes the lines that are complete and throws Interrupted.
    void translate_stream(LineReader& reader, LineWriter& writer, const Report& report = {}, LineReader* prefixes = nullptr);

    const TranslationStatistics& statistics() const { return statistics_; }
    const TranslatorOptions& options() const { return options_; } // as the models' own limits leave them

  private:
    struct UnderWork; // a window
    class Stream;
    void keep_within(Model& model);
    Window prepare(const std::vector<std::string>& lines, const std::vector<std::string>& prefixes, std::uint64_t first_line) const;
    std::shared_ptr<UnderWork> begin(Window window, bool nothing_else);
    bool finish(UnderWork& work);
    void search_batch(UnderWork& work, std::size_t batch, const Ensemble& models) const;
    void count(const Window& window);
    std::vector<Translation> finish_line(const Window& window, std::size_t line);

    std::vector<Ensemble> workers_;
    const Tokenizer& source_;
    const Tokenizer& target_;
    TranslatorOptions options_;
    TranslationStatistics statistics_;
    std::unique_ptr<WorkQueue> queue_; // of several workers
};

} // namespace nmt
