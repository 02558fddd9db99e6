#include "nmt/experiments/html_report.hpp"

#include "nmt/base/log.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/experiments/html_tables.hpp"
#include "nmt/experiments/html_text.hpp"

namespace nmt {
namespace {

using Json = nlohmann::ordered_json;

// The files of nmt/experiments/report and Chart.js, as the bytes of character arrays.
const unsigned char kPage[] = {
#include "report_page.inc"
};
const unsigned char kStyle[] = {
#include "report_style.inc"
};
const unsigned char kScript[] = {
#include "report_script.inc"
};
const unsigned char kCharts[] = {
#include "report_charts.inc"
};

std::string text_of(const unsigned char* bytes) { return reinterpret_cast<const char*>(bytes); }

} // namespace

std::string html_report(const Json& document) {
    // Invalid UTF-8 becomes U+FFFD in the static parts, too.
    const Json clean = Json::parse(document.dump(-1, ' ', false, Json::error_handler_t::replace));
    return fill_template(text_of(kPage), {{"title", escape_html(clean["title"].get<std::string>())},
                                          {"style", text_of(kStyle)},
                                          {"introduction", introduction_html(clean)},
                                          {"results", results_html(clean)},
                                          {"setup", setup_html(clean)},
                                          {"document", json_for_script(clean)},
                                          {"charts", text_of(kCharts)},
                                          {"script", text_of(kScript)}});
}

void write_html_report(const FinishedRun& run) {
    const std::filesystem::path file = run.work / "report.html";
    write_file(file, html_report(analyse_run(run)));
    log_info("a page to look at: {}", file.string());
}

} // namespace nmt
