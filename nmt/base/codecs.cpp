#include "nmt/base/codecs.hpp"

#include "nmt/base/error.hpp"

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace nmt {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t kBufferSize = 1 << 16;

[[noreturn]] void fail_broken(std::string_view codec, std::string_view reason) { fail("broken {} data ({})", codec, reason); }

// zlib, bzip2 and liblzma share a stream of two windows, packed and plain: they differ in the names of its fields.
template <typename Stream>
std::size_t give_input(Stream& stream, std::string_view bytes) {
    const std::size_t given = std::min<std::size_t>(bytes.size(), kBufferSize);
    stream.next_in = reinterpret_cast<decltype(stream.next_in)>(const_cast<char*>(bytes.data())); // read alone; bzip2 does not say so
    stream.avail_in = static_cast<decltype(stream.avail_in)>(given);
    return given;
}

// Calls step() with a buffer for its output, and appends what it has written there; returns what step() does.
template <typename Stream, typename Step>
bool with_output(Stream& stream, std::string& to, const Step& step) {
    std::array<char, kBufferSize> buffer;
    stream.next_out = reinterpret_cast<decltype(stream.next_out)>(buffer.data());
    stream.avail_out = static_cast<decltype(stream.avail_out)>(buffer.size());
    const bool ended = step();
    to.append(buffer.data(), buffer.size() - stream.avail_out);
    return ended;
}

// Of these libraries, each a struct: its stream, all zeros before it is started, and the steps of both ways, which tell whether the end
// has been reached.
template <typename Library>
class StreamReader final : public Decompressor {
  public:
    StreamReader() { Library::start_unpacking(stream_); }
    ~StreamReader() override { Library::end_unpacking(stream_); }

    bool unpack(std::string_view& packed, std::string& text) override {
        const std::size_t given = give_input(stream_, packed);
        const bool ended = with_output(stream_, text, [&] { return Library::unpack(stream_); });
        packed.remove_prefix(given - stream_.avail_in);
        return ended;
    }

  private:
    typename Library::Stream stream_{};
};

template <typename Library>
class StreamWriter final : public Compressor {
  public:
    StreamWriter() { Library::start_packing(stream_); }
    ~StreamWriter() override { Library::end_packing(stream_); }

    void pack(std::string_view text, bool last, std::string& packed) override {
        for (bool done = text.empty() && !last; !done;) {
            const std::size_t given = give_input(stream_, text);
            const bool finish = last && given == text.size();
            const bool ended = with_output(stream_, packed, [&] { return Library::pack(stream_, finish); });
            text.remove_prefix(given - stream_.avail_in);
            done = finish ? ended : text.empty();
        }
    }

  private:
    typename Library::Stream stream_{};
};

struct Gzip {
    using Stream = z_stream;

    static void start_unpacking(Stream& stream) { check(inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK, "zlib failed to start"); }
    static void end_unpacking(Stream& stream) { inflateEnd(&stream); }
    static bool unpack(Stream& stream) {
        const int result = inflate(&stream, Z_NO_FLUSH);
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
            fail_broken("gzip", stream.msg != nullptr ? stream.msg : "unknown error");
        return result == Z_STREAM_END;
    }

    static void start_packing(Stream& stream) {
        constexpr int kMemory = 8; // zlib's default
        check(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, kMemory, Z_DEFAULT_STRATEGY) == Z_OK,
              "zlib failed to start");
    }
    static void end_packing(Stream& stream) { deflateEnd(&stream); }
    static bool pack(Stream& stream, bool finish) {
        const int result = deflate(&stream, finish ? Z_FINISH : Z_NO_FLUSH);
        check(result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR, "zlib failed to pack");
        return result == Z_STREAM_END;
    }
};

struct Bzip2 {
    using Stream = bz_stream;

    static void start_unpacking(Stream& stream) { check(BZ2_bzDecompressInit(&stream, 0, 0) == BZ_OK, "libbz2 failed to start"); }
    static void end_unpacking(Stream& stream) { BZ2_bzDecompressEnd(&stream); }
    static bool unpack(Stream& stream) {
        const int result = BZ2_bzDecompress(&stream);
        if (result != BZ_OK && result != BZ_STREAM_END)
            fail_broken("bzip2", result == BZ_DATA_ERROR         ? "incorrect data check"
                                 : result == BZ_DATA_ERROR_MAGIC ? "no bzip2 header"
                                                                 : "unknown error");
        return result == BZ_STREAM_END;
    }

    static void start_packing(Stream& stream) {
        constexpr int kBlocks = 9; // of 100 kB, as the bzip2 program takes them
        check(BZ2_bzCompressInit(&stream, kBlocks, 0, 0) == BZ_OK, "libbz2 failed to start");
    }
    static void end_packing(Stream& stream) { BZ2_bzCompressEnd(&stream); }
    static bool pack(Stream& stream, bool finish) {
        const int result = BZ2_bzCompress(&stream, finish ? BZ_FINISH : BZ_RUN);
        check(result >= 0, "libbz2 failed to pack");
        return result == BZ_STREAM_END;
    }
};

struct Xz {
    using Stream = lzma_stream;

    static void start_unpacking(Stream& stream) {
        constexpr std::uint64_t kMostMemory = std::uint64_t{1} << 29; // "xz -9" wants 65 MiB
        check(lzma_stream_decoder(&stream, kMostMemory, 0) == LZMA_OK, "liblzma failed to start");
    }
    static void end_unpacking(Stream& stream) { lzma_end(&stream); }
    static bool unpack(Stream& stream) {
        const lzma_ret result = lzma_code(&stream, LZMA_RUN);
        if (result != LZMA_OK && result != LZMA_STREAM_END && result != LZMA_BUF_ERROR) fail_broken("xz", reason(result));
        return result == LZMA_STREAM_END;
    }

    static void start_packing(Stream& stream) {
        check(lzma_easy_encoder(&stream, LZMA_PRESET_DEFAULT, LZMA_CHECK_CRC64) == LZMA_OK, "liblzma failed to start");
    }
    static void end_packing(Stream& stream) { lzma_end(&stream); }
    static bool pack(Stream& stream, bool finish) {
        const lzma_ret result = lzma_code(&stream, finish ? LZMA_FINISH : LZMA_RUN);
        check(result == LZMA_OK || result == LZMA_STREAM_END || result == LZMA_BUF_ERROR, "liblzma failed to pack");
        return result == LZMA_STREAM_END;
    }

  private:
    static std::string_view reason(lzma_ret result) {
        switch (result) {
        case LZMA_DATA_ERROR:
            return "incorrect data check";
        case LZMA_FORMAT_ERROR:
            return "no xz header";
        case LZMA_MEMLIMIT_ERROR:
            return "unpacking takes more than 512 MiB";
        case LZMA_OPTIONS_ERROR:
            return "unknown filters";
        default:
            return "unknown error";
        }
    }
};

class ZstdReader final : public Decompressor {
  public:
    ZstdReader() { check(stream_ != nullptr, "libzstd failed to start"); }

    bool unpack(std::string_view& packed, std::string& text) override {
        std::array<char, kBufferSize> buffer;
        ZSTD_inBuffer in{packed.data(), packed.size(), 0};
        ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
        const std::size_t result = ZSTD_decompressStream(stream_.get(), &out, &in);
        if (ZSTD_isError(result)) fail_broken("zstd", ZSTD_getErrorName(result));
        packed.remove_prefix(in.pos);
        text.append(buffer.data(), out.pos);
        return result == 0;
    }

  private:
    std::unique_ptr<ZSTD_DStream, std::size_t (*)(ZSTD_DStream*)> stream_{ZSTD_createDStream(), &ZSTD_freeDStream};
};

class ZstdWriter final : public Compressor {
  public:
    ZstdWriter() {
        check(stream_ != nullptr && !ZSTD_isError(ZSTD_CCtx_setParameter(stream_.get(), ZSTD_c_checksumFlag, 1)),
              "libzstd failed to start");
    }

    void pack(std::string_view text, bool last, std::string& packed) override {
        ZSTD_inBuffer in{text.data(), text.size(), 0};
        std::array<char, kBufferSize> buffer;
        for (bool done = false; !done;) {
            ZSTD_outBuffer out{buffer.data(), buffer.size(), 0};
            const std::size_t left = ZSTD_compressStream2(stream_.get(), &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
            check(!ZSTD_isError(left), "libzstd failed to pack: {}", ZSTD_getErrorName(left));
            packed.append(buffer.data(), out.pos);
            done = last ? left == 0 : in.pos == in.size;
        }
    }

  private:
    std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> stream_{ZSTD_createCCtx(), &ZSTD_freeCCtx};
};

template <typename Base, typename Made>
std::unique_ptr<Base> make() {
    return std::make_unique<Made>();
}

// What begins as text can, is told apart by its next bytes: "BZh9" and the first block's mark. A new codec is a line here.
constexpr Codec kCodecs[] = {
    {"gzip", ".gz", "\x1f\x8b"sv, make<Decompressor, StreamReader<Gzip>>, make<Compressor, StreamWriter<Gzip>>},
    {"zstd", ".zst", "\x28\xb5\x2f\xfd"sv, make<Decompressor, ZstdReader>, make<Compressor, ZstdWriter>},
    {"xz", ".xz", "\xfd\x37\x7a\x58\x5a\x00"sv, make<Decompressor, StreamReader<Xz>>, make<Compressor, StreamWriter<Xz>>},
    {"bzip2", ".bz2", "BZh?\x31\x41\x59\x26\x53\x59"sv, make<Decompressor, StreamReader<Bzip2>>, make<Compressor, StreamWriter<Bzip2>>},
    {"bzip2", "", "BZh?\x17\x72\x45\x38\x50\x90"sv, make<Decompressor, StreamReader<Bzip2>>, nullptr}, // of nothing
    {"zstd", "", "\x50\x2a\x4d\x18"sv, make<Decompressor, ZstdReader>, nullptr},                       // as pzstd begins
    {"zip", "", "PK\x03\x04"sv, nullptr, nullptr},
    {"lz4", "", "\x04\x22\x4d\x18"sv, nullptr, nullptr},
    {"lzip", "", "LZIP\x01"sv, nullptr, nullptr},
    {"7-Zip", "", "7z\xbc\xaf\x27\x1c"sv, nullptr, nullptr},
    {"RAR", "", "Rar!\x1a\x07"sv, nullptr, nullptr},
    {"compress", "", "\x1f\x9d"sv, nullptr, nullptr},
    {"lzop", "", "\x89LZO\x00"sv, nullptr, nullptr},
};

// How many bytes of the beginning are those of the magic; '?' stands for any.
std::size_t common_size(std::string_view beginning, std::string_view magic) {
    const std::size_t size = std::min(beginning.size(), magic.size());
    std::size_t same = 0;
    while (same < size && (magic[same] == '?' || magic[same] == beginning[same])) ++same;
    return same;
}

} // namespace

std::span<const Codec> codecs() { return kCodecs; }

const Codec* codec_of_content(std::string_view beginning) {
    for (const Codec& codec : kCodecs)
        if (common_size(beginning, codec.magic) == codec.magic.size()) return &codec;
    return nullptr;
}

bool may_become_codec(std::string_view beginning) {
    return std::any_of(std::begin(kCodecs), std::end(kCodecs), [&](const Codec& codec) {
        return beginning.size() < codec.magic.size() && common_size(beginning, codec.magic) == beginning.size();
    });
}

const Codec* codec_of_name(std::string_view name) {
    for (const Codec& codec : kCodecs)
        if (codec.packer != nullptr && name.ends_with(codec.suffix)) return &codec;
    return nullptr;
}

} // namespace nmt
