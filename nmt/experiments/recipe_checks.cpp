#include "nmt/experiments/recipe_checks.hpp"

#include "nmt/base/utf8.hpp"

#include <algorithm>
#include <sstream>

namespace nmt {
namespace {

constexpr std::string_view kPlain = "expected a name without '/' that does not begin with '.'";

// Whether `name` can name a file inside a folder, wherever it came from: UTF-8 that can be printed and does not lead elsewhere.
bool is_plain_name(std::string_view name) {
    constexpr std::size_t kMostBytes = 200; // file systems allow 255, and names are added to
    return !name.empty() && name.size() <= kMostBytes && name.front() != '.' && name.find_first_of("/\n\t") == std::string_view::npos &&
           is_utf8(name) && printable(name) == name;
}

// Names of the files of one data set, one a language.
void check_data_set(const RecipeData& data, const std::string& key, const std::string& name, const std::string& file) {
    for (const std::string& language : {data.source, data.target})
        check(is_plain_name(data.file_name(name, language)), "'{}': data.{} = '{}' makes the file name '{}'; {}", file, key, name,
              data.file_name(name, language), kPlain);
}

void check_model_name(const std::string& name, const std::string& file) {
    check(is_plain_name(name) && name.find_first_of("\\. ") == std::string::npos,
          "'{}': [model.{}]: a model's name is a folder's name; use letters, digits and '-'", file, name);
    check(name != "data" && name != "tokenizer" && name != "lock",
          "'{}': [model.{}]: that name is taken by another file of the work folder; choose another one", file, name);
}

} // namespace

void check_text(const std::string& text, const std::string& file) {
    std::istringstream lines(text);
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (line.ends_with('\r')) line.pop_back();
        check(is_utf8(line), "'{}', line {}: '{}' is not UTF-8; save the file as UTF-8", file, number, line);
        check(printable(line) == line, "'{}', line {}: '{}' holds a control character; take it out", file, number, line);
    }
}

void check_data(const RecipeData& data, const std::string& file) {
    if (!data.generator.empty()) {
        const std::string rest = data.source + data.target + data.train + data.valid + data.suffix + data.url + data.checksums;
        check(rest.empty() && data.tests.empty(),
              "'{}': [data] has a generator, so only lines has an effect beside it; take the others out", file);
        return;
    }
    check(!data.source.empty() && !data.target.empty() && !data.train.empty() && !data.valid.empty() && !data.tests.empty(),
          "'{}': [data] needs source, target, train, valid and tests, or a generator", file);
    check(data.source != data.target,
          "'{}': data.source and data.target are both '{}', so both sides would be the same file; give each its own ending", file,
          data.source);
    check(data.url.empty() || data.url.starts_with("https://"), "'{}': data.url = '{}': expected an address that begins with https://",
          file, data.url);
    check(data.url.empty() || !data.checksums.empty(), "'{}': [data] has a url, so it needs checksums", file);
    check(data.lines == 0, "'{}': [data] lines has an effect with a generator alone", file);
}

void check_names(const Recipe& recipe, const std::string& file) {
    check(is_plain_name(recipe.name), "'{}': recipe.name = '{}' is to name the folder to work in; {}", file, recipe.name, kPlain);
    const RecipeData& data = recipe.data;
    check(data.checksums.empty() || is_plain_name(data.checksums), "'{}': data.checksums = '{}': the file lies beside the recipe; {}", file,
          data.checksums, kPlain);
    if (data.generator.empty()) {
        check_data_set(data, "train", data.train, file);
        check_data_set(data, "valid", data.valid, file);
    }
    for (auto test = data.tests.begin(); test != data.tests.end(); ++test) {
        check_data_set(data, "tests", *test, file);
        check(*test != "examples", "'{}': data.tests: translations of the recipe's examples have the name 'examples'; choose another",
              file);
        check(std::find(data.tests.begin(), test, *test) == test, "'{}': data.tests names '{}' twice", file, *test);
    }
    for (const RecipeModel& model : recipe.models) check_model_name(model.name, file);
}

} // namespace nmt
