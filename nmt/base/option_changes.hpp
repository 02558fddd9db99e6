// How two structs of options differ, by their fields. Used where trainings go on, and where models are compared or averaged.
#pragma once

#include "nmt/base/config.hpp"

#include <string>
#include <vector>

namespace nmt {

// An option whose value is another in one of two tables of the same struct. `key` is "section.name"; what a table lacks has no value.
struct OptionChange {
    std::string key, before, after;
};
// In the order of the tables, what `before` alone has first.
std::vector<OptionChange> option_changes(const std::string& section, const OptionTable& before, const OptionTable& after);
template <DescribesItself Options>
std::vector<OptionChange> option_changes(const std::string& section, Options before, Options after) {
    return option_changes(section, table_of(before), table_of(after));
}
// "training.learning-rate from 0.001 to 0.0003", with 'nothing' for no value.
std::string describe(const OptionChange& change);

} // namespace nmt
