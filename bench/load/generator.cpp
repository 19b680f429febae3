// SPDX-License-Identifier: Apache-2.0
#include "load/generator.h"

#include <sys/prctl.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "wave/random.h"

namespace rekey::bench::load {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kJobSeed = 1;  // other draws than those of the arrivals and the pool
constexpr auto kLead = 20ms;           // before the first request is due, for threads to start

/// Calls back when the measurement begins and, from then on and before, every second.
class Watcher {
 public:
  Watcher(Clock::time_point start, Clock::time_point begin, const RunOptions& options,
          const Recorder& recorder)
      : thread_([=, this, &options, &recorder] { watch(start, begin, options, recorder); }) {}
  ~Watcher() {
    {
      const std::lock_guard lock(mutex_);
      done_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

 private:
  /// Returns false when the run is over.
  bool sleep_until(Clock::time_point until) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_until(lock, until, [this] { return done_; });
  }

  void watch(Clock::time_point start, Clock::time_point begin, const RunOptions& options,
             const Recorder& recorder) {
    bool warming_up = true;
    Clock::time_point tick = start + 1s;
    for (;;) {
      const bool begins = warming_up && begin <= tick;
      if (!sleep_until(begins ? begin : tick)) return;
      if (begins) {
        warming_up = false;
        tick = begin + 1s;
        if (options.on_measurement) options.on_measurement();
        continue;
      }
      if (options.on_progress) {
        options.on_progress({warming_up, tick - (warming_up ? start : begin), recorder.so_far()});
      }
      tick += 1s;
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool done_ = false;
  std::thread thread_;
};

class Run {
 public:
  Run(const Scenario& scenario, const RequestPool& pool, Recorder* recorder, Link* link)
      : scenario_(scenario),
        pool_(pool),
        recorder_(recorder),
        link_(link),
        random_(scenario.seed + kJobSeed) {}

  void open_loop(Clock::time_point start, Clock::time_point end, double speed) {
    Schedule schedule(scenario_.arrivals, speed, scenario_.seed);
    while (!recorder_->wrong()) {
      const auto next = schedule.next();
      if (!next || start + *next >= end) break;
      std::this_thread::sleep_until(start + *next);
      Job job = draw(start + *next);
      if (recorder_->under_way() >= kMaxUnderWay) {
        recorder_->unsent(job);
      } else {
        send(&job);
      }
    }
  }

  void closed_loop(Clock::time_point start, Clock::time_point end, std::uint32_t in_flight) {
    std::this_thread::sleep_until(start);
    while (!recorder_->wrong() && recorder_->wait_below(in_flight, end) && Clock::now() < end) {
      Job job = draw(Clock::now());
      send(&job);
    }
  }

 private:
  Job draw(Clock::time_point due) {
    Job job;
    job.id = ++jobs_;
    job.caller = static_cast<std::uint32_t>(scenario_.callers.draw(&random_) - 1);
    // An AMS has one handover at a time: the longer none is asked for again the better.
    job.request = static_cast<std::uint32_t>(
        scenario_.method == Method::kContexts ? jobs_ % pool_.size() : random_.below(pool_.size()));
    job.verified = draw_unit(&random_) < scenario_.verified_share;
    job.due = due;
    return job;
  }

  void send(Job* job) {
    job->sent = Clock::now();
    recorder_->sending(*job);
    link_->send(*job);
  }

  const Scenario& scenario_;
  const RequestPool& pool_;
  Recorder* recorder_;
  Link* link_;
  wave::Random random_;
  std::uint64_t jobs_ = 0;
};

}  // namespace

Status run_load(const Scenario& scenario, const RequestPool& pool, const OpenLink& open_link,
                const RunOptions& options, Counts* out_counts) {
  // Sleep no longer than asked for: the kernel's usual 50 us would show in every latency.
  prctl(PR_SET_TIMERSLACK, 1UL);
  Recorder recorder(pool);
  std::unique_ptr<Link> link;
  if (Status s = open_link(&recorder, &link); !s.ok()) return s;
  const Clock::time_point start = Clock::now() + kLead;
  const Clock::time_point begin = start + scenario.warm_up;
  const Clock::time_point end = begin + scenario.measured;
  recorder.measure(begin, end);
  {
    const Watcher watcher(start, begin, options, recorder);
    Run run(scenario, pool, &recorder, link.get());
    if (const Closed* closed = std::get_if<Closed>(&scenario.arrivals)) {
      run.closed_loop(start, end, closed->in_flight);
    } else {
      run.open_loop(start, end, options.speed);
    }
    // A little more than a request has, so that its own deadline ends it.
    recorder.wait_below(1, Clock::now() + scenario.timeout + scenario.timeout / 10);
    link->give_up();
    link.reset();
  }
  *out_counts = recorder.counts();
  return {};
}

}  // namespace rekey::bench::load
