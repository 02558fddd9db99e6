// The words of TER, as tercom's Normalizer makes them and sacreBLEU (Post 2018) defines them.
#pragma once

#include <string>
#include <string_view>

namespace nmt {

struct TerOptions {
    bool normalized = false;     // set punctuation apart and replace entities of SGML
    bool no_punctuation = false; // remove . , ? : ; ! " ( )
    bool asian_support = false;  // with normalized: ideographs are words; with no_punctuation: remove Asian punctuation too
    bool case_sensitive = false; // do not lower-case
};

// The words parted by single blanks. Text is UTF-8; bytes that are not valid UTF-8 are kept and count as letters.
std::string tokenize_ter(std::string_view segment, const TerOptions& options);

} // namespace nmt
