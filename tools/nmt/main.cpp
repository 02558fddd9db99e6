// The command-line program: the table of commands, and what holds for all of them.
#include "nmt/tensor/context.hpp"
#include "tokenizer/tokenizer.hpp"
#include "tools/nmt/command.hpp"
#include "tools/nmt/commands.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/mapped_file.hpp"

#include <fcntl.h>

#include <csignal>

namespace nmt {
namespace {

const CommandGroup& all_commands() {
    static const CommandGroup group{
        "nmt",
        "Neural machine translation on CPUs: train models, translate text, compare architectures.\n"
        "Text is one sentence a line. Where a FILE is '-' or not given, text comes from stdin or goes to stdout; compressed files "
        "(gzip, zstd, xz, bzip2) are read as such. Logs and errors go to stderr.",
        {
            {"audit", "what is odd in parallel text, before training", audit_command},
            {"tokenizer", "train a SentencePiece model; encode and decode text", tokenizer_command},
            {"train", "train a translation model from a configuration", train_command},
            {"translate", "translate text, one line in, one line out", translate_command},
            {"score", "log-probabilities of given translations", score_command},
            {"evaluate", "compare translations with references: BLEU and others", evaluate_command},
            {"run", "run a recipe, from data to a report that compares models", run_command},
            {"average", "a model whose weights are the mean of others", average_command},
            {"quantize", "a smaller and faster model for translating, of 8-bit integers", quantize_command},
            {"inspect", "sizes, options and parameters of a model", inspect_command},
            {"gradient-flow", "how far back the loss reaches in a model", gradient_flow_command},
        },
        "'nmt run quickstart' is the place to start: it needs no data. 'nmt --version' names the versions of nmt and its libraries.",
        {"--version"},
    };
    return group;
}

void print_version() {
    print(
        fmt::format("nmt {}\nSentencePiece {}\noneDNN {}, {}", NMT_VERSION, sentencepiece_version(), onednn_version(), instruction_set()));
}

int run(const std::vector<std::string>& arguments) {
    if (!arguments.empty() && arguments.front() == "--version") {
        if (arguments.size() > 1) throw UsageError(fmt::format("unexpected argument '{}' after --version", arguments[1]));
        print_version();
        return 0;
    }
    return dispatch(all_commands(), arguments);
}

// Opens what the caller has closed of stdin, stdout and stderr, lest a file of ours take its place and receive our logs.
void open_standard_streams() {
    for (int descriptor = 0; descriptor <= 2; ++descriptor)
        if (fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", descriptor == 1 ? O_RDONLY : O_WRONLY) < 0) return;
}

} // namespace
} // namespace nmt

int main(int argc, char** argv) {
    nmt::open_standard_streams();
    for (const int signal : {SIGPIPE, SIGXFSZ}) std::signal(signal, SIG_IGN); // a failed write is reported where it happens
    nmt::report_shortened_files();
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    return nmt::report_errors([&] { return nmt::run(arguments); });
}
