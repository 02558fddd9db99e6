// An audit of parallel text before training: what cleaning tools would drop, what points to a broken file, and which test sentences
// the training has seen. It counts and lists and changes nothing. Used by `nmt audit` and, as one line a data set, by `nmt run`.
#pragma once

#include "nmt/data/parallel_text.hpp"
#include "tokenizer/tokenizer.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace nmt {

enum class LengthUnit { word, character, piece };

std::vector<std::string> length_unit_names(); // "word", "character", "piece"
// Throws Error for another name.
LengthUnit length_unit_from_name(const std::string& name);

// Text that the audited text should not hold.
struct HeldOutText {
    std::string name;                     // of the set, for its findings
    std::string source_file, target_file; // target_file empty: only its sources are looked for
};

struct AuditOptions {
    LengthUnit unit = LengthUnit::word; // of max_length and max_ratio; line_shape.hpp says what a word is; piece wants both tokenizers
    int max_length = 100;               // a longer line is a finding; 0: none is
    double max_ratio = 3;               // so is a pair with one side more than so many times as long as the other; 0: none is
    std::size_t listed = 10;            // places that a finding names
    const Tokenizer* source_tokenizer = nullptr; // both or neither: with them what they do not know or change is counted
    const Tokenizer* target_tokenizer = nullptr;
    std::vector<HeldOutText> held_out = {};
};

// One line that a finding is about. Lines are counted from 1, over all files of the text.
struct AuditPlace {
    std::size_t line = 0;
    std::size_t same_as = 0; // the earlier line, or the line of the audited text, that it repeats; 0: it is not about that
    std::string detail;      // "153 words", "2 and 31 words", "U+E000"; empty where the kind says all

    bool operator==(const AuditPlace&) const = default;
};

// How many lines share one flaw.
//   empty              (of a side) nothing but white space
//   too_long           (of a side) more than max_length units
//   length_ratio       (of pairs) one side more than max_ratio times as long as the other
//   copy               (of pairs) source equals target
//   duplicate_pair     (of pairs) an earlier line holds the same pair
//   several_targets    (of pairs) earlier lines hold the same source, but none with this target
//   unknown_pieces     (of a side) the tokenizer does not know some piece of the line
//   normalized         (of a side) the tokenizer's normalization changes the line beyond white space (normalization.hpp)
//   invalid_utf8, nul, carriage_return, control_character, replacement_character, byte_order_mark, private_use, not_nfc
//                      (of a side) as in line_shape.hpp
//   held_out_source, held_out_target
//                      (of a held-out text) some line of the audited text has the same source, or the same target
//   held_out_pair      (of a held-out text) some line of the audited text has the same source and target
// Texts are equal if they are the same bytes but for white space at their ends. A pair with an empty side is looked at for findings of
// a side alone.
struct AuditFinding {
    std::string kind;
    std::string side;     // "source" or "target"; empty: of pairs
    std::string held_out; // name of the held-out text whose lines these are; empty: they are the audited text's
    std::string what;     // for people: "empty lines"
    std::size_t count = 0;
    std::vector<AuditPlace> places; // of the first lines
};

struct AuditedSide {
    std::size_t words = 0, characters = 0;
    std::size_t pieces = 0, unknown_pieces = 0; // 0 without a tokenizer; SentencePiece makes one of neighbouring unknown ones
};

struct Audit {
    std::size_t pairs = 0;
    AuditedSide source, target;
    std::vector<AuditFinding> findings; // one of each kind and side that was looked for, also those that count 0
    LinePlaces places;                  // of the lines that findings name
};

// Reads the text once and keeps 24 bytes a pair: two texts count as equal if a hash of 64 bits says so, which errs for one pair in
// 10 million lines with a probability below 1e-5.
// Throws Error for files that cannot be read, for unequal files, naming both counts, and for options that contradict each other.
Audit audit_pairs(const ParallelText& text, const AuditOptions& options = {});

// "29000 pairs; empty lines (source): 2; duplicate pairs: 17" or "29000 pairs; nothing found": the findings that count any.
std::string summary(std::size_t pairs, const std::vector<AuditFinding>& findings);

} // namespace nmt
