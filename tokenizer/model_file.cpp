#include "tokenizer/model_file.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/utf8.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

namespace nmt {
namespace {

// A field of a message in the wire format of protocol buffers.
struct Field {
    enum class Kind { number = 0, eight_bytes = 1, message = 2, four_bytes = 5 };
    std::uint64_t number = 0;
    Kind kind = Kind::number;
    std::uint64_t value = 0; // of a number
    std::string_view bytes;  // of all others
};

std::uint64_t read_number(std::string_view& rest) {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        check(!rest.empty(), "it ends within a number");
        const auto byte = static_cast<unsigned char>(rest.front());
        rest.remove_prefix(1);
        value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
    }
    fail("it holds a number of more than 64 bits");
}

std::string_view read_bytes(std::string_view& rest, std::uint64_t size) {
    check(size <= rest.size(), "a field of {} bytes stands where {} are left", size, rest.size());
    const std::string_view bytes = rest.substr(0, static_cast<std::size_t>(size));
    rest.remove_prefix(bytes.size());
    return bytes;
}

Field read_field(std::string_view& rest) {
    const std::uint64_t key = read_number(rest);
    Field field{key >> 3, static_cast<Field::Kind>(key & 7), 0, {}};
    check(field.number > 0, "it holds a field without a number");
    switch (field.kind) {
    case Field::Kind::number:
        field.value = read_number(rest);
        break;
    case Field::Kind::eight_bytes:
        field.bytes = read_bytes(rest, 8);
        break;
    case Field::Kind::message:
        field.bytes = read_bytes(rest, read_number(rest));
        break;
    case Field::Kind::four_bytes:
        field.bytes = read_bytes(rest, 4);
        break;
    default:
        fail("it holds a field of an unknown kind");
    }
    return field;
}

// The fields of a message that are looked for, each of which may stand there once: where one stands twice, readers differ in what they
// take. `take` is given all others too.
template <typename Take>
void for_each_field(std::string_view message, const Take& take) {
    while (!message.empty()) take(read_field(message));
}

// Takes a field that may stand in its message once.
class Once {
  public:
    Once(Field::Kind kind, const char* name) : kind_(kind), name_(name) {}

    void take(const Field& field) {
        check(field.kind == kind_, "its {} has a wrong type", name_);
        check(!found_, "its {} stands there twice", name_);
        found_ = true;
        field_ = field;
    }
    bool found() const { return found_; }
    const Field& field() const { return field_; }

  private:
    Field::Kind kind_;
    const char* name_;
    bool found_ = false;
    Field field_;
};

constexpr std::uint64_t kUserDefined = 4, kLastPieceType = 6;

// Appends the piece to `user_defined` if it is one.
void check_piece(std::string_view message, std::vector<std::string_view>& user_defined) {
    Once text(Field::Kind::message, "piece's text"), score(Field::Kind::four_bytes, "piece's score"),
        type(Field::Kind::number, "piece's type");
    for_each_field(message, [&](const Field& field) {
        if (field.number == 1) text.take(field);
        else if (field.number == 2) score.take(field);
        else if (field.number == 3) type.take(field);
    });
    const std::string_view piece = text.field().bytes;
    check(!piece.empty(), "it holds an empty piece");
    check(is_utf8(piece), "it holds a piece that is not UTF-8");
    check(piece.find_first_of(std::string_view("\0\r\n ", 4)) == std::string_view::npos,
          "it holds a piece with a NUL, a line break or a space; expected spaces as U+2581");
    if (score.found()) {
        float value = 0;
        std::memcpy(&value, score.field().bytes.data(), sizeof(value));
        constexpr float kLargest = 1e30F; // sums over a text stay finite
        check(std::abs(value) <= kLargest, "the score of its piece '{}' is {}; expected a number", piece, value);
    }
    if (!type.found()) return;
    check(type.field().value >= 1 && type.field().value <= kLastPieceType, "its piece '{}' is of an unknown type", piece);
    if (type.field().value == kUserDefined) user_defined.push_back(piece);
}

// The library has room for so many user-defined pieces that one place of a text may begin with.
void check_user_defined(std::vector<std::string_view> pieces) {
    constexpr std::size_t kMost = 64;
    std::sort(pieces.begin(), pieces.end());
    std::vector<std::string_view> beginnings; // of the piece at hand: each begins the next
    for (const std::string_view piece : pieces) {
        while (!beginnings.empty() && !piece.starts_with(beginnings.back())) beginnings.pop_back();
        beginnings.push_back(piece);
        check(beginnings.size() <= kMost, "more than {} of its user-defined pieces begin one another", kMost);
    }
}

// Returns its name.
std::string check_normalization(std::string_view message) {
    Once name(Field::Kind::message, "name of normalization"), map(Field::Kind::message, "table of normalization");
    for_each_field(message, [&](const Field& field) {
        if (field.number == 1) name.take(field);
        else if (field.number == 2) map.take(field);
    });
    if (!map.field().bytes.empty()) check_character_map(map.field().bytes);
    return std::string(name.field().bytes);
}

std::string type_of(std::string_view trainer) {
    Once type(Field::Kind::number, "type of model");
    for_each_field(trainer, [&](const Field& field) {
        if (field.number == 3) type.take(field);
    });
    if (!type.found()) return "unigram";
    constexpr const char* kTypes[] = {"unigram", "bpe", "word", "char"};
    check(type.field().value >= 1 && type.field().value <= std::size(kTypes), "it is of an unknown type of model");
    return kTypes[type.field().value - 1];
}

// A unit of the double array.
class Unit {
  public:
    explicit Unit(std::uint32_t bits) : bits_(bits) {}

    bool is_child() const { return bits_ >> 31 == 0; } // else it is the number of a rule
    std::uint32_t label() const { return bits_ & 0xff; }
    bool ends_rule() const { return (bits_ >> 8 & 1) != 0; } // its state's own unit is then the number of the rule
    std::uint32_t offset() const { return bits_ >> 10 << ((bits_ & 1U << 9) >> 6); }
    std::uint32_t rule() const { return bits_ & 0x7fffffff; }

  private:
    std::uint32_t bits_;
};

// The double array of a table of normalization. From the state s a byte leads to the unit s ^ byte, if that bears the byte as its label,
// and on to the state (s ^ byte) ^ its offset. A lookup reads s ^ byte for any byte.
class DoubleArray {
  public:
    explicit DoubleArray(std::string_view bytes)
        : units_(bytes.size() / sizeof(std::uint32_t)), first_child_(units_.size(), kNone), sibling_(units_.size(), kNone) {
        std::memcpy(units_.data(), bytes.data(), units_.size() * sizeof(std::uint32_t));
        for (std::uint32_t i = 0; i < units_.size(); ++i) {
            const std::uint32_t parent = i ^ unit(i).label();
            if (!unit(i).is_child() || parent >= units_.size()) continue;
            sibling_[i] = first_child_[parent];
            first_child_[parent] = i;
        }
    }

    // Visits the number of every rule that a lookup can find.
    template <typename Visit>
    void check_all(const Visit& visit) {
        constexpr int kMost = 32;
        check(!units_.empty(), "its table of normalization is empty");
        std::vector<int> rules_below(units_.size(), -1); // -1: not entered; -2: being walked through
        struct Place {
            std::uint32_t state, child; // the child to walk into next
            int most = 0;               // rules that may be found from here on
        };
        std::vector<Place> path;
        const auto enter = [&](std::uint32_t state) {
            check((state | 0xffU) < units_.size(), "its table of normalization leads beyond its end");
            rules_below[state] = -2;
            path.push_back({state, first_child_[state]});
        };
        enter(unit(0).offset());
        while (!path.empty()) {
            Place& place = path.back();
            if (place.child == kNone) {
                rules_below[place.state] = place.most;
                path.pop_back();
                continue;
            }
            const std::uint32_t child = place.child, state = child ^ unit(child).offset();
            if (state >= units_.size() || rules_below[state] == -1) {
                enter(state);
                continue;
            }
            check(rules_below[state] >= 0, "its table of normalization leads in a circle");
            if (unit(child).ends_rule()) visit(unit(state).rule());
            place.most = std::max(place.most, rules_below[state] + (unit(child).ends_rule() ? 1 : 0));
            check(place.most <= kMost, "more than {} rules of its table of normalization begin one another", kMost);
            place.child = sibling_[child];
        }
    }

  private:
    static constexpr std::uint32_t kNone = 0xffffffff;

    Unit unit(std::uint32_t i) const { return Unit(units_[i]); }

    std::vector<std::uint32_t> units_;
    std::vector<std::uint32_t> first_child_; // of a state
    std::vector<std::uint32_t> sibling_;     // the next child of the same state
};

static_assert(std::endian::native == std::endian::little, "a table of normalization is little-endian");

} // namespace

ModelFileFacts check_model_file(std::string_view model) {
    check(!model.empty(), "it is empty");
    Once trainer(Field::Kind::message, "description of its training"), normalization(Field::Kind::message, "normalization"),
        denormalization(Field::Kind::message, "denormalization");
    std::vector<std::string_view> user_defined;
    for_each_field(model, [&](const Field& field) {
        if (field.number == 1) {
            check(field.kind == Field::Kind::message, "a piece has a wrong type");
            check_piece(field.bytes, user_defined);
        } else if (field.number == 2) trainer.take(field);
        else if (field.number == 3) normalization.take(field);
        else if (field.number == 5) denormalization.take(field);
    });
    check_user_defined(std::move(user_defined));
    check_normalization(denormalization.field().bytes);
    return {type_of(trainer.field().bytes), check_normalization(normalization.field().bytes)};
}

void check_character_map(std::string_view map) {
    std::uint32_t size = 0; // of the double array
    check(map.size() > sizeof(size), "its table of normalization is too short");
    std::memcpy(&size, map.data(), sizeof(size));
    map.remove_prefix(sizeof(size));
    check(size < map.size() && size % sizeof(std::uint32_t) == 0, "its table of normalization has {} bytes of rules in {}", size,
          map.size());
    const std::string_view texts = map.substr(size);
    check(texts.back() == '\0' && is_utf8(texts), "the texts of its table of normalization are not UTF-8, or have no end");
    DoubleArray(map.substr(0, size)).check_all([&](std::uint32_t rule) {
        check(rule < texts.size() && character_boundary(texts, rule) == rule, "a rule of its table of normalization has no text");
    });
}

} // namespace nmt
