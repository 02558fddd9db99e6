// Held-out text, such as test sets, looked for in the training text. Part of the audit.
#pragma once

#include "nmt/data/audit.hpp"

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace nmt {

// The same for equal texts, within one run of the program.
std::uint64_t hash_of_text(std::string_view text);

class HeldOut {
  public:
    // Reads the texts. Throws Error for files that cannot be read and for unequal ones.
    explicit HeldOut(const std::vector<HeldOutText>& texts);

    // Tells of one pair of the audited text, by the hashes of its sides; neither is empty. Lines come in order.
    void look_up(std::uint64_t source, std::uint64_t target, std::size_t line);

    // What was found: for each text held_out_source and, where it has a target, held_out_target and held_out_pair; `listed` places each.
    std::vector<AuditFinding> findings(std::size_t listed) const;

  private:
    using FirstLines = std::unordered_map<std::uint64_t, std::size_t>; // hash to line of the audited text; 0: not seen yet
    struct Text {
        std::string name;
        bool has_target;
        std::vector<std::uint64_t> sources, targets; // a hash a line; kEmpty for empty ones
    };
    Text read(const HeldOutText& text);

    std::vector<Text> texts_;
    FirstLines sources_, targets_, pairs_;
};

} // namespace nmt
