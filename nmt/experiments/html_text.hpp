// Text as parts of an HTML page. Used by report.html.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace nmt {

// Text that any HTML element or attribute can hold.
std::string escape_html(std::string_view text);

// JSON that a script element can hold, whatever its strings: no '<', no U+2028 or U+2029, and U+FFFD for bytes that are not UTF-8.
std::string json_for_script(const nlohmann::ordered_json& json);

// `text` with each {{name}} replaced by what `parts` gives for it, in one pass. Throws Error for a name that it does not give.
std::string fill_template(std::string_view text, const nlohmann::ordered_json& parts);

} // namespace nmt
