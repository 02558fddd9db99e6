#include "nmt/data/audit.hpp"

#include "nmt/base/error.hpp"
#include "nmt/data/held_out.hpp"
#include "nmt/data/line_shape.hpp"
#include "nmt/data/normalization.hpp"

#include <algorithm>
#include <deque>
#include <tuple>

namespace nmt {
namespace {

constexpr const char* kUnitNames[] = {"word", "character", "piece"};

// Key and words of each Oddity, in their order.
constexpr std::pair<const char*, const char*> kOddityNames[kOddities] = {
    {"invalid_utf8", "lines with invalid UTF-8"},
    {"nul", "lines with NUL"},
    {"carriage_return", "lines with a carriage return"},
    {"control_character", "lines with control characters"},
    {"replacement_character", "lines with U+FFFD, the mark of a lost character"},
    {"byte_order_mark", "lines with a byte-order mark"},
    {"private_use", "lines with private or noncharacter code points"},
    {"not_nfc", "lines that are not in normalization form C"},
};

// Where one pair stands.
struct PairPlace {
    std::uint64_t source = 0, target = 0; // hashes
    std::size_t line = 0;
};

std::size_t length_of(const LineShape& shape, std::size_t pieces, LengthUnit unit) {
    return unit == LengthUnit::word ? shape.words : unit == LengthUnit::character ? shape.characters : pieces;
}

std::string show_code_point(Oddity oddity, std::uint32_t code) {
    if (oddity == Oddity::invalid_utf8) return fmt::format("byte 0x{:02X}", code);
    const bool varies = oddity == Oddity::control_character || oddity == Oddity::private_use;
    return varies ? fmt::format("U+{:04X}", code) : std::string();
}

class Auditor {
  public:
    explicit Auditor(const AuditOptions& options)
        : options_(options), unit_(kUnitNames[static_cast<std::size_t>(options.unit)]),
          held_out_(options.held_out), sides_{side("source", options.source_tokenizer), side("target", options.target_tokenizer)},
          ratio_(
              finding("length_ratio", "", fmt::format("pairs with one side more than {} times as long as the other", options.max_ratio))),
          copy_(finding("copy", "", "pairs whose source equals the target")), duplicate_(finding("duplicate_pair", "", "duplicate pairs")),
          several_(finding("several_targets", "", "pairs whose source stands before with another target")) {}

    void read(const ParallelText& text) {
        ParallelReader reader(text);
        for (std::string source, target; reader.next(source, target);) add_pair(reader.pairs(), source, target);
        audit_.pairs = reader.pairs();
        audit_.places = reader.places();
        find_repeated();
    }

    Audit finish() {
        audit_.source = sides_[0].counts;
        audit_.target = sides_[1].counts;
        const auto keep = [&](AuditFinding& finding) { audit_.findings.push_back(std::move(finding)); };
        for (Side& side : sides_) keep(side.empty);
        if (options_.max_length > 0)
            for (Side& side : sides_) keep(side.too_long);
        if (options_.max_ratio > 0) keep(ratio_);
        for (AuditFinding* of_pairs : {&copy_, &duplicate_, &several_}) keep(*of_pairs);
        for (std::size_t i = 0; i < kOddities; ++i)
            for (Side& side : sides_) keep(side.odd[i]);
        for (Side& side : sides_)
            if (side.tokenizer != nullptr) keep(side.unknown);
        for (Side& side : sides_)
            if (side.tokenizer != nullptr) keep(side.normalized);
        for (AuditFinding& finding : held_out_.findings(options_.listed)) keep(finding);
        return std::move(audit_);
    }

  private:
    struct Side {
        const Tokenizer* tokenizer;
        AuditedSide counts;
        AuditFinding empty, too_long, unknown, normalized;
        std::vector<AuditFinding> odd;
    };

    static AuditFinding finding(const std::string& kind, const std::string& side, const std::string& what) {
        return {kind, side, "", what, 0, {}};
    }

    Side side(const std::string& name, const Tokenizer* tokenizer) const {
        Side side{
            tokenizer,
            {},
            finding("empty", name, "empty lines"),
            finding("too_long", name, fmt::format("lines of more than {} {}s", options_.max_length, unit_)),
            finding("unknown_pieces", name, "lines with pieces that the tokenizer does not know"),
            finding("normalized", name,
                    fmt::format("lines that normalization {} changes beyond white space (tokenizer.normalization = identity changes none)",
                                tokenizer == nullptr ? "" : tokenizer->normalization())),
            {}};
        for (const auto& [kind, what] : kOddityNames) side.odd.push_back(finding(kind, name, what));
        return side;
    }

    // `detail` is asked for only where the place is listed.
    template <typename Detail>
    void add(AuditFinding& finding, std::size_t line, Detail detail) {
        if (++finding.count <= options_.listed) finding.places.push_back({line, 0, detail()});
    }

    void add_pair(std::size_t line, const std::string& source_line, const std::string& target_line) {
        const LineShape source = shape_of(source_line), target = shape_of(target_line);
        const std::size_t source_length = add_line(sides_[0], line, source, source_line);
        const std::size_t target_length = add_line(sides_[1], line, target, target_line);
        if (source.text.empty() || target.text.empty()) return;
        const auto [shorter, longer] = std::minmax(source_length, target_length);
        if (options_.max_ratio > 0 && static_cast<double>(longer) > options_.max_ratio * static_cast<double>(shorter))
            add(ratio_, line, [&, s = source_length, t = target_length] { return fmt::format("{} and {} {}s", s, t, unit_); });
        if (source.text == target.text) add(copy_, line, [] { return std::string(); });
        const PairPlace place{hash_of_text(source.text), hash_of_text(target.text), line};
        held_out_.look_up(place.source, place.target, line);
        places_.push_back(place);
    }

    // Returns the line's length in units.
    std::size_t add_line(Side& side, std::size_t line, const LineShape& shape, const std::string& text) {
        side.counts.words += shape.words;
        side.counts.characters += shape.characters;
        for (std::size_t i = 0; i < kOddities; ++i)
            if (shape.odd[i]) add(side.odd[i], line, [&] { return show_code_point(static_cast<Oddity>(i), *shape.odd[i]); });
        const std::size_t pieces = side.tokenizer == nullptr ? 0 : ask_tokenizer(side, line, text);
        const std::size_t length = length_of(shape, pieces, options_.unit);
        if (shape.text.empty()) add(side.empty, line, [] { return std::string(); });
        if (options_.max_length > 0 && length > static_cast<std::size_t>(options_.max_length))
            add(side.too_long, line, [&] { return fmt::format("{} {}s", length, unit_); });
        return length;
    }

    // Returns the number of pieces.
    std::size_t ask_tokenizer(Side& side, std::size_t line, const std::string& text) {
        const std::vector<std::int32_t> ids = side.tokenizer->encode(text);
        const auto unknown = static_cast<std::size_t>(std::count(ids.begin(), ids.end(), Tokenizer::kUnknown));
        side.counts.pieces += ids.size();
        side.counts.unknown_pieces += unknown;
        if (unknown > 0) add(side.unknown, line, [&] { return fmt::format("{} of {}", unknown, ids.size()); });
        if (const std::vector<TextChange> changes = normalization_changes(*side.tokenizer, text); !changes.empty())
            add(side.normalized, line, [&] { return show(changes.front()); });
        return ids.size();
    }

    // Pairs and sources that stand there more than once.
    void find_repeated() {
        const auto key = [](const PairPlace& place) { return std::tuple(place.source, place.target, place.line); };
        std::sort(places_.begin(), places_.end(), [&](const PairPlace& a, const PairPlace& b) { return key(a) < key(b); });
        std::vector<AuditPlace> duplicates, further;
        for (auto group = places_.begin(); group != places_.end();) { // of one source
            const auto group_end = std::find_if(group, places_.end(), [&](const PairPlace& p) { return p.source != group->source; });
            const std::size_t first_line =
                std::min_element(group, group_end, [](const PairPlace& a, const PairPlace& b) { return a.line < b.line; })->line;
            for (auto first = group, place = group; place != group_end; ++place) {
                if (place->target != first->target) first = place;
                if (place != first) duplicates.push_back({place->line, first->line, ""});
                else if (place->line != first_line) further.push_back({place->line, first_line, ""});
            }
            group = group_end;
        }
        set_places(duplicate_, std::move(duplicates));
        set_places(several_, std::move(further));
    }

    void set_places(AuditFinding& finding, std::vector<AuditPlace> places) const {
        std::sort(places.begin(), places.end(), [](const AuditPlace& a, const AuditPlace& b) { return a.line < b.line; });
        finding.count = places.size();
        places.resize(std::min(places.size(), options_.listed));
        finding.places = std::move(places);
    }

    const AuditOptions& options_;
    std::string unit_;
    HeldOut held_out_;
    Side sides_[2];
    AuditFinding ratio_, copy_, duplicate_, several_;
    std::deque<PairPlace> places_; // grows without a copy
    Audit audit_;
};

void check_options(const AuditOptions& options) {
    check((options.source_tokenizer == nullptr) == (options.target_tokenizer == nullptr), "an audit takes two tokenizers or none");
    check(options.unit != LengthUnit::piece || options.source_tokenizer != nullptr, "lengths in pieces want a tokenizer");
    check(options.max_length >= 0, "an audit for lines longer than {}: expected 0 or more", options.max_length);
    check(options.max_ratio == 0 || options.max_ratio >= 1, "an audit for length ratios over {}: expected at least 1, or 0 for none",
          options.max_ratio);
}

} // namespace

std::vector<std::string> length_unit_names() { return {std::begin(kUnitNames), std::end(kUnitNames)}; }

LengthUnit length_unit_from_name(const std::string& name) {
    const auto found = std::find(std::begin(kUnitNames), std::end(kUnitNames), name);
    check(found != std::end(kUnitNames), "unknown unit of length '{}'; expected {}", name, fmt::join(kUnitNames, ", "));
    return static_cast<LengthUnit>(found - std::begin(kUnitNames));
}

Audit audit_pairs(const ParallelText& text, const AuditOptions& options) {
    check_options(options);
    Auditor auditor(options);
    auditor.read(text);
    return auditor.finish();
}

std::string summary(std::size_t pairs, const std::vector<AuditFinding>& findings) {
    std::string text = fmt::format("{} pairs", pairs);
    bool found = false;
    for (const AuditFinding& finding : findings) {
        if (finding.count == 0) continue;
        text += fmt::format("; {}{}: {}", finding.what, finding.side.empty() ? "" : fmt::format(" ({})", finding.side), finding.count);
        found = true;
    }
    return found ? text : text + "; nothing found";
}

} // namespace nmt
