// The text of a recipe, ready to read: generated, taken from a folder, or downloaded.
#pragma once

#include "nmt/experiments/recipe.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace nmt {

struct TestSet {
    std::string name;
    std::filesystem::path source, target;
    std::filesystem::path labels; // the phenomenon of each line; empty: there are none
};

struct PreparedData {
    DataOptions files; // training and validation
    std::vector<TestSet> tests;
};

// `given` is the folder of --data, empty if there is none. Generated and downloaded text goes into `work`/data; what is there
// already is used. Throws Error for what is missing or has another checksum.
PreparedData prepare_data(const Recipe& recipe, const std::filesystem::path& given, const std::filesystem::path& work);

// Logs one line a data set: how many pairs it has and what an audit of them has found (nmt/data/audit.hpp, with its defaults); of the
// validation and test sets also which of their sentences stand in the training text.
// Throws Error for unequal files, naming both counts.
void log_audit(const PreparedData& data);

} // namespace nmt
