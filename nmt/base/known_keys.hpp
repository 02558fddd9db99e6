// What a configuration may hold: its sections and their keys, for messages that name what was meant and for lists of all keys.
#pragma once

#include "nmt/base/config.hpp"

#include <string>
#include <utility>
#include <vector>

namespace nmt {

struct KnownSection {
    std::string name; // "training", or "training.NAME" where NAME stands for any name
    std::vector<std::string> keys;
    // Words that people write in its place, each with what to write instead.
    std::vector<std::pair<std::string, std::string>> advice = {};
};

KnownSection known_section(std::string name, const OptionTable& table);

// Throws Error for the first section and the first key that are not known, naming what was probably meant: the nearest section, the section
// that the key belongs to, the nearest key of its own section, or the advice on it. Sections without keys (such as [examples]) hold any.
void check_known(const Configuration& configuration, const std::vector<KnownSection>& known);

// "[section]", and each option with its explanation, choices and present value: for people, and to begin a file with.
std::string explain_section(const std::string& section, const OptionTable& table);

} // namespace nmt
