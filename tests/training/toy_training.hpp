// A training in miniature: some toy pairs, a word vocabulary, tiny models; and how to look at what it leaves.
#pragma once

#include "nmt/base/line_reader.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/base/random.hpp"
#include "nmt/base/safetensors.hpp"
#include "nmt/base/signals.hpp"
#include "nmt/training/trainer.hpp"
#include "tests/base/test_support.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace nmt {

// Writes `pairs` toy sentences and their translations: the same words of another language, in reverse order.
inline void write_toy_pairs(const std::string& source, const std::string& target, int pairs, std::uint64_t seed) {
    const std::vector<std::pair<std::string, std::string>> words = {
        {"un", "one"}, {"deux", "two"}, {"trois", "three"}, {"chat", "cat"}, {"chien", "dog"}, {"vert", "green"}, {"grand", "big"}};
    Random random(seed);
    std::string sources, targets;
    for (int i = 0; i < pairs; ++i) {
        std::string from, to;
        for (std::uint64_t n = 1 + random.below(7); n > 0; --n) {
            const auto& [word, translation] = words[random.below(words.size())];
            from += (from.empty() ? "" : " ") + word;
            to = translation + (to.empty() ? "" : " ") + to;
        }
        sources += from + "\n";
        targets += to + "\n";
    }
    write_file(source, sources);
    write_file(target, targets);
}

struct ToyTraining {
    ToyTraining() {
        set_quiet(true);
        write_toy_pairs(folder / "train.fr", folder / "train.en", 60, 1);
        write_toy_pairs(folder / "valid.fr", folder / "valid.en", 12, 2);
    }

    // About eight updates an epoch.
    TrainingSetup setup(const std::string& architecture = "rnn-attention") const {
        TrainingSetup setup;
        setup.model.architecture = architecture;
        setup.model.embedding_size = 8;
        setup.model.hidden_size = 12;
        setup.model.attention_size = 8;
        setup.model.decoder_layers = 1;
        setup.model.dropout = 0.2;
        setup.tokenizer.type = "word";
        setup.tokenizer.vocabulary_size = 30;
        setup.tokenizer.exact = false;
        setup.tokenizer.joint = false;
        setup.training.batch_tokens = 40;
        setup.training.optimizer.learning_rate = 0.01;
        setup.training.optimizer.warmup = 3;
        setup.training.max_updates = 6;
        setup.data.train_source = folder / "train.fr";
        setup.data.train_target = folder / "train.en";
        return setup;
    }

    TrainingSetup validated(TrainingSetup setup) const {
        setup.data.valid_source = folder / "valid.fr";
        setup.data.valid_target = folder / "valid.en";
        return setup;
    }

    TemporaryFolder folder;
};

// Every tensor of a safetensors file as its bytes.
inline std::map<std::string, std::string> tensors_of(const std::filesystem::path& path) {
    const SafetensorsFile file(path);
    std::map<std::string, std::string> tensors;
    for (const SafetensorsEntry& entry : file.entries())
        tensors[entry.name].assign(static_cast<const char*>(entry.data), size_in_bytes(entry));
    return tensors;
}

// What the latest checkpoint of a model folder holds.
inline std::map<std::string, std::string> latest_tensors(const std::filesystem::path& folder) {
    return tensors_of(folder / "training" / read_lines((folder / "training" / "latest").string()).at(0) / "state.safetensors");
}

// Trains in a process of its own; with `stop`, a signal has come before the first update. 0 done, 1 failed, 128 + signal stopped.
inline int train_in_child(const TrainingSetup& setup, const std::filesystem::path& folder, bool resume, bool stop) {
    const pid_t child = fork();
    if (child == 0) {
        int status = 0;
        try {
            catch_stop_signals();
            if (stop) std::raise(SIGTERM);
            train(setup, folder, resume, 1);
        } catch (const Interrupted& interrupted) {
            status = 128 + interrupted.signal();
        } catch (const std::exception& error) {
            log_line(error.what());
            status = 1;
        }
        _exit(status);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

} // namespace nmt
