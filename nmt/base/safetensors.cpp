#include "nmt/base/safetensors.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/mapped_file.hpp"
#include "nmt/base/output_file.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstring>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace nmt {
namespace {

using Json = nlohmann::json;

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian; this machine needs a conversion");

constexpr std::size_t kAlignment = 64;
constexpr std::uint64_t kLargestHeader = 100'000'000; // the limit of the reference implementation
constexpr std::uint64_t kLargestTensor = 1ULL << 60;
constexpr const char* kMetadata = "__metadata__";

// Bytes an element of this dtype, 0 for an unknown one.
std::uint64_t element_size(std::string_view dtype) {
    constexpr std::pair<std::string_view, std::uint64_t> kSizes[] = {{"F32", 4}, {"I32", 4}, {"I64", 8}, {"BF16", 2}, {"U8", 1}, {"I8", 1}};
    for (const auto& [name, size] : kSizes)
        if (name == dtype) return size;
    return 0;
}

} // namespace

std::uint64_t size_in_bytes(const SafetensorsEntry& entry) {
    const std::uint64_t element = element_size(entry.dtype);
    check(element > 0, "tensor '{}' has dtype '{}'; expected F32, I32, I64, BF16, U8 or I8", entry.name, entry.dtype);
    std::uint64_t elements = 1;
    for (const std::int64_t extent : entry.shape) {
        check(extent >= 0, "tensor '{}' has the extent {} in its shape", entry.name, extent);
        const auto factor = static_cast<std::uint64_t>(extent);
        check(factor == 0 || elements <= kLargestTensor / factor, "tensor '{}' has a shape of more than 2^60 elements", entry.name);
        elements *= factor;
    }
    return elements * element;
}

namespace {

using Tensors = std::vector<const SafetensorsEntry*>;

void check_names(const std::vector<SafetensorsEntry>& entries) {
    std::set<std::string_view> seen;
    for (const SafetensorsEntry& entry : entries) {
        check(!entry.name.empty() && entry.name != kMetadata, "'{}' cannot be the name of a tensor", entry.name);
        check(seen.insert(entry.name).second, "two tensors are called '{}'", entry.name);
        check(entry.data != nullptr || size_in_bytes(entry) == 0, "tensor '{}' has no data", entry.name);
    }
}

// The length and the JSON header, padded with blanks so that the data begin at a multiple of kAlignment.
std::string format_header(const Tensors& tensors, const std::map<std::string, std::string>& metadata) {
    Json header = Json::object();
    if (!metadata.empty()) header[kMetadata] = metadata;
    std::uint64_t offset = 0;
    for (const SafetensorsEntry* entry : tensors) {
        const std::uint64_t end = offset + size_in_bytes(*entry);
        header[entry->name] = {{"dtype", entry->dtype}, {"shape", entry->shape}, {"data_offsets", {offset, end}}};
        offset = end;
    }
    std::string text(sizeof(std::uint64_t), '\0');
    try {
        text += header.dump();
    } catch (const Json::type_error&) {
        fail("a name or text is not valid UTF-8");
    }
    text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
    const std::uint64_t length = text.size() - sizeof(length);
    check(length <= kLargestHeader, "the header has {} bytes; at most {} are allowed", length, kLargestHeader);
    std::memcpy(text.data(), &length, sizeof(length));
    return text;
}

} // namespace

void write_safetensors(const std::filesystem::path& path, const std::vector<SafetensorsEntry>& entries,
                       const std::map<std::string, std::string>& metadata) {
    Tensors tensors;
    std::string header;
    try {
        check_names(entries);
        for (const SafetensorsEntry& entry : entries) tensors.push_back(&entry);
        std::stable_sort(tensors.begin(), tensors.end(), [](const SafetensorsEntry* a, const SafetensorsEntry* b) {
            return element_size(a->dtype) > element_size(b->dtype);
        });
        header = format_header(tensors, metadata);
    } catch (const Error& error) {
        fail("cannot write '{}': {}", path.string(), error.what());
    }
    write_file(path, [&](NewFile& file) {
        file.write(header);
        for (const SafetensorsEntry* entry : tensors) file.write({static_cast<const char*>(entry->data), size_in_bytes(*entry)});
    });
}

namespace {

// Finds out how long the header is, and whether it is one.
std::string_view header_text(const char* begin, std::size_t size) {
    std::uint64_t length = 0;
    check(size >= sizeof(length), "it has only {} bytes; it is truncated or no safetensors file", size);
    std::memcpy(&length, begin, sizeof(length));
    check(length <= kLargestHeader, "its header would have {} bytes (at most {} are allowed); it is no safetensors file", length,
          kLargestHeader);
    check(length <= size - sizeof(length), "it ends within its header; it is truncated or no safetensors file");
    return {begin + sizeof(length), static_cast<std::size_t>(length)};
}

Json parse_header(std::string_view text) {
    std::set<std::string> names;
    std::string repeated;
    constexpr int kDeepest = 8;
    const auto note_names = [&](int depth, Json::parse_event_t event, Json& value) {
        check(depth <= kDeepest, "its header is nested too deeply; it is no safetensors file"); // each level takes memory
        if (depth == 1 && event == Json::parse_event_t::key && !names.insert(value.get<std::string>()).second)
            repeated = value.get<std::string>();
        return true;
    };
    Json header = Json::parse(text, note_names, false);
    check(header.is_object(), "its header is not a JSON object; it is no safetensors file");
    check(repeated.empty(), "'{}' stands in its header twice", repeated);
    return header;
}

// The header's entry for one tensor; its two offsets come back as {begin, end}.
std::pair<std::uint64_t, std::uint64_t> parse_entry(const Json& value, SafetensorsEntry& entry) {
    const auto is_list = [&](const char* key) {
        return value.is_object() && value.contains(key) && value[key].is_array() &&
               std::all_of(value[key].begin(), value[key].end(), [](const Json& number) { return number.is_number_unsigned(); });
    };
    check(is_list("shape") && is_list("data_offsets") && value["data_offsets"].size() == 2 && value.contains("dtype") &&
              value["dtype"].is_string(),
          "tensor '{}' lacks a proper dtype, shape or data_offsets", entry.name);
    entry.dtype = value["dtype"].get<std::string>();
    for (const Json& extent : value["shape"]) {
        check(extent.get<std::uint64_t>() <= kLargestTensor, "tensor '{}' has a shape of more than 2^60 elements", entry.name);
        entry.shape.push_back(extent.get<std::int64_t>());
    }
    const auto begin = value["data_offsets"][0].get<std::uint64_t>(), end = value["data_offsets"][1].get<std::uint64_t>();
    const std::uint64_t expected = size_in_bytes(entry);
    check(begin <= end && end - begin == expected, "tensor '{}' stands at bytes {} to {}, but its shape and dtype {} need {} bytes",
          entry.name, begin, end, entry.dtype, expected);
    return {begin, end};
}

std::map<std::string, std::string> parse_metadata(const Json& value) {
    check(value.is_object(), "its __metadata__ is not a JSON object");
    std::map<std::string, std::string> metadata;
    for (const auto& [key, text] : value.items()) {
        check(text.is_string(), "'{}' in its __metadata__ is not a text", key);
        metadata[key] = text.get<std::string>();
    }
    return metadata;
}

struct PlacedEntry {
    std::uint64_t begin, end; // offsets in the data section
    SafetensorsEntry entry;
};

// The tensors in the order of their data, which they must fill without gap or overlap.
std::vector<SafetensorsEntry> place_entries(std::vector<PlacedEntry> placed, std::string_view data) {
    std::sort(placed.begin(), placed.end(),
              [](const PlacedEntry& a, const PlacedEntry& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
    std::vector<SafetensorsEntry> entries;
    std::uint64_t expected = 0;
    for (PlacedEntry& item : placed) {
        check(item.begin == expected, "tensor '{}' begins at byte {} of the data, {} the byte {} where the one before ends",
              item.entry.name, item.begin, item.begin < expected ? "before" : "behind", expected);
        check(item.end <= data.size(), "tensor '{}' ends at byte {} of the data, of which there are {}; the file is truncated",
              item.entry.name, item.end, data.size());
        item.entry.data = data.data() + item.begin;
        expected = item.end;
        entries.push_back(std::move(item.entry));
    }
    check(expected == data.size(), "{} bytes follow the last tensor", data.size() - expected);
    return entries;
}

} // namespace

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path) {
    try {
        file_ = std::make_shared<const MappedFile>(path);
        const std::string_view bytes(reinterpret_cast<const char*>(file_->begin()), file_->size());
        const std::string_view text = header_text(bytes.data(), bytes.size());
        const Json header = parse_header(text);
        std::vector<PlacedEntry> placed;
        for (const auto& [name, value] : header.items()) {
            if (name == kMetadata) {
                metadata_ = parse_metadata(value);
                continue;
            }
            PlacedEntry item{0, 0, {name, {}, {}, nullptr}};
            std::tie(item.begin, item.end) = parse_entry(value, item.entry);
            placed.push_back(std::move(item));
        }
        entries_ = place_entries(std::move(placed), bytes.substr(sizeof(std::uint64_t) + text.size()));
        for (std::size_t i = 0; i < entries_.size(); ++i) index_[entries_[i].name] = i;
    } catch (const Error& error) {
        fail("cannot read '{}': {}", path.string(), one_line(error.what()));
    }
}

SafetensorsFile::~SafetensorsFile() = default;
SafetensorsFile::SafetensorsFile(SafetensorsFile&&) noexcept = default;
SafetensorsFile& SafetensorsFile::operator=(SafetensorsFile&&) noexcept = default;

const SafetensorsEntry* SafetensorsFile::find(const std::string& name) const {
    const auto found = index_.find(name);
    return found == index_.end() ? nullptr : &entries_[found->second];
}

std::shared_ptr<std::byte> SafetensorsFile::storage(const SafetensorsEntry& entry) const {
    const bool aligned = entry.data == nullptr || reinterpret_cast<std::uintptr_t>(entry.data) % element_size(entry.dtype) == 0;
    if (aligned) return {file_, static_cast<std::byte*>(const_cast<void*>(entry.data))}; // mapped privately: to be written, too
    const auto size = static_cast<std::size_t>(size_in_bytes(entry));
    std::shared_ptr<std::byte> copy(static_cast<std::byte*>(::operator new(size)), [](std::byte* block) { ::operator delete(block); });
    std::memcpy(copy.get(), entry.data, size);
    return copy;
}

} // namespace nmt
