// Compressed text: one table of the formats that are known. LineReader knows them by their content, LineWriter by a file's name.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace nmt {

// Unpacks one member (a gzip member, a frame, a stream) of a file.
class Decompressor {
  public:
    virtual ~Decompressor() = default;

    // Takes bytes from the front of `packed` and appends some of what they give to `text`; what is not given yet comes with the next call.
    // True at the end of the member. Throws Error with the reason if the data is broken.
    virtual bool unpack(std::string_view& packed, std::string& text) = 0;
};

// Packs a text into one member.
class Compressor {
  public:
    virtual ~Compressor() = default;

    // Appends what is ready of the packed bytes to `packed`; with `last`, all that is left.
    virtual void pack(std::string_view text, bool last, std::string& packed) = 0;
};

struct Codec {
    std::string_view name;                       // "gzip"
    std::string_view suffix;                     // ".gz"; of none that can be written: ""
    std::string_view magic;                      // how a file begins
    std::unique_ptr<Decompressor> (*unpacker)(); // null: known, and refused
    std::unique_ptr<Compressor> (*packer)();     // null where `unpacker` is
};

std::span<const Codec> codecs();

// The codec of a file that begins so; null if there is none.
const Codec* codec_of_content(std::string_view beginning);

// Whether more bytes behind this beginning may make it the beginning of a codec's file.
bool may_become_codec(std::string_view beginning);

// The codec that can write a file of that name; null if there is none.
const Codec* codec_of_name(std::string_view name);

} // namespace nmt
