// report.html: one page, complete in itself, that compares the models of a recipe. Its parts are in nmt/experiments/report and Chart.js,
// all built into the program; the page's script draws the charts from the document, which it holds as JSON.
#pragma once

#include "nmt/experiments/run_analysis.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace nmt {

// The page that shows a document of analyse_run(). The tables of results and the set-up can be read without JavaScript.
std::string html_report(const nlohmann::ordered_json& document);

// Analyses a run and writes work/report.html. Throws as analyse_run() does, and Error if the page cannot be written.
void write_html_report(const FinishedRun& run);

} // namespace nmt
