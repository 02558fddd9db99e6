// Damages a file's bytes by chance, in the ways in which files are damaged or forged.
#pragma once

#include "nmt/base/random.hpp"

#include <string>

namespace nmt::mutations {

// `content` after one change, or up to eight: bits, bytes, numbers (written and binary) that became extreme ones, pieces that are missing,
// repeated, moved or of `other`, an end that is cut off. Half of the changes fall into the first kilobyte, where headers are.
std::string mutate(std::string content, const std::string& other, Random& random);

} // namespace nmt::mutations
