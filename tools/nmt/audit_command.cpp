// nmt audit.
#include "nmt/base/error.hpp"
#include "nmt/base/paths.hpp"
#include "nmt/data/audit.hpp"
#include "nmt/models/model_folder.hpp"
#include "tools/nmt/command.hpp"
#include "tools/nmt/commands.hpp"

#include <nlohmann/json.hpp>

#include <memory>

namespace nmt {
namespace {

struct AuditCommand {
    std::vector<std::string> source, target, tsv;
    std::string model, tokenizer, source_tokenizer, target_tokenizer, unit = "word";
    std::vector<std::string> test_source, test_target;
    int list = 10;
    bool json = false;
    AuditOptions audit;
};

// The tokenizers that the audit asks, which live as long as it.
struct Tokenizers {
    std::unique_ptr<Tokenizer> first, second;
    std::unique_ptr<TokenizerPair> of_model;
};

Tokenizers load_tokenizers(const AuditCommand& command, AuditOptions& audit) {
    Tokenizers tokenizers;
    if (!command.model.empty()) {
        tokenizers.of_model = tokenizers_of_model(command.model);
        audit.source_tokenizer = &tokenizers.of_model->source();
        audit.target_tokenizer = &tokenizers.of_model->target();
    } else if (!command.tokenizer.empty()) {
        tokenizers.first = std::make_unique<Tokenizer>(command.tokenizer);
        audit.source_tokenizer = audit.target_tokenizer = tokenizers.first.get();
    } else if (!command.source_tokenizer.empty()) {
        tokenizers.first = std::make_unique<Tokenizer>(command.source_tokenizer);
        tokenizers.second = std::make_unique<Tokenizer>(command.target_tokenizer);
        audit.source_tokenizer = tokenizers.first.get();
        audit.target_tokenizer = tokenizers.second.get();
    }
    return tokenizers;
}

void check_usage(const AuditCommand& command, const CommandOptions& options) {
    if (options.given("source-tokenizer") != options.given("target-tokenizer"))
        options.fail_usage("--source-tokenizer and --target-tokenizer belong together; --tokenizer is one for both sides");
    const int tokenizers = options.given("model") + options.given("tokenizer") + options.given("source-tokenizer");
    if (tokenizers > 1) options.fail_usage("--model, --tokenizer and the tokenizers of the two sides exclude each other; give one of them");
    if (command.unit == "piece" && tokenizers == 0) options.fail_usage("--unit piece wants a tokenizer: --model or --tokenizer");
    if (options.given("unit") && command.audit.max_length == 0 && command.audit.max_ratio == 0)
        options.fail_usage("--unit has no effect with --max-length 0 and --max-ratio 0");
    if (command.audit.max_ratio > 0 && command.audit.max_ratio < 1)
        options.fail_usage(fmt::format("--max-ratio {}: expected at least 1, or 0 for none", command.audit.max_ratio));
    if (!command.test_target.empty() && command.test_target.size() != command.test_source.size())
        options.fail_usage(fmt::format("{} files of --test-target for {} of --test-source; give one for each, or none",
                                       command.test_target.size(), command.test_source.size()));
    if (options.given("tsv") == (options.given("source") || options.given("target")))
        options.fail_usage("expected --source FILE and --target FILE, or --tsv FILE, which holds both");
    if (options.given("source") != options.given("target"))
        options.fail_usage(fmt::format("--{} FILE is missing", options.given("source") ? "target" : "source"));
    if (command.source.size() != command.target.size())
        options.fail_usage(
            fmt::format("{} files of --target for {} of --source; give one for each", command.target.size(), command.source.size()));
    std::vector<std::pair<std::string, std::string>> files;
    for (const std::string& file : command.source) files.emplace_back("--source", file);
    for (const std::string& file : command.target) files.emplace_back("--target", file);
    for (const std::string& file : command.tsv) files.emplace_back("--tsv", file);
    for (const std::string& file : command.test_source) files.emplace_back("--test-source", file);
    for (const std::string& file : command.test_target) files.emplace_back("--test-target", file);
    check_standard_input(files);
}

std::string place_text(const AuditPlace& place, const std::string& file_and_line) {
    std::vector<std::string> notes;
    if (!file_and_line.empty()) notes.push_back(file_and_line);
    if (place.same_as > 0) notes.push_back(fmt::format("as {}", place.same_as));
    if (!place.detail.empty()) notes.push_back(place.detail);
    return notes.empty() ? fmt::format("{}", place.line) : fmt::format("{} ({})", place.line, fmt::join(notes, "; "));
}

std::string names(const std::vector<std::string>& files) {
    std::vector<std::string> all;
    for (const std::string& file : files) all.push_back(input_name(file));
    return fmt::format("'{}'", fmt::join(all, "', '"));
}

std::string side_text(const std::string& files, std::size_t lines, const AuditedSide& side) {
    std::string text = fmt::format("{}: {} lines, {} words, {} characters", files, lines, side.words, side.characters);
    if (side.pieces > 0) text += fmt::format(", {} pieces, {} of them unknown", side.pieces, side.unknown_pieces);
    return text;
}

std::string report_text(const ParallelText& text, const Audit& audit) {
    std::string report = fmt::format("source {}\ntarget {}\n", side_text(names(text.files(Side::source)), audit.pairs, audit.source),
                                     side_text(names(text.files(Side::target)), audit.pairs, audit.target));
    bool found = false;
    for (const AuditFinding& finding : audit.findings) {
        if (finding.count == 0) continue;
        found = true;
        const std::string& whose = finding.held_out.empty() ? finding.side : finding.held_out;
        report += fmt::format("{:>9}  {}{}\n", finding.count, finding.what, whose.empty() ? "" : fmt::format(" ({})", whose));
        if (finding.places.empty()) continue;
        std::vector<std::string> places;
        const bool in_several_files = text.parts.size() > 1 && finding.held_out.empty();
        const Side side = finding.side == "target" ? Side::target : Side::source;
        for (const AuditPlace& place : finding.places)
            places.push_back(place_text(place, in_several_files ? audit.places.place(side, place.line - 1) : ""));
        report += fmt::format("           line {}{}\n", fmt::join(places, ", "), finding.count > places.size() ? ", ..." : "");
    }
    if (!found) return report + "nothing found";
    return report +
           "nmt train leaves out pairs with an empty side or of more than training.max-length tokens, and learns from all others: take "
           "out of the files what it should not learn, test sentences above all.";
}

using Json = nlohmann::ordered_json;

Json side_json(const std::vector<std::string>& files, const AuditedSide& side, bool with_pieces) {
    Json json{{"file", join_file_list(files)}, {"words", side.words}, {"characters", side.characters}};
    if (with_pieces) {
        json["pieces"] = side.pieces;
        json["unknown_pieces"] = side.unknown_pieces;
    }
    return json;
}

Json report_json(const AuditCommand& command, const ParallelText& text, const Audit& audit) {
    const bool with_pieces = command.audit.source_tokenizer != nullptr;
    Json findings = Json::array();
    for (const AuditFinding& finding : audit.findings) {
        Json places = Json::array();
        for (const AuditPlace& place : finding.places) {
            Json entry{{"line", place.line}};
            if (place.same_as > 0) entry["same_as"] = place.same_as;
            if (!place.detail.empty()) entry["detail"] = place.detail;
            places.push_back(std::move(entry));
        }
        Json entry{{"kind", finding.kind}};
        if (!finding.side.empty()) entry["side"] = finding.side;
        if (!finding.held_out.empty()) entry["test"] = finding.held_out;
        entry["count"] = finding.count;
        entry["lines"] = std::move(places);
        findings.push_back(std::move(entry));
    }
    return {{"pairs", audit.pairs},
            {"source", side_json(text.files(Side::source), audit.source, with_pieces)},
            {"target", side_json(text.files(Side::target), audit.target, with_pieces)},
            {"options", {{"unit", command.unit}, {"max_length", command.audit.max_length}, {"max_ratio", command.audit.max_ratio}}},
            {"findings", findings}};
}

} // namespace

int audit_command(const std::vector<std::string>& arguments) {
    AuditCommand command;
    CommandOptions options(
        {"nmt audit", "--source FILE ... --target FILE ... [--test-source FILE ... [--test-target FILE ...]] [options]",
         "Looks through parallel text before training and says how many lines are empty, too long, unlike in length, repeated, not "
         "translated or odd in their Unicode, and which sentences of test sets stand in it; with a tokenizer also where it meets "
         "unknown pieces and what its normalization changes. It changes nothing. Several files are one text, whose lines are counted "
         "over all of them. Unequal files are an error. Findings are no errors: the exit status is 0.",
         "  nmt audit --source train.de --target train.en --test-source test.de\n"
         "  nmt audit --source train.de.gz --target train.en.gz --model german --list 100\n"
         "  nmt audit --tsv web.de-en.tsv.gz news.de-en.tsv --json > audit.json"});
    options.add("source", "FILE", command.source, "source text, plain or compressed; '-' is stdin");
    options.add("target", "FILE", command.target, "its translation, line by line, a file for each of --source");
    options.add("tsv", "FILE", command.tsv, "text with both sides in one file, SOURCE<TAB>TARGET a line");
    options.add("test-source", "FILE", command.test_source, "source text of test sets that should not stand in the text");
    options.add("test-target", "FILE", command.test_target, "their translations, a file for each of --test-source");
    options.add("model,m", "DIR", command.model, "count what the tokenizers of this model do not know, or change");
    options.add("tokenizer", "FILE", command.tokenizer, "the same with one SentencePiece model for both sides");
    options.add("source-tokenizer", "FILE", command.source_tokenizer, "the same with one a side");
    options.add("target-tokenizer", "FILE", command.target_tokenizer, "the target's");
    options.add("unit", "UNIT", command.unit, "what lengths are counted in", length_unit_names());
    options.add("max-length", "N", command.audit.max_length, "longest line that is no finding; 0: any length is right", 0, 1e9);
    options.add("max-ratio", "X", command.audit.max_ratio,
                "how many times as long as the other a side may be (Moses' clean-corpus-n takes 9); 0: any", 0, 1e9);
    options.add("list", "N", command.list, "lines that are named of each finding", 0, 1e9);
    options.add("json", "", command.json, "print JSON, with every kind of finding");
    options.add_line_limit();
    if (!options.parse(arguments)) return 0;
    check_usage(command, options);
    command.audit.unit = length_unit_from_name(command.unit);
    command.audit.listed = static_cast<std::size_t>(command.list);
    for (std::size_t i = 0; i < command.test_source.size(); ++i)
        command.audit.held_out.push_back(
            {command.test_source[i], command.test_source[i], command.test_target.empty() ? "" : command.test_target[i]});
    const Tokenizers tokenizers = load_tokenizers(command, command.audit);
    const ParallelText text = command.tsv.empty() ? ParallelText(command.source, command.target) : ParallelText::tsv(command.tsv);
    const Audit audit = audit_pairs(text, command.audit);
    if (command.json) print(report_json(command, text, audit).dump(1, ' ', false, Json::error_handler_t::replace));
    else print_report(report_text(text, audit));
    return 0;
}

} // namespace nmt
