#include "nmt/experiments/html_text.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/strings.hpp"

namespace nmt {
namespace {

using Json = nlohmann::ordered_json;

} // namespace

std::string escape_html(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
        switch (c) {
        case '&':
            escaped += "&amp;";
            break;
        case '<':
            escaped += "&lt;";
            break;
        case '>':
            escaped += "&gt;";
            break;
        case '"':
            escaped += "&quot;";
            break;
        case '\'':
            escaped += "&#39;";
            break;
        case '\0':
            escaped += "\uFFFD";
            break; // no HTML can hold it
        default:
            escaped += c;
        }
    }
    return escaped;
}

std::string json_for_script(const Json& json) {
    std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    // In JSON these stand in strings alone.
    replace_all(text, "<", "\\u003c");
    replace_all(text, "\u2028", "\\u2028");
    replace_all(text, "\u2029", "\\u2029");
    return text;
}

std::string fill_template(std::string_view text, const Json& parts) {
    std::string filled;
    for (std::size_t at = 0;;) {
        const std::size_t begin = text.find("{{", at);
        filled += text.substr(at, begin - at);
        if (begin == std::string_view::npos) return filled;
        const std::size_t end = text.find("}}", begin);
        check(end != std::string_view::npos, "a template with '{{{{' but no '}}}}' behind it");
        const std::string name(text.substr(begin + 2, end - begin - 2));
        check(parts.contains(name), "a template asks for '{}', which nobody gives", name);
        filled += parts[name].get<std::string>();
        at = end + 2;
    }
}

} // namespace nmt
