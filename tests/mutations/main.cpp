// Runs the built program on files that were damaged by chance, and tells which of them ended as no file may end it: by a signal, a report
// of a sanitizer, "internal", without an end, with more than 2 GiB, or with a failure of which it does not say in one line what it is.
#include "tests/base/test_support.hpp"
#include "tests/mutations/mutate.hpp"
#include "tests/training/toy_training.hpp"

#include "nmt/base/input_file.hpp"
#include "nmt/base/paths.hpp"

#include <boost/program_options.hpp>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <map>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace nmt::mutations {
namespace fs = std::filesystem;
namespace {

constexpr long kMemoryKib = 2L << 20;

struct Ended {
    int status = 0;                    // exit status, or 128 + signal
    bool late = false, killed = false; // it was asked to stop; it did not
    long memory_kib = 0;
    std::string errors;
};

// Runs a command of the shell in a folder. Its output is thrown away.
Ended run(const std::string& command, const fs::path& folder, double seconds) {
    const std::string errors = (folder / "stderr").string();
    const pid_t child = fork();
    if (child == 0) {
        const int null = open("/dev/null", O_RDWR), file = open(errors.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
        if (chdir(folder.c_str()) != 0 || setpgid(0, 0) != 0) _exit(127);
        dup2(null, 0), dup2(null, 1), dup2(file, 2);
        const rlimit core{0, 0}, size{1L << 30, 1L << 30};
        setrlimit(RLIMIT_CORE, &core), setrlimit(RLIMIT_FSIZE, &size);
        const std::string line = "exec " + command;
        execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
        _exit(127);
    }
    Ended ended;
    int status = 0;
    rusage usage{};
    const auto start = std::chrono::steady_clock::now();
    while (wait4(child, &status, WNOHANG, &usage) == 0) {
        const double passed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        if (!ended.late && passed > seconds) {
            kill(child, SIGTERM);
            ended.late = true;
        } else if (!ended.killed && passed > 2 * seconds) {
            kill(-child, SIGKILL);
            ended.killed = true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ended.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    ended.memory_kib = usage.ru_maxrss;
    ended.errors = read_file(errors);
    return ended;
}

// What is wrong with how it ended; empty if nothing is. `may_last`: its work has no end of its own.
std::string fault(const Ended& ended, bool may_last) {
    if (ended.killed) return "did not stop";
    if (ended.late && !may_last) return "took too long";
    for (const char* const sign : {"Sanitizer", "runtime error:", "internal"})
        if (ended.errors.find(sign) != std::string::npos) return std::string("says '") + sign + "'";
    if (ended.late && (ended.status == 128 + SIGTERM || ended.status == 0)) return "";
    if (ended.status > 2) return "ended with " + std::to_string(ended.status);
    if (ended.memory_kib > kMemoryKib) return "took " + std::to_string(ended.memory_kib >> 10) + " MiB";
    if (ended.status != 0 && ended.errors.find("nmt: error: ") == std::string::npos) return "failed in silence";
    const bool control = std::any_of(ended.errors.begin(), ended.errors.end(), [](char c) { return c >= 0 && c < ' ' && c != '\n'; });
    return control ? "wrote a control character" : "";
}

// What is damaged, and what then reads it: commands of the shell, in the folder of the kind.
struct Kind {
    std::string name;
    std::vector<std::string> files; // of which one is damaged; a folder stands for all that it holds
    std::vector<std::string> commands;
    bool may_last = false;
};

constexpr const char* kOddText = "L\u00b4homme, 10\u00b2 \u00bd\u200b \uff0c\uff01\u4f60\u597d n\u00ba 5\n\xff\xfe caf\u00e9 e\u0301\n";

class Campaign {
  public:
    // A training, or a run, that still works after `seconds` is asked to stop; whatever else still works then hangs.
    Campaign(std::string program, std::string only, std::uint64_t seed, fs::path keep, double seconds)
        : program_(std::move(program)), only_(std::move(only)), seed_(seed), keep_(std::move(keep)), start_(scratch_ / "start"),
          seconds_(seconds) {
        make_start();
        const std::string text = "-i test.fr";
        for (const std::string model : {"transformer", "int8", "dictionary", "rnn"})
            add({"weights",
                 {model + "/model.safetensors"},
                 {"translate -t 1 -q -m " + model + " " + text, "translate -t 1 -q -m " + model + " -m transformer " + text,
                  "score -t 1 -m " + model + " --source test.fr --target test.en", "inspect -m " + model, "inspect --json -m " + model,
                  "quantize -m " + model + " -o out", "average -m " + model + " " + model + " -o out",
                  "gradient-flow -t 1 -m " + model + " --source test.fr --target test.en",
                  "train -t 1 --config tiny.ini --from " + model + " -m new"},
                 true});
        add({"configurations", {"tiny.ini"}, {"train -t 1 --config tiny.ini -m new", "train --keys --config tiny.ini"}, true});
        add({"configurations", {"transformer/config.ini"}, {"translate -t 1 -q -m transformer " + text, "inspect -m transformer"}});
        add({"tokenizers",
             {"bpe.model", "unigram.model"},
             {"tokenizer encode -m bpe.model -i odd", "tokenizer encode -m unigram.model -i odd",
              "tokenizer decode -m unigram.model -i odd", "audit --source odd --target odd --tokenizer unigram.model",
              "evaluate -i test.fr -r test.fr -tok spm:bpe.model",
              "train -t 1 --config tiny.ini -m new --set data.source-tokenizer=bpe.model data.target-tokenizer=bpe.model"},
             true});
        add({"tokenizers",
             {"transformer/tokenizer.model", "rnn/source.model"},
             {"translate -t 1 -q -m transformer " + text, "inspect -m rnn"}});
        add({"checkpoints",
             {"rnn/training", "rnn/log.jsonl"},
             {"train -t 1 --resume -m rnn --set training.max-updates=9", "inspect -m rnn", "average -m rnn -o out"},
             true});
        add({"recipes", {"recipe.ini"}, {"run recipe.ini --data . --work new -t 1", "run recipe.ini --data . --work work -t 1"}, true});
        add({"work folders", {"work"}, {"run recipe.ini --data . --work work -t 1"}, true});
        for (const std::string suffix : {"gz", "zst", "xz", "bz2"})
            add({"compressed text",
                 {"train.fr." + suffix},
                 {"tokenizer encode -m bpe.model -i train.fr." + suffix, "audit --source train.fr." + suffix + " --target train.en",
                  "translate -t 1 -q -m dictionary -i train.fr." + suffix + " -o out.gz"}});
        add({"text",
             {"test.fr", "odd"},
             {"translate -t 1 -q -m transformer -i test.fr", "translate -t 1 -q -m rnn --sentences split -i odd --alignment words",
              "translate -t 1 -q -m rnn -i odd --unknown copy --n-best 2 --beam 2", "score -t 1 -m rnn --source test.fr --target test.en",
              "audit --source odd --target test.en", "evaluate -i test.fr -r odd -m bleu chrf ter",
              "tokenizer train -i odd -m new --no-exact", "translate -t 1 -q -m rnn -i test.en --prefix test.fr", "audit --tsv odd"}});
        if (kinds_.empty()) fail("there is no kind of that name; see --help");
    }

    // One damaged file, given by the number of the run alone. Returns whether it ended as it may.
    bool run_one(std::uint64_t index, const fs::path& folder) {
        Random random(seed_, index);
        const Kind& kind = kinds_[random.below(kinds_.size())];
        fs::remove_all(folder);
        fs::copy(start_, folder, fs::copy_options::recursive);
        std::vector<fs::path> files;
        for (const std::string& name : kind.files) add_files(folder / name, files);
        const fs::path file = files[random.below(files.size())], other = files[random.below(files.size())];
        write_file(file, mutate(read_file(file.string()), read_file(other.string()), random));
        const std::string& command = kind.commands[random.below(kind.commands.size())];
        const Ended ended = run(program_ + " " + command, folder, seconds_);
        const std::string wrong = fault(ended, kind.may_last);
        const std::lock_guard lock(mutex_);
        ++(ended.status == 0 ? accepted_ : refused_)[kind.name];
        if (wrong.empty()) return true;
        std::string kept;
        if (!keep_.empty()) {
            make_folder(keep_);
            kept = (keep_ / std::to_string(index)).string();
            fs::copy(folder, kept, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
        }
        std::printf("run %llu: %s: %s\n  %s, damaged: %s%s%s\n  %s\n", static_cast<unsigned long long>(index), kind.name.c_str(),
                    wrong.c_str(), command.c_str(), fs::relative(file, folder).c_str(), kept.empty() ? "" : ", kept in ", kept.c_str(),
                    ended.errors.substr(0, 1000).c_str());
        std::fflush(stdout);
        return false;
    }

    fs::path folder(int worker) const { return scratch_ / ("worker-" + std::to_string(worker)); }

    void print_counts() const {
        std::map<std::string, std::uint64_t> all = accepted_;
        for (const auto& [name, count] : refused_) all[name] += count;
        for (const auto& [name, count] : all)
            std::printf("%-16s %6llu runs, %llu of them went through\n", name.c_str(), static_cast<unsigned long long>(count),
                        static_cast<unsigned long long>(accepted_.contains(name) ? accepted_.at(name) : 0));
    }

  private:
    void add(const Kind& kind) {
        if (only_.empty() || kind.name == only_) kinds_.push_back(kind);
    }

    static void add_files(const fs::path& path, std::vector<fs::path>& files) {
        if (!fs::is_directory(path)) return files.push_back(path);
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path))
            if (entry.is_regular_file() && entry.file_size() > 0) files.push_back(entry.path());
        std::sort(files.begin(), files.end());
    }

    void must(const std::string& arguments) const {
        const Ended ended = run(program_ + " " + arguments, start_, 300);
        if (ended.status != 0) fail("'nmt {}' failed: {}", arguments, ended.errors);
    }

    // Undamaged files of each kind, which the program makes itself.
    void make_start() const {
        make_folder(start_);
        for (const auto& [name, pairs] : {std::pair{"train", 60}, std::pair{"valid", 6}, std::pair{"test", 5}})
            write_toy_pairs((start_ / (std::string(name) + ".fr")).string(), (start_ / (std::string(name) + ".en")).string(), pairs, 1);
        write_file(start_ / "odd", kOddText);
        const std::string
            sizes = "embedding-size = 8\nhidden-size = 8\nattention-size = 8\ndecoder-layers = 1\n",
            training = "[training]\nbatch-tokens = 100\nmax-updates = 6\nvalidate-every = 3\npatience = 0\nlog-every = 1\n",
            data = "[data]\ntrain-source = train.fr\ntrain-target = train.en\nvalid-source = valid.fr\nvalid-target = valid.en\n",
            small = "[tokenizer]\nvocab-size = 60\nexact = false\n",
            transformer = "architecture = transformer\nwidth = 8\nheads = 2\nfeed-forward = 16\nencoder-layers = 1\n"
                          "decoder-layers = 1\n";
        write_file(start_ / "tiny.ini", "[model]\n" + transformer + training + data + small);
        write_file(start_ / "rnn.ini", "[model]\narchitecture = rnn-attention\n" + sizes + training + "average-checkpoints = 2\n" + data +
                                           small + "joint = false\n");
        write_file(start_ / "dictionary.ini",
                   "[model]\narchitecture = dictionary\n" + data + "[tokenizer]\ntype = word\nvocab-size = 40\nexact = false\n");
        write_file(start_ / "recipe.ini",
                   "[recipe]\nname = tiny\n[data]\nsource = fr\ntarget = en\ntrain = train\nvalid = valid\ntests = test\n" + small +
                       training + "[model.dictionary]\narchitecture = dictionary\n[model.tiny]\n" + transformer +
                       "[examples]\n1 = un chat\n");
        must("tokenizer train -i train.fr train.en -m bpe.model --type bpe --vocab-size 300 --byte-fallback --no-exact");
        must("tokenizer train -i train.fr train.en -m unigram.model --vocab-size 60 --no-exact");
        must("train -t 1 --config tiny.ini -m transformer");
        must("train -t 1 --config rnn.ini -m rnn");
        must("train -t 1 --config dictionary.ini -m dictionary");
        must("quantize -m transformer -o int8");
        must("run recipe.ini --data . --work work -t 1");
        for (const char* const suffix : {"gz", "zst", "xz", "bz2"})
            must(std::string("translate -q -m dictionary -i train.fr -o train.fr.") + suffix);
    }

    const std::string program_, only_;
    const std::uint64_t seed_;
    const fs::path keep_;
    TemporaryFolder scratch_;
    const fs::path start_;
    const double seconds_;
    std::vector<Kind> kinds_;
    std::mutex mutex_;
    std::map<std::string, std::uint64_t> accepted_, refused_; // runs by kind
};

int run_campaign(int argc, char** argv) {
    namespace po = boost::program_options;
    std::uint64_t runs = 1000, first = 0, seed = 1;
    double seconds = 10;
    std::string program = NMT_PROGRAM, only, keep;
    int workers = static_cast<int>(std::thread::hardware_concurrency());
    po::options_description options("Usage: nmt_mutations [OPTION ...]");
    options.add_options()("help", "this text")("runs", po::value(&runs), "how many files are damaged (default: 1000)")(
        "first", po::value(&first), "number of the first run, which with the seed decides all about it (default: 0)")(
        "seed", po::value(&seed), "(default: 1)")("program", po::value(&program), "the program to run (default: that of this build)")(
        "kind", po::value(&only), "only weights, configurations, tokenizers, checkpoints, recipes, work folders, compressed text, or text")(
        "keep", po::value(&keep), "folder in which the files of runs that ended badly are kept")(
        "seconds", po::value(&seconds), "after which a run hangs (default: 10)")("jobs", po::value(&workers),
                                                                                 "runs at a time (default: one a core)");
    po::variables_map given;
    po::store(po::parse_command_line(argc, argv, options), given);
    po::notify(given);
    if (given.contains("help")) {
        std::ostringstream text;
        text << options;
        std::printf("%s", text.str().c_str());
        return 0;
    }
    set_quiet(true);
    Campaign campaign(program, only, seed, keep, seconds);
    std::atomic<std::uint64_t> next = first, bad = 0;
    std::vector<std::thread> threads;
    for (int worker = 0; worker < workers; ++worker)
        threads.emplace_back([&, worker] {
            for (std::uint64_t i = next++; i < first + runs; i = next++)
                if (!campaign.run_one(i, campaign.folder(worker))) ++bad;
        });
    for (std::thread& thread : threads) thread.join();
    campaign.print_counts();
    std::printf("%llu of %llu runs ended badly (seed %llu)\n", static_cast<unsigned long long>(bad.load()),
                static_cast<unsigned long long>(runs), static_cast<unsigned long long>(seed));
    return bad == 0 ? 0 : 1;
}

} // namespace
} // namespace nmt::mutations

int main(int argc, char** argv) {
    try {
        return nmt::mutations::run_campaign(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "nmt_mutations: %s\n", error.what());
        return 2;
    }
}
