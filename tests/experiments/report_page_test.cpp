// report.html of a recipe in miniature: the file, and what a browser makes of it.
#include "nmt/experiments/run.hpp"

#include "nmt/base/input_file.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/experiments/html_report.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdlib>
#include <numeric>

namespace nmt {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* kRecipe = R"(
[recipe]
name = tiny
title = A <tiny> recipe & more
seeds = 3 4
[data]
generator = phrasebook
lines = 300
[tokenizer]
type = word
joint = false
vocab-size = 4000
exact = false
[training]
batch-tokens = 400
learning-rate = 0.01
warmup = 10
max-epochs = 2
patience = 0
log-every = 2
[search]
beam = 2
[model.dictionary]
architecture = dictionary
[model.rnn]
architecture = rnn
embedding-size = 8
hidden-size = 8
decoder-layers = 1
[model.rnn-attention]
architecture = rnn-attention
embedding-size = 8
hidden-size = 8
attention-size = 8
decoder-layers = 1
[examples]
1 = Je vous en prie .
2 = Tu me manques .
)";

class ReportPage : public testing::Test {
  protected:
    ReportPage() {
        set_quiet(true);
        run();
    }

    void run() { run_recipe(Recipe::parse(kRecipe, "tiny.ini", "."), {{}, folder_ / "work", 1}); }
    std::string page() const { return read_file(folder_ / "work/report.html"); }

    Json document() const {
        const std::string text = page(), begin = "id=\"document\">";
        const std::size_t at = text.find(begin) + begin.size();
        return Json::parse(text.substr(at, text.find("</script>", at) - at));
    }

    TemporaryFolder folder_;
};

TEST_F(ReportPage, IsCompleteAndIsWrittenAlikeAgain) {
    const std::string text = page();
    EXPECT_LT(text.size(), 3'000'000u);
    EXPECT_NE(text.find("<title>A &lt;tiny&gt; recipe &amp; more</title>"), std::string::npos);
    EXPECT_NE(text.find("Released under the MIT License"), std::string::npos); // of Chart.js
    EXPECT_EQ(text.find("{{"), std::string::npos);
    for (const char* outside : {"<link", "src=", "@import", "url("}) {
        const std::size_t own = text.find("<script>"); // what Chart.js holds is its own affair: the page's policy forbids all loading
        EXPECT_GE(text.find(outside), own) << outside;
    }
    // Without a script: the table and the set-up.
    for (const char* part : {"<sup>", "95 % interval", "± ", "SHA-256", "embedding-size", "nmt run tiny.ini --work runs/tiny", "test.fr"})
        EXPECT_LT(text.find(part), text.find("id=\"document\"")) << part;

    const Json found = document();
    ASSERT_EQ(found.at("models").size(), 3u);
    EXPECT_TRUE(found["models"][0].at("gradient_flow").is_null());
    const Json& flow = found["models"][1].at("gradient_flow");
    EXPECT_GT(flow.at("pairs").get<int>(), 100);
    EXPECT_GT(flow["encoder"]["norm"][0].get<double>(), 0);
    EXPECT_GT(flow["decoder"]["norm"].size(), 3u);
    EXPECT_EQ(found["models"][1].at("learning").size(), 2u);
    EXPECT_GT(found["models"][1]["learning"][1]["training"]["loss"].size(), 2u);
    EXPECT_EQ(found["models"][1]["learning"][1]["validation"]["bleu"].size(), 2u);
    EXPECT_EQ(found["tests"][0].at("list").at("source").size(), found["tests"][0].at("sentences"));
    EXPECT_GT(found["tests"][0].at("phenomena").size(), 3u);
    const Json& attention = found.at("attention");
    EXPECT_EQ(attention.at("sentences"), Json::parse(R"(["Je vous en prie .", "Tu me manques ."])"));
    ASSERT_EQ(attention.at("models").size(), 1u);
    EXPECT_EQ(attention["models"][0].at("model"), 2);
    const Json& map = attention["models"][0]["sentences"][0];
    EXPECT_EQ(map.at("source").size(), 6u);
    EXPECT_EQ(map["source"].back(), "</s>");
    ASSERT_EQ(map.at("weights").size(), map.at("target").size());
    for (const Json& row : map["weights"]) {
        const std::vector<int> percent = row;
        EXPECT_EQ(percent.size(), 6u);
        EXPECT_NEAR(std::accumulate(percent.begin(), percent.end(), 0), 100, 3);
    }

    const fs::path kept = folder_ / "work/rnn/seed-3/analysis.json";
    const auto time = fs::last_write_time(kept);
    run();
    EXPECT_TRUE(page() == text);
    EXPECT_EQ(fs::last_write_time(kept), time);
}

// What the test does in the page; it leaves its findings in an element.
constexpr const char* kVisit = R"(
<script>
const findings = {};
const count = selector => document.querySelectorAll(selector).length;
const set = (id, value) => {
  const control = document.getElementById(id);
  control.value = value;
  control.dispatchEvent(new Event(control.tagName === 'SELECT' ? 'change' : 'input', {bubbles: true}));
  control.dispatchEvent(new Event('input', {bubbles: true}));
};
const shownCount = () => Number(document.getElementById('count').textContent.split(' ')[0].replace(',', ''));
const drawn = () => Object.fromEntries([...document.querySelectorAll('figure')].map(figure => {
  const canvas = figure.querySelector('canvas'), chart = Chart.getChart(canvas);
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  return [figure.id, {lines: chart.data.datasets.length, inked: pixels.some(value => value !== 0), type: chart.config.type}];
}));
for (const details of document.querySelectorAll('details')) details.open = true;
const visit = () => {
  findings.arrived = [choice('phenomenon'), choice('axis'), [...state.hidden], location.hash];
  location.hash = '#results?';
  setTimeout(visitAll, 50);
};
const visitAll = () => {
  findings.reset = [choice('phenomenon'), choice('axis'), [...state.hidden]];
  // Everything that names something stands beside a chart of a size to read, and no score's axis goes beyond 100.
  findings.legends = [...document.querySelectorAll('figure')].filter(figure => {
    const {chartArea} = Chart.getChart(figure.querySelector('canvas'));
    const names = figure.querySelectorAll('.legend li').length;
    return names < 2 || chartArea.bottom - chartArea.top < 120;
  }).map(figure => figure.id);
  const scalesOf = id => Chart.getChart(document.querySelector(`#${id} canvas`)).scales;
  findings.ends = [scalesOf('figure-bleu').x.max, scalesOf('figure-speed').y.max, scalesOf('figure-size').y.max, scalesOf('figure-phenomenon').x.max];
  findings.phenomena = scalesOf('figure-phenomenon').y.ticks.length;
  findings.figures = drawn();
  const figures = [...document.querySelectorAll('figure')];
  findings.tables = Object.fromEntries(figures.map(figure => [figure.id, figure.querySelectorAll('tbody tr').length]));
  findings.headless = count('table:not(.sentence table) thead th:not([scope])') + count('th:not([scope])');
  findings.unlabelled = [...document.querySelectorAll('select, input')].filter(control => control.labels.length === 0).length;
  findings.wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  findings.all = shownCount();
  findings.articles = count('article');
  findings.marks = count('article mark');
  document.getElementById('more').click();
  findings.more = count('article');
  set('phenomenon', 'idiom');
  findings.idioms = shownCount();
  set('phenomenon', '');
  const difference = head => Number(head.textContent.split(': ').pop().replace('−', '-'));
  const spread = () => [...document.querySelectorAll('article h3')].map(difference);
  findings.apart = [choice('first') !== choice('second')];
  for (const [changed, other] of [['first', 'second'], ['second', 'first']]) {
    const before = choice(changed);
    set(changed, choice(other));
    findings.apart.push(choice(other) === before && choice(changed) !== before);
  }
  set('first', '2');
  set('second', '0');
  set('order', 'first');
  findings.first = spread();
  set('order', 'second');
  findings.second = spread();
  set('search', 'ZZZ nobody says this');
  findings.none = shownCount();
  set('search', 'prie');
  findings.address = location.hash;
  location.hash = '#learning'; // as a link of the page does
  findings.search = [...document.querySelectorAll('article')].every(article => article.textContent.includes('prie')) && shownCount();
  set('search', 'HOSTILE <\/script>');
  const written = document.querySelector('article').textContent.includes('<\/script><b id=injected> \ufffd');
  findings.hostile = [shownCount(), count('#injected'), written];
  set('search', '');
  set('test', '1');
  findings.other = [document.getElementById('count').textContent, document.querySelector('#figure-bleu h3').textContent];
  set('test', '0');
  const axis = () => Chart.getChart(document.querySelector('#figure-training-loss canvas')).options.scales.x.title.text;
  findings.updates = axis();
  set('axis', 'minutes');
  findings.minutes = axis();
  findings.attention = count('.map td:not(.corner)');
  set('attention-sentence', '1');
  findings.attentionOfTheOther = count('.map td:not(.corner)');
  const rows = count('article:first-child tr');
  document.querySelector('#figure-length details').open = true;
  document.querySelector('#key input[value="2"]').click();
  findings.without = {figures: drawn(), rows: rows - count('article:first-child tr'), maps: count('.map'),
                      lengths: document.querySelectorAll('#figure-length thead th').length, faults: count('#faults tbody tr')};
  document.querySelector('#key input[value="2"]').click();
  window.dispatchEvent(new Event('beforeprint'));
  findings.printed = {closed: count('#setup details:not([open])'), figures: drawn()};
  window.dispatchEvent(new Event('afterprint'));
  findings.kept = location.hash;
  findings.errors = errors;
  const textContent = btoa(unescape(encodeURIComponent(JSON.stringify(findings))));
  document.body.append(Object.assign(document.createElement('pre'), {id: 'findings', textContent}));
};
const waitForCharts = () => (figures.every(figure => figure.chart) ? setTimeout(visit, 100) : setTimeout(waitForCharts, 20));
waitForCharts();
</script>
</body>)";

// Before all other scripts.
constexpr const char* kListen = R"(<head>
<script>
const errors = [];
const complain = what => {
  errors.push(what);
  document.documentElement.dataset.errors = errors.join('; '); // also where the page's script stops
};
window.addEventListener('error', event => complain(event.message));
document.addEventListener('securitypolicyviolation', event => complain(event.blockedURI));
console.error = console.warn = (...what) => complain(what.join(' '));
</script>)";

std::string from_base64(const std::string& text) {
    std::string bytes;
    unsigned value = 0;
    int bits = 0;
    for (const char c : text) {
        const std::size_t digit = std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/").find(c);
        if (digit == std::string_view::npos) continue;
        value = value << 6 | static_cast<unsigned>(digit);
        if ((bits += 6) < 8) continue;
        bits -= 8;
        bytes += static_cast<char>(value >> bits & 0xFF);
    }
    return bytes;
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    const std::size_t at = text.rfind(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), by);
}

TEST_F(ReportPage, WorksInABrowser) {
    if (std::system("command -v chromium > /dev/null") != 0) GTEST_SKIP() << "chromium is not installed: nothing has looked at report.html";
    // A second test set, and an output that looks like the page's own markup.
    Json shown = document();
    shown["tests"].push_back(shown["tests"][0]);
    shown["tests"][1]["name"] = "other";
    shown["tests"][0]["systems"][0]["bleu"] = 99.5;
    shown["tests"][0]["systems"][0]["bleu_by_seed"] = {99, 100};
    shown["tests"][0]["systems"][0]["by_phenomenon"][0] = 100;
    shown["tests"][0]["list"]["hypotheses"][1][0] = "hostile </script><b id=injected> \xFF";
    std::string visited = html_report(shown);
    visited.replace(visited.find("<head>"), 6, kListen);
    write_file(folder_ / "visited.html", replaced(visited, "</body>", kVisit));
    const std::string command =
        fmt::format("cd {0} && HOME={0} timeout 120 chromium --headless --no-sandbox --disable-gpu --user-data-dir={0}/browser "
                    "--window-size=1200,900 --virtual-time-budget=20000 --dump-dom "
                    "'file://{0}/visited.html#translations?phenomenon=idiom&axis=minutes&hidden=1' "
                    "> seen.html 2> browser.log",
                    folder_.path().string());
    ASSERT_EQ(std::system(command.c_str()), 0) << read_file(folder_ / "browser.log");
    const std::string seen = read_file(folder_ / "seen.html"), begin = "<pre id=\"findings\">";
    const std::size_t at = seen.find(begin);
    ASSERT_NE(at, std::string::npos) << "the page's script did not come to its end: " << seen.substr(0, 1000);
    const Json findings = Json::parse(from_base64(seen.substr(at + begin.size(), seen.find("</pre>", at) - at - begin.size())));

    EXPECT_EQ(findings.at("errors"), Json::array()) << findings.dump(1);
    const std::vector<std::string> expected{"figure-bleu",
                                            "figure-training-loss",
                                            "figure-validation-perplexity",
                                            "figure-validation-bleu",
                                            "figure-speed",
                                            "figure-size",
                                            "figure-length",
                                            "figure-frequency",
                                            "figure-phenomenon",
                                            "figure-gradient-encoder",
                                            "figure-gradient-decoder"};
    EXPECT_EQ(findings.at("figures").size(), expected.size());
    for (const std::string& id : expected) {
        ASSERT_TRUE(findings["figures"].contains(id)) << id;
        EXPECT_GE(findings["figures"][id].at("lines").get<int>(), 2) << id;
        EXPECT_TRUE(findings["figures"][id].at("inked").get<bool>()) << id;
        EXPECT_TRUE(findings["printed"]["figures"][id].at("inked").get<bool>()) << id;
        EXPECT_GE(findings["tables"].at(id).get<int>(), 1) << id;
    }
    EXPECT_EQ(findings["tables"]["figure-bleu"], 3);
    EXPECT_EQ(findings.at("arrived"), Json::parse(R"(["idiom", "minutes", [1], "#translations?phenomenon=idiom&axis=minutes&hidden=1"])"));
    EXPECT_EQ(findings.at("reset"), Json::parse(R"(["", "updates", []])"));
    EXPECT_EQ(findings.at("apart"), Json::parse("[true, true, true]"));
    EXPECT_EQ(findings.at("address"), "#results?first=2&second=0&order=second&search=prie");
    EXPECT_TRUE(findings.at("kept").get<std::string>().starts_with("#learning?")) << findings["kept"];
    EXPECT_EQ(findings.at("legends"), Json::array());
    EXPECT_EQ(findings.at("ends"), Json::parse("[100, 100, 100, 100]"));
    EXPECT_EQ(findings.at("phenomena"), document()["tests"][0]["phenomena"].size());
    EXPECT_EQ(findings.at("headless"), 0);
    EXPECT_EQ(findings.at("unlabelled"), 0);
    EXPECT_EQ(findings.at("wide"), 0);

    const Json test = document()["tests"][0];
    EXPECT_EQ(findings.at("all"), test.at("sentences"));
    EXPECT_EQ(findings.at("articles"), 20);
    EXPECT_EQ(findings.at("more"), 40);
    EXPECT_GT(findings.at("marks").get<int>(), 5);
    for (const Json& phenomenon : test.at("phenomena")) {
        if (phenomenon["name"] == "idiom") {
            EXPECT_EQ(findings.at("idioms"), phenomenon["count"]);
        }
    }
    const std::vector<double> first = findings.at("first"), second = findings.at("second");
    ASSERT_EQ(first.size(), 20u);
    EXPECT_TRUE(std::is_sorted(first.rbegin(), first.rend())) << findings["first"];
    EXPECT_TRUE(std::is_sorted(second.begin(), second.end())) << findings["second"];
    EXPECT_GT(first.front(), second.front());
    EXPECT_EQ(findings.at("none"), 0);
    EXPECT_GT(findings.at("search").get<int>(), 0);
    EXPECT_EQ(findings.at("hostile"), Json::array({1, 0, true}));
    EXPECT_NE(findings["other"][0].get<std::string>().find("sentences of other"), std::string::npos);
    EXPECT_EQ(findings["other"][1], "BLEU, other");
    EXPECT_EQ(findings.at("updates"), "updates");
    EXPECT_NE(findings.at("minutes"), findings.at("updates"));
    const auto cells = [&](int sentence) {
        const Json weights = document()["attention"]["models"][0]["sentences"][static_cast<std::size_t>(sentence)]["weights"];
        return weights.size() * weights[0].size();
    };
    EXPECT_EQ(findings.at("attention"), cells(0));
    EXPECT_EQ(findings.at("attentionOfTheOther"), cells(1));
    EXPECT_EQ(findings["without"].at("rows"), 1);
    EXPECT_EQ(findings["without"].at("maps"), 0);
    EXPECT_EQ(findings["without"]["figures"]["figure-length"].at("lines"), 2);
    EXPECT_EQ(findings["without"].at("lengths"), 2 + 2); // its open table follows
    EXPECT_EQ(findings["without"].at("faults"), 2);
    EXPECT_EQ(findings["printed"].at("closed"), 0);
}

} // namespace
} // namespace nmt
