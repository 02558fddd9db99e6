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
    stream.next_in = reinterpret_cast<decltype(stream.next_in)>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<decltype(stream.avail_in)>(given);
    return given;
}

// Calls step() with a buffer for its output, and appends what it has written there; returns what step() does.
template <typename Stream, typename Step>
auto with_output(Stream& stream, std::string& to, const Step& step) {
    std::array<char, kBufferSize> buffer;
    stream.next_out = reinterpret_cast<decltype(stream.next_out)>(buffer.data());
    stream.avail_out = static_cast<decltype(stream.avail_out)>(buffer.size());
    const auto result = step();
    to.append(buffer.data(), buffer.size() - stream.avail_out);
    return result;
}

template <typename Stream, typename Step>
auto unpack_step(Stream& stream, std::string_view& packed, std::string& text, const Step& step) {
    const std::size_t given = give_input(stream, packed);
    const auto result = with_output(stream, text, step);
    packed.remove_prefix(given - stream.avail_in);
    return result;
}

// step(finish) packs what the stream holds and tells whether the end has been written.
template <typename Stream, typename Step>
void pack_steps(Stream& stream, std::string_view text, bool last, std::string& packed, const Step& step) {
    for (bool done = text.empty() && !last; !done;) {
        const std::size_t given = give_input(stream, text);
        const bool finish = last && given == text.size();
        const bool ended = with_output(stream, packed, [&] { return step(finish); });
        text.remove_prefix(given - stream.avail_in);
        done = finish ? ended : text.empty();
    }
}

class GzipReader final : public Decompressor {
  public:
    GzipReader() { check(inflateInit2(&stream_, 16 + MAX_WBITS) == Z_OK, "zlib failed to start"); }
    ~GzipReader() override { inflateEnd(&stream_); }

    bool unpack(std::string_view& packed, std::string& text) override {
        const int result = unpack_step(stream_, packed, text, [&] { return inflate(&stream_, Z_NO_FLUSH); });
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
            fail_broken("gzip", stream_.msg != nullptr ? stream_.msg : "unknown error");
        return result == Z_STREAM_END;
    }

  private:
    z_stream stream_{};
};

class GzipWriter final : public Compressor {
  public:
    GzipWriter() {
        constexpr int kMemory = 8; // zlib's default
        check(deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, kMemory, Z_DEFAULT_STRATEGY) == Z_OK,
              "zlib failed to start");
    }
    ~GzipWriter() override { deflateEnd(&stream_); }

    void pack(std::string_view text, bool last, std::string& packed) override {
        pack_steps(stream_, text, last, packed, [&](bool finish) {
            const int result = deflate(&stream_, finish ? Z_FINISH : Z_NO_FLUSH);
            check(result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR, "zlib failed to pack");
            return result == Z_STREAM_END;
        });
    }

  private:
    z_stream stream_{};
};

class Bzip2Reader final : public Decompressor {
  public:
    Bzip2Reader() { check(BZ2_bzDecompressInit(&stream_, 0, 0) == BZ_OK, "libbz2 failed to start"); }
    ~Bzip2Reader() override { BZ2_bzDecompressEnd(&stream_); }

    bool unpack(std::string_view& packed, std::string& text) override {
        const int result = unpack_step(stream_, packed, text, [&] { return BZ2_bzDecompress(&stream_); });
        if (result != BZ_OK && result != BZ_STREAM_END)
            fail_broken("bzip2", result == BZ_DATA_ERROR         ? "incorrect data check"
                                 : result == BZ_DATA_ERROR_MAGIC ? "no bzip2 header"
                                                                 : "unknown error");
        return result == BZ_STREAM_END;
    }

  private:
    bz_stream stream_{};
};

class Bzip2Writer final : public Compressor {
  public:
    Bzip2Writer() {
        constexpr int kBlocks = 9; // of 100 kB, as the bzip2 program takes them
        check(BZ2_bzCompressInit(&stream_, kBlocks, 0, 0) == BZ_OK, "libbz2 failed to start");
    }
    ~Bzip2Writer() override { BZ2_bzCompressEnd(&stream_); }

    void pack(std::string_view text, bool last, std::string& packed) override {
        pack_steps(stream_, text, last, packed, [&](bool finish) {
            const int result = BZ2_bzCompress(&stream_, finish ? BZ_FINISH : BZ_RUN);
            check(result >= 0, "libbz2 failed to pack");
            return result == BZ_STREAM_END;
        });
    }

  private:
    bz_stream stream_{};
};

class XzReader final : public Decompressor {
  public:
    XzReader() {
        constexpr std::uint64_t kMostMemory = std::uint64_t{1} << 29; // "xz -9" wants 65 MiB
        check(lzma_stream_decoder(&stream_, kMostMemory, 0) == LZMA_OK, "liblzma failed to start");
    }
    ~XzReader() override { lzma_end(&stream_); }

    bool unpack(std::string_view& packed, std::string& text) override {
        const lzma_ret result = unpack_step(stream_, packed, text, [&] { return lzma_code(&stream_, LZMA_RUN); });
        if (result != LZMA_OK && result != LZMA_STREAM_END && result != LZMA_BUF_ERROR) fail_broken("xz", reason(result));
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

    lzma_stream stream_ = LZMA_STREAM_INIT;
};

class XzWriter final : public Compressor {
  public:
    XzWriter() { check(lzma_easy_encoder(&stream_, LZMA_PRESET_DEFAULT, LZMA_CHECK_CRC64) == LZMA_OK, "liblzma failed to start"); }
    ~XzWriter() override { lzma_end(&stream_); }

    void pack(std::string_view text, bool last, std::string& packed) override {
        pack_steps(stream_, text, last, packed, [&](bool finish) {
            const lzma_ret result = lzma_code(&stream_, finish ? LZMA_FINISH : LZMA_RUN);
            check(result == LZMA_OK || result == LZMA_STREAM_END || result == LZMA_BUF_ERROR, "liblzma failed to pack");
            return result == LZMA_STREAM_END;
        });
    }

  private:
    lzma_stream stream_ = LZMA_STREAM_INIT;
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
    {"gzip", ".gz", "\x1f\x8b"sv, make<Decompressor, GzipReader>, make<Compressor, GzipWriter>},
    {"zstd", ".zst", "\x28\xb5\x2f\xfd"sv, make<Decompressor, ZstdReader>, make<Compressor, ZstdWriter>},
    {"xz", ".xz", "\xfd\x37\x7a\x58\x5a\x00"sv, make<Decompressor, XzReader>, make<Compressor, XzWriter>},
    {"bzip2", ".bz2", "BZh?\x31\x41\x59\x26\x53\x59"sv, make<Decompressor, Bzip2Reader>, make<Compressor, Bzip2Writer>},
    {"bzip2", "", "BZh?\x17\x72\x45\x38\x50\x90"sv, make<Decompressor, Bzip2Reader>, nullptr}, // of nothing
    {"zstd", "", "\x50\x2a\x4d\x18"sv, make<Decompressor, ZstdReader>, nullptr},               // as pzstd begins
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
