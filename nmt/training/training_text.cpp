#include "nmt/training/training_text.hpp"

#include "nmt/base/descriptor.hpp"
#include "nmt/base/error.hpp"
#include "nmt/base/line_reader.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/base/paths.hpp"
#include "nmt/base/random.hpp"
#include "nmt/base/signals.hpp"
#include "nmt/data/normalization.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <unordered_map>

namespace nmt {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kSample = 20000, kValidationSample = 2000; // pairs
constexpr std::uint64_t kSampleSeed = 0x74657874;

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

std::uint64_t key_of_pair(std::string_view source, std::string_view target) {
    const std::hash<std::string_view> hash;
    return mix_bits(hash(without_carriage_return(source))) + hash(without_carriage_return(target));
}

// Reads a text and shows `look` each pair; `what` is what messages call it. Returns a sample of it.
template <typename Look>
TextSample read_text(const ParallelText& text, const std::string& what, std::size_t sample_size, Look look) {
    ParallelReader reader(text);
    TextSample sample;
    Random random(kSampleSeed);
    std::size_t full = 0, copies = 0;
    for (std::string source, target; reader.next(source, target); ++sample.pairs) {
        if (sample.pairs % 4096 == 4095 && stop_signal() != 0)
            throw Interrupted(stop_signal(), fmt::format("stopped by a signal while {} was read", what));
        const bool has_text = !is_blank(source) && !is_blank(target);
        full += has_text ? 1 : 0;
        copies += has_text && without_carriage_return(source) == without_carriage_return(target) ? 1 : 0;
        look(source, target);
        // Every pair is as likely to stay (reservoir sampling: Vitter, 1985, algorithm R).
        const std::size_t place = sample.pairs < sample_size ? sample.pairs : random.below(sample.pairs + 1);
        if (place >= sample_size) continue;
        sample.source.resize(std::max(sample.source.size(), place + 1));
        sample.target.resize(sample.source.size());
        sample.source[place] = source;
        sample.target[place] = target;
    }
    check(sample.pairs > 0, "{} is empty: {}; expected a sentence a line", what, text.name());
    check(full > 0, "{} holds no pair with text on both sides: {}; expected sentences and their translations", what, text.name());
    if (2 * copies > full)
        log_warning("{} of {} pairs of {} have the source for a target, in {}: is it the translation?", copies, full, what, text.name());
    return sample;
}

// How often three bytes in a row occur in a text. Enough to tell languages apart (Dunning, 1994).
class Trigrams {
  public:
    explicit Trigrams(const std::vector<std::string>& lines) : counts_(kBuckets) {
        for (const std::string& line : lines)
            each(line, [&](std::size_t bucket) {
                ++counts_[bucket];
                ++total_;
            });
    }

    std::size_t size() const { return static_cast<std::size_t>(total_); }

    // By how much, in nats a trigram, `lines` read more like this text than like the other one.
    double preference(const std::vector<std::string>& lines, const Trigrams& other) const {
        double sum = 0, seen = 0;
        for (const std::string& line : lines)
            each(line, [&](std::size_t bucket) {
                sum += log_probability(bucket) - other.log_probability(bucket);
                ++seen;
            });
        return seen > 0 ? sum / seen : 0;
    }

  private:
    static constexpr std::size_t kBuckets = 1 << 16;

    template <typename Take>
    static void each(const std::string& line, Take take) {
        std::uint32_t trigram = ' ';
        for (const char c : line) {
            trigram = (trigram << 8 | static_cast<unsigned char>(c)) & 0xffffff;
            take(mix_bits(trigram) % kBuckets);
        }
    }

    double log_probability(std::size_t bucket) const {
        constexpr double kSmoothing = 0.5;
        return std::log((counts_[bucket] + kSmoothing) / (total_ + kSmoothing * kBuckets));
    }

    std::vector<double> counts_;
    double total_ = 0;
};

// Languages of one alphabet differ by one nat and more; two samples of one language, even of 30 lines, by a tenth. Of sides that hold
// several languages each, or of a few words, it cannot be told.
void warn_of_swapped_sides(const TextSample& training, const TextSample& validation, const ParallelText& text) {
    constexpr double kBoth = 0.25, kAlone = 0.75, kApart = 0.5;
    constexpr std::size_t kEnough = 150;
    const Trigrams source(training.source), target(training.target);
    if (source.preference(training.source, target) < kApart || target.preference(training.target, source) < kApart) return;
    if (Trigrams(validation.source).size() < kEnough || Trigrams(validation.target).size() < kEnough) return;
    const double source_swapped = target.preference(validation.source, source);
    const double target_swapped = source.preference(validation.target, target);
    if (source_swapped > kBoth && target_swapped > kBoth)
        log_warning("the source of the validation text {} reads like the training's target, and its target like the training's source: are "
                    "they exchanged?",
                    text.name());
    else if (source_swapped > kAlone)
        log_warning("the source of the validation text {} reads like the training's target: is it in the source language?", text.name());
    else if (target_swapped > kAlone)
        log_warning("the target of the validation text {} reads like the training's source: is it in the target language?", text.name());
}

// A validation text, and which of its pairs the training text holds.
struct Validation {
    ParallelText text;
    TextSample sample;
    std::vector<std::uint64_t> keys; // of each pair
};

void log_changes(const std::string& side, std::size_t pairs, const std::vector<std::string>& lines, const Tokenizer& tokenizer) {
    constexpr std::size_t kShown = 5;
    std::map<TextChange, std::size_t> counts;
    std::size_t changed = 0;
    for (const std::string& line : lines) {
        const std::vector<TextChange> changes = normalization_changes(tokenizer, line);
        changed += changes.empty() ? 0 : 1;
        for (const TextChange& change : changes) ++counts[change];
    }
    if (changed == 0) return;
    std::vector<std::pair<TextChange, std::size_t>> often(counts.begin(), counts.end());
    std::stable_sort(often.begin(), often.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    std::string shown;
    for (std::size_t i = 0; i < std::min(kShown, often.size()); ++i)
        shown += fmt::format("{}{} ({} times)", i == 0 ? "" : ", ", show(often[i].first), often[i].second);
    if (often.size() > kShown) shown += fmt::format(", and {} more", often.size() - kShown);
    log_info("{}: normalization {} changes {} of {} lines beyond white space: {}; tokenizer.normalization = identity changes none", side,
             tokenizer.normalization(), changed, lines.size() == pairs ? fmt::format("{}", pairs) : fmt::format("{} sampled", lines.size()),
             shown);
}

// What can be opened again to the same content.
bool is_repeatable(const std::string& file) {
    for (const char* const once : {"/dev/stdin", "/dev/fd/", "/proc/"})
        if (file == "-" || file.starts_with(once)) return false;
    std::error_code ignored;
    const fs::file_status status = fs::status(file, ignored);
    return !fs::exists(status) || fs::is_regular_file(status) || fs::is_directory(status); // opening says what is wrong with it
}

// Copies what others write, and waits for it; but not once a signal has come, or another copy has failed.
void copy_stream(const std::string& from, const fs::path& to, std::atomic<bool>& failed) {
    constexpr int kPatience = 100; // milliseconds
    const std::string name = input_name(from);
    const Descriptor file(from == "-" ? -1 : ::open(from.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    check_system(from == "-" || file, "read", name);
    pollfd waiting{from == "-" ? STDIN_FILENO : file.number(), POLLIN, 0};
    const auto check_signal = [] {
        if (stop_signal() != 0) throw Interrupted(stop_signal(), "stopped by a signal while the training's text was copied");
    };
    write_file(to, [&](NewFile& copy) {
        std::array<char, 1 << 16> buffer;
        for (std::size_t got = 1; got > 0;) {
            while (poll(&waiting, 1, kPatience) <= 0) {
                check_signal();
                check(!failed, "'{}' is not copied: another text could not be", name);
            }
            got = read_some(waiting.fd, buffer.data(), buffer.size(), name);
            copy.write({buffer.data(), got});
            check_signal();
        }
    });
}

fs::path kept_text(const fs::path& folder) { return folder / "text"; }

} // namespace

TextSample check_training_text(const DataOptions& data) {
    std::vector<Validation> validations;
    for (const ParallelText& text : data.validation_texts()) {
        Validation& validation = validations.emplace_back(Validation{text, {}, {}});
        validation.sample = read_text(text, "the validation text", kValidationSample, [&](const auto& source, const auto& target) {
            validation.keys.push_back(key_of_pair(source, target));
        });
    }
    std::unordered_map<std::uint64_t, bool> trained; // pairs of validation texts
    for (const Validation& validation : validations)
        for (const std::uint64_t key : validation.keys) trained[key] = false;
    TextSample sample = read_text(data.training_text(), "the training text", kSample, [&](const auto& source, const auto& target) {
        if (trained.empty()) return;
        const auto found = trained.find(key_of_pair(source, target));
        if (found != trained.end()) found->second = true;
    });
    for (const Validation& validation : validations) {
        const auto seen = static_cast<std::size_t>(
            std::count_if(validation.keys.begin(), validation.keys.end(), [&](std::uint64_t key) { return trained.at(key); }));
        if (2 * seen > validation.keys.size())
            log_warning("{} of {} validation pairs in {} are trained on: they cannot show how good the model is on other text", seen,
                        validation.keys.size(), validation.text.name());
        warn_of_swapped_sides(sample, validation.sample, validation.text);
    }
    return sample;
}

void log_normalization(const TextSample& sample, const TokenizerPair& tokenizers) {
    log_changes("source", sample.pairs, sample.source, tokenizers.source());
    log_changes("target", sample.pairs, sample.target, tokenizers.target());
}

bool reads_once(const DataOptions& data) {
    const std::vector<std::string> files = data.text_files();
    return !std::all_of(files.begin(), files.end(), is_repeatable);
}

DataOptions keep_text(const DataOptions& data, const fs::path& folder) {
    DataOptions kept = data;
    const std::vector<std::string> files = data.text_files();
    check(std::count(files.begin(), files.end(), "-") < 2, "standard input ('-') is one text; give a file for the others");
    std::atomic<bool> failed = false;
    std::vector<std::future<void>> copies; // all at once: one program may write to several pipes in turn
    for (auto& [name, value] : kept.text_keys()) {
        std::vector<std::string> list = file_list(*value);
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (is_repeatable(list[i])) continue;
            make_folder(kept_text(folder));
            const fs::path copy = fs::absolute(kept_text(folder) / (list.size() == 1 ? name : fmt::format("{}-{}", name, i + 1)));
            log_info("'{}' can be read only once: copied to '{}'", input_name(list[i]), copy.string());
            copies.push_back(std::async(std::launch::async, [&failed, from = list[i], copy] {
                try {
                    copy_stream(from, copy, failed);
                } catch (...) {
                    failed = true;
                    throw;
                }
            }));
            list[i] = copy.string();
        }
        *value = join_file_list(list);
    }
    for (std::future<void>& copy : copies) copy.get();
    return kept;
}

void find_kept_text(DataOptions& data, const fs::path& folder) {
    for (auto& [name, value] : data.text_keys()) {
        std::vector<std::string> list = file_list(*value);
        for (std::string& file : list) {
            const fs::path path(file), kept = fs::absolute(kept_text(folder) / path.filename());
            if (path.parent_path().filename() == "text" && !fs::exists(path) && fs::exists(kept)) file = kept.string();
        }
        *value = join_file_list(list);
    }
}

void remove_kept_text(const fs::path& folder) {
    std::error_code ignored;
    fs::remove_all(kept_text(folder), ignored);
}

} // namespace nmt
