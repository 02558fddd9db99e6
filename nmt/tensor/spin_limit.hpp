// How the threads of a loop wait for one another: spinning while each of them has a core, asleep while other programs want the cores too.
// A context of several threads sees to it.
#pragma once

#include <memory>
#include <semaphore>
#include <thread>

namespace nmt {

// While one lives, threads of OpenMP that wait for the others fall asleep after microseconds. Without it they spin for milliseconds first:
// that saves the time of waking up, but on shared cores it takes the time in which the others could run.
// GCC's runtime (libgomp) has no call for this. But it spins 100 times in place of 300,000 while the program has more threads of OpenMP
// than there are cores (its manual, GOMP_SPINCOUNT); so this is a team of as many threads as cores, which sleeps beside those that compute.
// Other runtimes take no notice of it.
class SpinLimit {
  public:
    SpinLimit(); // throws std::system_error where no thread can be started
    ~SpinLimit();
    SpinLimit(const SpinLimit&) = delete;
    SpinLimit& operator=(const SpinLimit&) = delete;

  private:
    std::binary_semaphore over_{0};
    std::thread holder_; // a team lasts as long as the thread that began it
};

// Whether cores are crowded, judged ten times a second by the share of the time that threads which could run waited for a core: a hundredth
// on an idle machine, a third and more where other programs keep the cores busy.
// Spinning on crowded cores costs nine tenths of the speed, sleeping on free ones up to two thirds: a moment of either decides nothing.
class Crowding {
  public:
    // Takes the share since the last look; returns whether spinning should be limited. It is until the first look, which for short work on
    // a busy machine is all there is.
    bool look(double share_waited);

  private:
    static constexpr double kCrowdedShare = 0.15;

    bool limited_ = true;
    double average_ = kCrowdedShare; // of the shares, that of the last looks weighing most
    int looks_ = 0;                  // since the last change
    int calm_ = 0;                   // looks in a row that found no crowd
    // Looks before the limit is lifted. Limited threads may not notice a crowd, so that lifting it is a trial; those that fail get rarer.
    int calm_needed_ = 1;
};

// Keeps a SpinLimit while cores are crowded.
class SpinWatch;

// The program's one watch, for as long as someone holds it. Null where the user has told OpenMP how to wait (OMP_WAIT_POLICY or
// GOMP_SPINCOUNT is set), and where no thread can be started.
std::shared_ptr<SpinWatch> watch_spinning();

} // namespace nmt
