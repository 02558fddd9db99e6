#include "nmt/experiments/recipe_data.hpp"

#include "nmt/base/checksum.hpp"
#include "nmt/base/line_reader.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/base/paths.hpp"
#include "nmt/data/audit.hpp"
#include "nmt/experiments/download.hpp"
#include "nmt/phrasebook/phrasebook.hpp"

#include <algorithm>
#include <iterator>
#include <map>

namespace nmt {
namespace fs = std::filesystem;
namespace {

// Name to checksum, from a file as sha256sum writes it.
std::map<std::string, std::string> read_checksums(const Recipe& recipe) {
    std::map<std::string, std::string> sums;
    if (recipe.data.checksums.empty()) return sums;
    const fs::path path = recipe.folder / recipe.data.checksums;
    for (const std::string& line : read_lines(path.string())) {
        const std::size_t blank = line.find("  ");
        check(blank == 64 && line.size() > 66, "'{}': expected lines of a SHA-256 sum, two blanks and a name, found '{}'", path.string(),
              line);
        sums[line.substr(66)] = line.substr(0, 64);
    }
    return sums;
}

std::string unpacked(const fs::path& path) {
    std::string text;
    for (const std::string& line : read_lines(path.string())) text += line + "\n";
    return text;
}

void write_lines(const fs::path& path, const std::vector<Phrase>& phrases, std::string Phrase::*field) {
    std::string text;
    for (const Phrase& phrase : phrases) text += phrase.*field + "\n";
    write_file(path, text);
}

PreparedData generate(const Recipe& recipe, const fs::path& folder) {
    make_folder(folder);
    PreparedData data;
    const auto path = [&](const char* name) { return folder / name; };
    data.files.train_source = path("train.fr").string();
    data.files.train_target = path("train.en").string();
    data.files.valid_source = path("valid.fr").string();
    data.files.valid_target = path("valid.en").string();
    data.tests.push_back({"test", path("test.fr"), path("test.en"), path("test.phenomenon")});
    PhrasebookOptions options;
    if (recipe.data.lines > 0) options.train = recipe.data.lines;
    const Phrasebook book = make_phrasebook(options);
    write_lines(data.files.train_source, book.train, &Phrase::source);
    write_lines(data.files.train_target, book.train, &Phrase::target);
    write_lines(data.files.valid_source, book.validation, &Phrase::source);
    write_lines(data.files.valid_target, book.validation, &Phrase::target);
    write_lines(data.tests[0].source, book.test, &Phrase::source);
    write_lines(data.tests[0].target, book.test, &Phrase::target);
    write_lines(data.tests[0].labels, book.test, &Phrase::phenomenon);
    log_info("data: {} training, {} validation and {} test sentences generated", book.train.size(), book.validation.size(),
             book.test.size());
    return data;
}

// Finds or downloads the recipe's files.
class FileFinder {
  public:
    FileFinder(const Recipe& recipe, const fs::path& given, const fs::path& downloads)
        : recipe_(recipe), given_(given), downloads_(downloads), checksums_(read_checksums(recipe)) {}

    std::string find(const std::string& name, const std::string& language) const {
        const std::string file = recipe_.data.file_name(name, language);
        const auto sum = checksums_.find(file);
        if (given_.empty()) {
            check(!recipe_.data.url.empty(), "the recipe '{}' needs --data: a folder with {}", recipe_.name, file);
            check(sum != checksums_.end(), "the recipe '{}' has no checksum for {}", recipe_.name, file);
            make_folder(downloads_);
            download(recipe_.data.url + "/" + file, downloads_ / file, sum->second);
            return fs::absolute(downloads_ / file).string();
        }
        fs::path path = given_ / file;
        if (!fs::exists(path) && fs::exists(path.string() + ".gz")) path += ".gz"; // packed since; its text counts
        check(fs::exists(path), "there is no '{}'; the recipe '{}' needs it in the folder of --data", path.string(), recipe_.name);
        if (sum != checksums_.end()) {
            const std::string found = path.filename() == file ? sha256_of_file(path) : sha256(unpacked(path));
            check(found == sum->second, "'{}' has the SHA-256 {}, but the recipe '{}' expects {}; is it another version of the data?",
                  path.string(), found, recipe_.name, sum->second);
        }
        return fs::absolute(path).lexically_normal().string();
    }

  private:
    const Recipe& recipe_;
    fs::path given_, downloads_;
    std::map<std::string, std::string> checksums_;
};

} // namespace

PreparedData prepare_data(const Recipe& recipe, const fs::path& given, const fs::path& work) {
    const RecipeData& wanted = recipe.data;
    if (!wanted.generator.empty()) {
        check(given.empty(), "the recipe '{}' makes its own text: --data has no effect; leave it out", recipe.name);
        return generate(recipe, fs::absolute(work / "data"));
    }
    const FileFinder finder(recipe, given, work / "data");
    PreparedData data;
    data.files.train_source = finder.find(wanted.train, wanted.source);
    data.files.train_target = finder.find(wanted.train, wanted.target);
    data.files.valid_source = finder.find(wanted.valid, wanted.source);
    data.files.valid_target = finder.find(wanted.valid, wanted.target);
    for (const std::string& test : wanted.tests)
        data.tests.push_back({test, finder.find(test, wanted.source), finder.find(test, wanted.target), {}});
    return data;
}

void log_audit(const PreparedData& data) {
    AuditOptions options{.listed = 0};
    options.held_out.push_back({"the validation text", data.files.valid_source, data.files.valid_target});
    for (const TestSet& test : data.tests) options.held_out.push_back({test.name, test.source.string(), test.target.string()});
    const Audit training = audit_pairs({data.files.train_source, data.files.train_target}, options);
    const auto of = [&](const std::string& name) {
        std::vector<AuditFinding> findings;
        std::copy_if(training.findings.begin(), training.findings.end(), std::back_inserter(findings),
                     [&](const AuditFinding& finding) { return finding.held_out == name; });
        return findings;
    };
    log_info("audit of the training text: {}", summary(training.pairs, of("")));
    for (const HeldOutText& text : options.held_out) {
        Audit audit = audit_pairs({text.source_file, text.target_file}, {.listed = 0});
        check(audit.pairs > 0, "'{}' and '{}' are empty; expected a sentence a line", text.source_file, text.target_file);
        const std::vector<AuditFinding> seen = of(text.name);
        audit.findings.insert(audit.findings.end(), seen.begin(), seen.end());
        log_info("audit of {}: {}", text.name, summary(audit.pairs, audit.findings));
    }
}

} // namespace nmt
