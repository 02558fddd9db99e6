// What must be so of a SentencePiece model file before the library may have it: the library believes what it reads, and a damaged or
// crafted file would let it read beyond its memory. Used by Tokenizer.
#pragma once

#include <string>
#include <string_view>

namespace nmt {

// What the library does not tell of a model.
struct ModelFileFacts {
    std::string type;          // unigram, bpe, char or word
    std::string normalization; // the name of its rules
};

// Checks the bytes of a model (sentencepiece_model.proto) as far as they can lead the library astray: the fields' frames, each piece (not
// empty, well-formed UTF-8 without NUL, CR, LF and space, a finite score, a known type), how many user-defined pieces begin one another,
// and the tables of normalization, as check_character_map. Throws Error saying what is wrong of "it". Pieces that stand there twice and
// the like are left to the library, which refuses them.
ModelFileFacts check_model_file(std::string_view model);

// Checks a table of normalization, "precompiled_charsmap": that every text that is looked up in its double array (Aoe, 1989; as
// Darts-clone writes it) stays within the array, finds no more rules than the library has room for, and is replaced by well-formed
// UTF-8 that ends within the table. Takes time in proportion to the table. Throws Error.
void check_character_map(std::string_view map);

} // namespace nmt
