#include "nmt/experiments/html_tables.hpp"

#include "nmt/base/strings.hpp"
#include "nmt/evaluation/significance.hpp"
#include "nmt/experiments/html_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace nmt {
namespace {

using Json = nlohmann::ordered_json;

std::string grouped(double value) { return with_commas(std::llround(value)); }

std::string text_of(const Json& value) { return escape_html(value.is_string() ? value.get<std::string>() : value.dump()); }

std::string signed_figure(double value) { return fmt::format("{}{:.1f}", value < 0 ? "−" : "+", std::abs(value)); }

constexpr double kSmallestShown = 0.001;
std::string p_figure(double p) { return p < kSmallestShown ? fmt::format("&lt; {}", kSmallestShown) : fmt::format("{:.3f}", p); }
std::string p_cell(const Json& value) { return value.is_null() ? "–" : p_figure(value.get<double>()); }
std::string p_sentence(double p) { return fmt::format("p {}{}", p < kSmallestShown ? "" : "= ", p_figure(p)); }

// A table that scrolls by itself where the screen is narrow. Cells are HTML; the first one of each row heads it.
std::string table_html(const std::string& caption, const std::vector<std::string>& heads, const std::vector<std::vector<std::string>>& rows,
                       const std::string& kind = "figures") {
    std::string html =
        fmt::format("<div class=\"scroll\" tabindex=\"0\"><table class=\"{}\"><caption>{}</caption>\n<thead><tr>", kind, caption);
    for (const std::string& head : heads) html += fmt::format("<th scope=\"col\">{}</th>", head);
    html += "</tr></thead>\n<tbody>\n";
    for (const std::vector<std::string>& row : rows) {
        html += fmt::format("<tr><th scope=\"row\">{}</th>", row.front());
        for (std::size_t i = 1; i < row.size(); ++i) html += fmt::format("<td>{}</td>", row[i]);
        html += "</tr>\n";
    }
    return html + "</tbody></table></div>\n";
}

bool several_seeds(const Json& document) { return document["seeds"].size() > 1; }

std::string with_deviation(const Json& document, const Json& mean, const Json& deviation) {
    const std::string text = fmt::format("{:.1f}", mean.get<double>());
    return several_seeds(document) ? fmt::format("{} ± {:.1f}", text, deviation.get<double>()) : text;
}

// Sorted numbers, three neighbours or more as "2–5".
std::string ranges(const std::vector<std::size_t>& numbers) {
    std::vector<std::string> parts;
    for (std::size_t begin = 0, end = 0; begin < numbers.size(); begin = end) {
        for (end = begin + 1; end < numbers.size() && numbers[end] == numbers[end - 1] + 1;) ++end;
        if (end - begin >= 3) parts.push_back(fmt::format("{}–{}", numbers[begin], numbers[end - 1]));
        else
            for (std::size_t i = begin; i < end; ++i) parts.push_back(std::to_string(numbers[i]));
    }
    return fmt::format("{}", fmt::join(parts, " "));
}

// The numbers, from 1 on, of the models that this one is better than by more than chance among sentences.
std::string beaten_by(const Json& significance, std::size_t model) {
    std::vector<std::size_t> numbers;
    for (const Json& pair : significance["pairs"]) {
        if (pair["p_sentences"].get<double>() >= kSignificanceLevel) continue;
        const auto first = pair["first"].get<std::size_t>(), second = pair["second"].get<std::size_t>();
        const double difference = pair["difference"].get<double>();
        if (second == model && difference > 0) numbers.push_back(first + 1);
        if (first == model && difference < 0) numbers.push_back(second + 1);
    }
    std::sort(numbers.begin(), numbers.end());
    return numbers.empty() ? "" : fmt::format("<sup>{}</sup>", ranges(numbers));
}

// The numbers of the models by BLEU, highest first.
std::vector<std::size_t> ranking(const Json& systems) {
    std::vector<std::size_t> order(systems.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return systems[a]["bleu"].get<double>() > systems[b]["bleu"].get<double>(); });
    return order;
}

// What the table says, in a sentence or two.
std::string lead(const Json& document, const Json& test) {
    const Json& systems = test["systems"];
    const std::vector<std::size_t> order = ranking(systems);
    const auto name = [&](std::size_t m) { return fmt::format("<strong>{}</strong>", text_of(document["models"][m]["name"])); };
    const auto bleu = [&](std::size_t m) { return systems[m]["bleu"].get<double>(); };
    std::string text = fmt::format("{} has the highest BLEU, {:.1f}", name(order[0]), bleu(order[0]));
    if (order.size() == 1) return text + ".";
    text += fmt::format("; next comes {} with {:.1f}. ", name(order[1]), bleu(order[1]));
    for (const Json& pair : test["significance"]["pairs"]) {
        const auto a = pair["first"].get<std::size_t>(), b = pair["second"].get<std::size_t>();
        if (std::minmax(a, b) != std::minmax(order[0], order[1])) continue;
        const double p = pair["p_sentences"].get<double>();
        text += p < kSignificanceLevel
                    ? fmt::format("With other sentences of this kind the order of the two would hardly change ({}).", p_sentence(p))
                    : fmt::format("That may be chance: with other sentences of this kind the order of the two could change "
                                  "({}).",
                                  p_sentence(p));
        if (!pair["p_seeds"].is_null() && pair["p_seeds"].get<double>() >= kSignificanceLevel)
            text += fmt::format(" Over the seeds the difference is not significant ({}; with {} of each no p is below {}).",
                                p_sentence(pair["p_seeds"].get<double>()), document["seeds"].size(),
                                p_figure(pair["smallest_p_seeds"].get<double>()));
    }
    return text;
}

std::string summary_table(const Json& document, const Json& test) {
    const std::vector<std::size_t> order = ranking(test["systems"]);
    std::vector<std::vector<std::string>> rows;
    for (std::size_t m = 0; m < document["models"].size(); ++m) {
        const Json &model = document["models"][m], &system = test["systems"][m], &interval = test["significance"]["intervals"][m];
        const auto figure = [&](const char* key) { return model[key].get<double>(); };
        const std::string bleu = with_deviation(document, system["bleu"], system["bleu_deviation"]);
        const double rate = figure("target_tokens_per_second");
        rows.push_back({fmt::format("<span class=\"number\">{}</span> {}", m + 1, text_of(model["name"])),
                        (m == order.front() ? "<strong>" + bleu + "</strong>" : bleu) + beaten_by(test["significance"], m),
                        fmt::format("{:.1f} to {:.1f}", interval["low"].get<double>(), interval["high"].get<double>()),
                        with_deviation(document, system["chrf"], system["chrf_deviation"]), grouped(figure("parameters")),
                        fmt::format("{:.1f}", figure("training_minutes")), fmt::format("{:.1f}", figure("training_minutes_in_all")),
                        rate > 0 ? grouped(rate) : "–", grouped(figure("translation_sentences_per_second")),
                        grouped(figure("peak_memory_mib")), grouped(figure("translation_peak_memory_mib"))});
    }
    return table_html(fmt::format("{}, {} sentences", text_of(test["name"]), grouped(test["sentences"].get<double>())),
                      {"Model", "BLEU", "95 % interval", "chrF", "Parameters", "Training minutes", "minutes in all", "Target tokens/s",
                       "Sentences/s", "MiB training", "MiB translating"},
                      rows, "figures summary");
}

std::string pairs_table(const Json& document, const Json& test) {
    if (test["significance"]["pairs"].empty()) return "";
    const auto name = [&](const Json& m) { return text_of(document["models"][m.get<std::size_t>()]["name"]); };
    std::vector<std::vector<std::string>> rows;
    for (const Json& pair : test["significance"]["pairs"])
        rows.push_back({name(pair["second"]) + " against " + name(pair["first"]), signed_figure(pair["difference"].get<double>()),
                        p_cell(pair["p_sentences"]), p_cell(pair["p_seeds"]), p_cell(pair["smallest_p_seeds"])});
    return "<details><summary>Every pair of models</summary>\n" +
           table_html("Differences in BLEU, and how probable it is that chance alone makes one as large",
                      {"Pair", "BLEU", "p by sentences", "p by seeds", "smallest p possible"}, rows) +
           fmt::format(
               "<p>By sentences: {}. By seeds: exact permutation test of the scores of all seeds; with few seeds no p-value can be small."
               "</p></details>\n",
               text_of(test["significance"]["method"]));
}

std::string legend(const Json& document) {
    const Json& samples = document["tests"].front()["significance"]["samples"];
    std::string text = "<ul class=\"notes\">\n";
    if (several_seeds(document))
        text +=
            "<li>± is the standard deviation over the seeds: how much the score changes when the same model is trained once more.</li>\n";
    text +=
        fmt::format("<li>95 % interval: how much the score changes with other sentences of the same kind (bootstrap, {} samples).</li>\n",
                    grouped(samples.get<double>()));
    text += fmt::format("<li>Small raised numbers name the models that this one is better than by more than chance among sentences "
                        "explains (p &lt; {}).</li>\n",
                        kSignificanceLevel);
    text += "<li>Training minutes are those of updates alone; in all, with validation. Target tokens/s: in training. Sentences/s: in "
            "translating this recipe's tests. "
            "MiB: the peak memory of the process that trained, and of the one that translated.</li>\n</ul>\n";
    return text;
}

std::string pre(const std::string& html) { return "<pre tabindex=\"0\">" + html + "</pre>\n"; }

std::string options_table(const Json& section, const Json& models) {
    const bool by_model =
        std::any_of(section["rows"].begin(), section["rows"].end(), [](const Json& row) { return row["values"].size() > 1; });
    std::vector<std::string> heads{"Option"};
    if (by_model)
        for (const Json& model : models) heads.push_back(text_of(model));
    else heads.push_back("Value");
    heads.push_back("Meaning");
    std::vector<std::vector<std::string>> rows;
    for (const Json& row : section["rows"]) {
        std::vector<std::string> cells{text_of(row["key"])};
        for (std::size_t m = 0; m + 2 < heads.size(); ++m) {
            const bool same = row["values"].size() == 1;
            const Json& value = row["values"][same ? 0 : m];
            const std::string text = value.is_null() ? "–" : text_of(value);
            cells.push_back(same || !by_model ? text : "<em>" + text + "</em>");
        }
        cells.push_back(text_of(row["help"]));
        rows.push_back(std::move(cells));
    }
    return fmt::format("<details><summary>[{}]</summary>\n", text_of(section["section"])) +
           table_html(by_model
                          ? "Values that are not the same for all models are set in <em>italics</em>; – is no option of that architecture"
                          : "The same for all models",
                      heads, rows, "options") +
           "</details>\n";
}

std::vector<std::vector<std::string>> rows_of(const Json& pairs) {
    std::vector<std::vector<std::string>> rows;
    for (const Json& pair : pairs) rows.push_back({text_of(pair[0]), "<code>" + text_of(pair[1]) + "</code>"});
    return rows;
}

// A number, or an array of several.
std::string threads_of(const Json& document) {
    const Json& threads = document["threads"];
    return threads.is_array() ? fmt::format("{}", fmt::join(threads.get<std::vector<int>>(), " and ")) : threads.dump();
}

} // namespace

std::string introduction_html(const Json& document) {
    const std::size_t models = document["models"].size(), seeds = document["seeds"].size();
    const std::string processor = text_of(document["processor"]), day = text_of(document["day"]);
    return fmt::format("<p>{} {}, {}: the same training text, test sentences and search (beam {}). Machine: {}{} {}, {}.{}</p>\n", models,
                       models == 1 ? "model" : "models",
                       seeds == 1 ? fmt::format("seed {}", document["seeds"][0].dump()) : fmt::format("{} seeds each", seeds),
                       document["beam"].dump(), processor.empty() ? "" : processor + ", ", threads_of(document),
                       document["threads"] == 1 ? "thread" : "threads", text_of(document["instruction_set"]),
                       day.empty() ? "" : " Last training: " + day + ".");
}

std::string results_html(const Json& document) {
    std::string html;
    for (const Json& test : document["tests"])
        html += "<p class=\"lead\">" + lead(document, test) + "</p>\n" + summary_table(document, test) + pairs_table(document, test);
    return html + legend(document);
}

std::string setup_html(const Json& document) {
    const Json& setup = document["setup"];
    std::string html = fmt::format("<p>Seeds: {}. Threads: {}.</p>\n", fmt::join(document["seeds"].get<std::vector<std::uint64_t>>(), ", "),
                                   threads_of(document));
    html += table_html("Versions", {"What", "Version"}, rows_of(setup["versions"]), "options");
    std::vector<std::vector<std::string>> signatures;
    for (const Json& test : document["tests"])
        for (std::size_t i = 0; i < test["signatures"].size(); ++i)
            signatures.push_back(
                {text_of(test["name"]) + (i == 0 ? ", BLEU" : ", chrF"), "<code>" + text_of(test["signatures"][i]) + "</code>"});
    html += table_html("Signatures of the metrics, as sacreBLEU writes them", {"Score", "Signature"}, signatures, "options");
    html += table_html("Text that was read", {"File", "SHA-256"}, rows_of(setup["checksums"]), "options");
    const std::string checksums = text_of(setup["checksums_file"]);
    html += fmt::format(
        "<h3>Do it again</h3>\n<p>Save the recipe below as {}{}.{}</p>\n", text_of(setup["file"]),
        checksums.empty() ? "" : ", and the checksums above, a line with the sum, two blanks and the name for each, as " + checksums,
        document["source"] == "" ? "" : " DIR is the folder that holds the text.");
    html += table_html("Commands", {"For", "Command"}, rows_of(setup["commands"]), "options");
    html += "<details><summary>The recipe</summary>\n" + pre(text_of(setup["recipe"])) + "</details>\n";
    html += "<h3>All options</h3>\n";
    for (const Json& section : setup["options"]) html += options_table(section, setup["models"]);
    return html;
}

} // namespace nmt
