#include "nmt/data/held_out.hpp"

#include "nmt/base/random.hpp"
#include "nmt/data/line_shape.hpp"
#include "nmt/data/parallel_text.hpp"

#include <functional>

namespace nmt {
namespace {

constexpr std::uint64_t kEmpty = 0;

std::uint64_t pair_key(std::uint64_t source, std::uint64_t target) { return mix_bits(source) + target; }

} // namespace

std::uint64_t hash_of_text(std::string_view text) { return std::hash<std::string_view>()(text); }

HeldOut::HeldOut(const std::vector<HeldOutText>& texts) {
    for (const HeldOutText& text : texts) texts_.push_back(read(text));
}

HeldOut::Text HeldOut::read(const HeldOutText& from) {
    Text text{from.name, !from.target_file.empty(), {}, {}};
    const auto add = [](std::vector<std::uint64_t>& hashes, FirstLines& lines, const std::string& line) {
        const std::string_view content = shape_of(line).text;
        hashes.push_back(content.empty() ? kEmpty : hash_of_text(content));
        if (hashes.back() != kEmpty) lines[hashes.back()] = 0;
    };
    if (!text.has_target) {
        LineReader reader(from.source_file);
        for (std::string line; reader.next(line);) add(text.sources, sources_, line);
        return text;
    }
    ParallelReader reader({from.source_file, from.target_file});
    for (std::string source, target; reader.next(source, target);) {
        add(text.sources, sources_, source);
        add(text.targets, targets_, target);
        if (text.sources.back() != kEmpty && text.targets.back() != kEmpty) pairs_[pair_key(text.sources.back(), text.targets.back())] = 0;
    }
    return text;
}

void HeldOut::look_up(std::uint64_t source, std::uint64_t target, std::size_t line) {
    const auto note = [&](FirstLines& lines, std::uint64_t key) {
        const auto found = lines.find(key);
        if (found != lines.end() && found->second == 0) found->second = line;
    };
    note(sources_, source);
    note(targets_, target);
    note(pairs_, pair_key(source, target));
}

std::vector<AuditFinding> HeldOut::findings(std::size_t listed) const {
    std::vector<AuditFinding> result;
    for (const Text& text : texts_) {
        const auto add = [&](const char* kind, const char* what, const auto& line_of) {
            AuditFinding finding{kind, "", text.name, what, 0, {}};
            for (std::size_t i = 0; i < text.sources.size(); ++i) {
                const std::size_t line = line_of(i);
                if (line > 0 && ++finding.count <= listed) finding.places.push_back({i + 1, line, ""});
            }
            result.push_back(std::move(finding));
        };
        const auto in = [](const FirstLines& lines, std::uint64_t key) {
            const auto found = lines.find(key);
            return found == lines.end() ? 0 : found->second;
        };
        add("held_out_source", "sources that stand in the training text, too",
            [&](std::size_t i) { return in(sources_, text.sources[i]); });
        if (!text.has_target) continue;
        add("held_out_target", "targets that stand in the training text, too",
            [&](std::size_t i) { return in(targets_, text.targets[i]); });
        add("held_out_pair", "pairs that stand in the training text, too",
            [&](std::size_t i) { return in(pairs_, pair_key(text.sources[i], text.targets[i])); });
    }
    return result;
}

} // namespace nmt
