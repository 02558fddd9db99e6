// How threads of the built program wait for one another: watched (nmt/tensor/spin_limit.hpp), unless the user says how.
#include "tests/cli/tiny_model.hpp"

namespace nmt::cli {
namespace {

class BusyMachine : public WithTinyModel {
  protected:
    // Whether a training of two threads, in an environment with this setting, has the thread that watches the cores.
    bool is_watched(const std::string& setting) {
        const std::string trained = quoted(folder_.file("model"));
        const Outcome outcome =
            shell(folder_, fmt::format("rm -rf {0}\n"
                                       "env -u OMP_WAIT_POLICY -u GOMP_SPINCOUNT {1} {2} train -t 2 --config {3} --model {0} "
                                       "--set training.max-updates=1000000 >&2 &\n"
                                       "until grep -qs '\"event\":\"training\"' {0}/log.jsonl; do kill -0 $! || exit 9; sleep 0.05; done\n"
                                       "grep -qsx 'core watch' /proc/$!/task/*/comm && echo watched\n"
                                       "kill $!; wait $! || true",
                                       trained, setting, quoted(NMT_PROGRAM), tiny_.config()));
        EXPECT_EQ(outcome.status, 0) << outcome.errors;
        return outcome.output == "watched\n";
    }
};

TEST_F(BusyMachine, ThreadsOfATrainingAreWatched) { EXPECT_TRUE(is_watched("")); }

TEST_F(BusyMachine, TheUsersSettingWins) {
    EXPECT_FALSE(is_watched("OMP_WAIT_POLICY=passive"));
    EXPECT_FALSE(is_watched("GOMP_SPINCOUNT=5000"));
}

} // namespace
} // namespace nmt::cli
