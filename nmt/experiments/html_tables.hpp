// The parts of report.html that need no script: the tables of results and the set-up. Used by the report.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace nmt {

// HTML of a document of analyse_run() (run_analysis.hpp).
std::string introduction_html(const nlohmann::ordered_json& document);
std::string results_html(const nlohmann::ordered_json& document);
std::string setup_html(const nlohmann::ordered_json& document);

} // namespace nmt
