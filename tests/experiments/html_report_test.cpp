// The parts of report.html as text, and what its tables say.
#include "nmt/base/checksum.hpp"
#include "nmt/base/error.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/experiments/html_tables.hpp"
#include "nmt/experiments/html_text.hpp"
#include "nmt/experiments/setup_table.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

using Json = nlohmann::ordered_json;

TEST(HtmlText, EscapesWhatMarkupMeans) {
    EXPECT_EQ(escape_html("a < b & \"c\" > 'd'"), "a &lt; b &amp; &quot;c&quot; &gt; &#39;d&#39;");
    EXPECT_EQ(escape_html(std::string_view("\0é", 3)), "\uFFFDé");
}

TEST(HtmlText, JsonThatNoTextCanLeave) {
    const Json json{{"text", "</script><!-- \u2028 \u2029 \xFF \x01 &lt; ü"}};
    const std::string text = json_for_script(json);
    EXPECT_EQ(text.find('<'), std::string::npos) << text;
    EXPECT_EQ(text.find("\u2028"), std::string::npos);
    EXPECT_EQ(text.find("\u2029"), std::string::npos);
    EXPECT_EQ(Json::parse(text).at("text"), "</script><!-- \u2028 \u2029 \uFFFD \x01 &lt; ü");
}

TEST(HtmlText, FillsATemplateInOnePass) {
    EXPECT_EQ(fill_template("{{a}} and {{b}}{{a}}.", {{"a", "{{b}}"}, {"b", "}}"}}), "{{b}} and }}{{b}}.");
    EXPECT_EQ(fill_template("{ }", Json::object()), "{ }");
    EXPECT_NE(message_of<Error>([] { fill_template("x {{nobody}}", Json::object()); }).find("'nobody'"), std::string::npos);
    EXPECT_NE(message_of<Error>([] { fill_template("x {{a", {{"a", "b"}}); }).find("}}"), std::string::npos);
}

Json a_model(const std::string& name) {
    return {{"name", name},
            {"parameters", 7812416},
            {"training_minutes", 1.25},
            {"training_minutes_in_all", 1.5},
            {"target_tokens_per_second", 0},
            {"translation_sentences_per_second", 1234.4},
            {"peak_memory_mib", 100},
            {"translation_peak_memory_mib", 20}};
}

Json a_document(double p) {
    return {{"seeds", {1, 2}},
            {"beam", 5},
            {"threads", 2},
            {"instruction_set", "AVX-512"},
            {"processor", "A processor <fast>"},
            {"day", "2026-05-31"},
            {"models", {a_model("<plain>"), a_model("better")}},
            {"tests",
             {{{"name", "test"},
               {"sentences", 1000},
               {"systems",
                {{{"bleu", 20.04}, {"bleu_deviation", 0.5}, {"chrf", 40}, {"chrf_deviation", 0.1}},
                 {{"bleu", 30.06}, {"bleu_deviation", 0.25}, {"chrf", 50}, {"chrf_deviation", 0.1}}}},
               {"significance",
                {{"method", "by <hand>"},
                 {"samples", 1000},
                 {"intervals", {{{"low", 19}, {"high", 21}}, {{"low", 29}, {"high", 31}}}},
                 {"pairs",
                  {{{"first", 0},
                    {"second", 1},
                    {"difference", 10.02},
                    {"p_sentences", p},
                    {"p_seeds", nullptr},
                    {"smallest_p_seeds", 0.1}}}}}}}}}};
}

TEST(HtmlTables, ResultsNameTheBestAndMarkWhatIsMoreThanChance) {
    const std::string html = results_html(a_document(0.001));
    for (const char* part :
         {"<strong>better</strong> has the highest BLEU, 30.1; next comes <strong>&lt;plain&gt;</strong> with 20.0", "(p = 0.001)",
          "<td><strong>30.1 ± 0.2</strong><sup>1</sup></td>", "<td>20.0 ± 0.5</td>", "<td>19.0 to 21.0</td>", "7,812,416", "<td>1,234</td>",
          "1,000 sentences", "1,000 samples", "by &lt;hand&gt;", "<td>+10.0</td>", "± is the standard deviation"})
        EXPECT_NE(html.find(part), std::string::npos) << part << "\n" << html;
    EXPECT_EQ(html.find("<plain>"), std::string::npos);
    const std::string chance = results_html(a_document(0.3));
    EXPECT_EQ(chance.find("<sup>"), std::string::npos) << chance;
    EXPECT_NE(chance.find("may be chance"), std::string::npos);
    EXPECT_EQ(chance.find("Over the seeds"), std::string::npos) << chance;
    Json seeds = a_document(0.001);
    seeds["tests"][0]["significance"]["pairs"][0]["p_seeds"] = 0.2;
    EXPECT_NE(results_html(seeds).find("Over the seeds the difference is not significant (p = 0.200; with 2 of each no p is below 0.100)."),
              std::string::npos)
        << results_html(seeds);
    seeds["tests"][0]["significance"]["pairs"][0]["p_seeds"] = 0.01;
    EXPECT_EQ(results_html(seeds).find("Over the seeds"), std::string::npos);
    Json one = a_document(0.3);
    one["seeds"] = {1};
    EXPECT_EQ(results_html(one).find("±"), std::string::npos);
}

TEST(SetupTable, SaysEveryOptionOfEveryModel) {
    TemporaryFolder folder;
    PreparedData data;
    data.files.train_source = folder / "train.fr";
    data.files.train_target = folder / "train.en";
    for (const std::string& file : {data.files.train_source, data.files.train_target}) write_file(file, file.substr(file.size() - 2));
    const std::string text =
        "[recipe]\nname = tiny # & small\nseeds = 4 5\n[data]\nsource = fr\ntarget = en\ntrain = train\nvalid = valid\ntests = a\n"
        "[training]\nmax-epochs = 3\n[training.b]\nlearning-rate = 0.5\n"
        "[model.a]\narchitecture = rnn\nhidden-size = 7\n[model.b]\narchitecture = transformer\n";
    const Json setup = setup_table(Recipe::parse(text, "tiny.ini", "."), data);
    EXPECT_EQ(setup.at("recipe"), text);
    EXPECT_EQ(setup["commands"][0][1], "nmt run tiny.ini --data DIR --work runs/tiny");
    EXPECT_EQ(setup["commands"][1][1], "nmt translate --model runs/tiny/b/seed-4 < TEXT");
    EXPECT_EQ(setup.at("checksums"), Json::array({Json::array({"train.fr", sha256("fr")}), Json::array({"train.en", sha256("en")})}));
    const auto values = [&](const std::string& section, const std::string& key) -> Json {
        for (const Json& found : setup["options"])
            if (found["section"] == section)
                for (const Json& row : found["rows"])
                    if (row["key"] == key) return row["values"];
        return "no such option";
    };
    EXPECT_EQ(values("model", "architecture"), Json::parse(R"(["rnn", "transformer"])"));
    EXPECT_EQ(values("model", "hidden-size"), Json::parse(R"(["7", null])"));
    EXPECT_EQ(values("training", "max-epochs"), Json::parse(R"(["3"])"));
    EXPECT_EQ(values("training", "learning-rate")[1], "0.5");
    EXPECT_EQ(values("search", "beam"), Json::parse(R"(["5"])"));
    EXPECT_EQ(values("data", "tests"), Json::parse(R"(["a"])"));
    Json document = a_document(1);
    document["source"] = "fr";
    document["setup"] = setup;
    document["tests"][0]["signatures"] = {"nrefs:1|a", "nrefs:1|b"};
    const std::string html = setup_html(document);
    for (const char* part : {"name = tiny # &amp; small", "<th scope=\"row\">hidden-size</th><td><em>7</em></td><td><em>–</em></td>",
                             "nrefs:1|b", "<th scope=\"row\">max-epochs</th><td>3</td><td>3</td>", "DIR is the folder", "tiny.ini"})
        EXPECT_NE(html.find(part), std::string::npos) << part << "\n" << html;
}

} // namespace
} // namespace nmt
