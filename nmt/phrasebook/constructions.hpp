// The constructions, grouped by the phenomenon that they show: one file and one table for each. To add a construction, add a function
// and a row to its phenomenon's file.
#pragma once

#include "nmt/phrasebook/draw.hpp"

#include <span>

namespace nmt::phrasebook {

struct Construction {
    int weight; // within its phenomenon
    // Another sentence with each call; not spelled yet.
    Text (*compose)(Draw&);
};

std::span<const Construction> plain_constructions();
std::span<const Construction> adjective_order_constructions();
std::span<const Construction> clitic_constructions();
std::span<const Construction> negation_constructions();
std::span<const Construction> agreement_constructions();
std::span<const Construction> question_constructions();
std::span<const Construction> relative_constructions();
std::span<const Construction> idiom_constructions();

} // namespace nmt::phrasebook
