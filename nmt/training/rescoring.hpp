// Rescoring of n-best lists: a model's log-probability of each translation as one more feature. Used by 'nmt score --n-best'.
#pragma once

#include "nmt/base/line_writer.hpp"
#include "nmt/models/model_folder.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace nmt {

// A line of an n-best list as Moses and 'nmt translate --n-best' write it:
//   LINE ||| TEXT [||| ALIGNMENT] [||| WordScores= ...] ||| NAME= VALUE ... NAME= VALUE ... ||| SCORE
// The text may hold "|||" itself: LINE is read from the front, all else from the back. NAME=VALUE is read too.
struct NBestEntry {
    std::size_t source_line = 0; // LINE, from 0
    std::string_view text;       // these two are part of the line that was parsed
    std::string_view features;
    std::vector<std::string> feature_names; // without '='
    std::size_t score_begin = 0;            // of " ||| SCORE" in the line

    bool has_feature(std::string_view name) const;
};

// Throws Error for a line of another form; `where` names it: "'list', line 7".
NBestEntry parse_n_best_line(std::string_view line, const std::string& where);

// "F" and the first number from 0 on that no feature of the entry has.
std::string free_feature_name(const NBestEntry& entry);

// The line with one more feature before its score; all else stays as it is.
std::string with_feature(std::string_view line, const NBestEntry& entry, std::string_view name, double value);

struct RescoringOptions {
    std::string feature;    // its name; empty: the first line's free_feature_name
    bool normalize = false; // divide by the number of target tokens, </s> counted
    int batch_tokens = 2048;
    int max_length = 0; // tokens of a sentence; longer ones are an error; 0: none is
};

// Adds to each line of the list the natural logarithm of the probability of its text, </s> included, as a translation of its source
// line. Order and all else stay. Holds the source text in memory and the list a part at a time. Throws Error naming file and line for
// a line of another form, a source line that is not there or of too many tokens, a text of too many, and a feature that the list has
// already.
void rescore_n_best(const LoadedModel& model, const std::string& source_file, const std::string& list_file, LineWriter& writer,
                    const RescoringOptions& options);

} // namespace nmt
