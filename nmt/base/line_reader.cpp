#include "nmt/base/line_reader.hpp"

#include "nmt/base/codecs.hpp"
#include "nmt/base/descriptor.hpp"
#include "nmt/base/encoding.hpp"
#include "nmt/base/error.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/paths.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

namespace nmt {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kBufferSize = 1 << 16;

std::atomic<std::size_t> longest{std::size_t{1} << 28};

Descriptor open_input(const std::string& path) {
    std::error_code ignored;
    check(!fs::is_directory(path, ignored), "cannot read '{}': it is a folder, expected a file", path);
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    check_system(static_cast<bool>(file), "read", path);
    return file;
}

} // namespace

std::size_t longest_line() { return longest; }
void set_longest_line(std::size_t bytes) { longest = bytes; }

std::string_view without_carriage_return(std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

// Bytes come from a descriptor, are unpacked where they are compressed and converted where their encoding is named, and cut into lines.
struct LineReader::Source {
    Source(const std::string& path, const ReadOptions& read_options)
        : name(input_name(path)), longest_line(read_options.longest_line), file(is_standard_stream(path) ? Descriptor() : open_input(path)),
          descriptor(file ? file.number() : STDIN_FILENO), typed(!file && isatty(STDIN_FILENO) == 1),
          prompt(typed && isatty(STDERR_FILENO) == 1 ? read_options.prompt : "") {
        if (!read_options.encoding.empty()) encoding.emplace(read_options.encoding);
    }

    // Reads once and appends what that gives, if anything, to `text`; false at the end of the input.
    bool fill() {
        if (ended) return false;
        if (begin > 0) {
            text.erase(0, begin);
            scanned -= begin;
            begin = 0;
        }
        if (!started) start();
        else if (codec == nullptr) read_packed();
        try {
            ended = codec != nullptr ? !unpack() : packed.empty();
            if (codec == nullptr) take(packed);
            if (ended && encoding) encoding->convert({}, true, text);
        } catch (const Error& error) {
            fail("cannot read '{}': {}", name, error.what());
        }
        look_for_mark();
        return !ended;
    }

    void read_packed() { packed = {raw.data(), read_at(0)}; }

    // Reads once into `raw`, from `offset` on.
    std::size_t read_at(std::size_t offset) {
        if (typed && !has_bytes({})) show_prompt();
        const std::size_t bytes = read_some(descriptor, raw.data() + offset, raw.size() - offset, name);
        prompt_shown = false;
        if (bytes == 0 && !prompt.empty()) clear_status_line();
        return bytes;
    }

    bool has_bytes(std::chrono::milliseconds patience) const {
        pollfd waiting{descriptor, POLLIN, 0};
        return poll(&waiting, 1, static_cast<int>(patience.count())) > 0;
    }

    // Where a line is waited for, and not the rest of one.
    void show_prompt() {
        if (is_quiet() || prompt_shown || begin < text.size()) return;
        if (!std::exchange(introduced, true)) log_info("reading what you type, line by line; Ctrl-D on an empty line ends it");
        if (!prompt.empty()) show_status_line(prompt);
        prompt_shown = true;
    }

    // Looks at the first bytes for a codec's magic number. Waits for more than there are only where they may become one.
    void start() {
        started = true;
        read_packed();
        while (!packed.empty() && may_become_codec(packed)) {
            const std::size_t more = read_at(packed.size());
            if (more == 0) break;
            packed = {raw.data(), packed.size() + more};
        }
        codec = codec_of_content(packed);
        check(codec == nullptr || codec->unpacker != nullptr, "cannot read '{}': it is compressed with {}; unpack it first", name,
              codec != nullptr ? codec->name : "");
    }

    // False at the end of the input.
    bool unpack() {
        if (packed.empty() && !more_to_unpack) {
            read_packed();
            if (packed.empty()) {
                check(member == nullptr, "the {} data ends too early; is the file complete?", codec->name);
                return false;
            }
        }
        if (member == nullptr) { // another one follows, or the zero bytes that fill a block of a tape
            packed.remove_prefix(std::min(packed.find_first_not_of('\0'), packed.size()));
            if (packed.empty()) return true;
            member = codec->unpacker();
        }
        unpacked.clear();
        if (member->unpack(packed, unpacked)) member.reset();
        more_to_unpack = member != nullptr && !unpacked.empty();
        take(unpacked);
        return true;
    }

    void take(std::string_view bytes) {
        if (encoding) encoding->convert(bytes, false, text);
        else text += bytes;
    }

    void look_for_mark() {
        if (mark_seen || encoding) return;
        const std::string_view marked = marked_encoding(text);
        const std::string_view family = marked.substr(0, marked.size() - std::min<std::size_t>(marked.size(), 2));
        check(marked.empty(), "cannot read '{}': it begins as {} does, expected UTF-8; convert it with iconv -f {} -t UTF-8", name, marked,
              family);
        mark_seen = !may_become_mark(text);
    }

    // Whether the next fill() has to ask the descriptor for bytes that do not come within `patience`.
    bool would_wait(std::chrono::milliseconds patience) {
        if (codec != nullptr && (!packed.empty() || more_to_unpack)) return false;
        if (typed && patience.count() > 0 && !has_bytes({})) show_prompt();
        return !has_bytes(patience);
    }

    // Position of the next LF at or after `begin`, npos if none has been read yet.
    std::size_t find_line_end() {
        const std::size_t end = text.find('\n', std::max(begin, scanned));
        scanned = std::min(end, text.size());
        check(scanned - begin <= longest_line,
              "cannot read '{}': line {} is longer than {} bytes; is it text in lines? (--max-line allows longer ones)", name, lines + 1,
              longest_line);
        return end;
    }

    // Hands out the text up to `end` as a line.
    void take_line(std::size_t end, std::string& line) {
        line.assign(text, begin, end - begin);
        begin = scanned = std::min(end + 1, text.size());
        ++lines;
        if (first_lines) first_lines->see(line);
        if (first_lines && first_lines->enough()) judge_first_lines();
    }

    void judge_first_lines() {
        if (!first_lines) return;
        const std::string oddity = first_lines->oddity(name);
        first_lines.reset();
        if (!oddity.empty()) log_warning_once(oddity);
    }

    std::string name;
    std::size_t longest_line;
    Descriptor file; // none: stdin
    int descriptor;
    bool typed;         // by somebody at a terminal
    std::string prompt; // empty: none
    bool introduced = false, prompt_shown = false;
    std::optional<EncodingReader> encoding;
    bool started = false, ended = false, mark_seen = false;
    const Codec* codec = nullptr;
    std::unique_ptr<Decompressor> member; // the one that is being unpacked
    bool more_to_unpack = false;
    std::array<char, kBufferSize> raw{};
    std::string_view packed; // of `raw`: what is not unpacked yet
    std::string unpacked;
    std::string text;                                    // not yet handed out from `begin` on
    std::size_t begin = 0, scanned = 0;                  // no LF in [begin, scanned)
    std::size_t lines = 0;                               // handed out
    std::optional<FirstLines> first_lines{FirstLines()}; // until they are judged
};

LineReader::LineReader(const std::string& path, const ReadOptions& options) : source_(std::make_unique<Source>(path, options)) {}
LineReader::~LineReader() = default;
LineReader::LineReader(LineReader&&) noexcept = default;
LineReader& LineReader::operator=(LineReader&&) noexcept = default;

bool LineReader::next(std::string& line) {
    Source& in = *source_;
    std::size_t end = in.find_line_end();
    while (end == std::string::npos) {
        if (!in.fill() && in.find_line_end() == std::string::npos) {
            if (in.begin == in.text.size()) {
                in.judge_first_lines();
                return false;
            }
            in.take_line(in.text.size(), line);
            return true;
        }
        end = in.find_line_end();
    }
    in.take_line(end, line);
    return true;
}

bool LineReader::ready(std::chrono::milliseconds patience) {
    Source& in = *source_;
    while (!in.ended && in.find_line_end() == std::string::npos) {
        if (in.would_wait(patience)) return false;
        in.fill();
    }
    return true;
}

bool LineReader::is_typed() const { return source_->typed; }

std::vector<std::string> read_lines(const std::string& path, const ReadOptions& options) {
    LineReader reader(path, options);
    std::vector<std::string> lines;
    for (std::string line; reader.next(line);) lines.push_back(line);
    return lines;
}

} // namespace nmt
