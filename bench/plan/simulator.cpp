// SPDX-License-Identifier: Apache-2.0
#include "plan/simulator.h"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <limits>
#include <queue>
#include <utility>

namespace rekey::bench::plan {
namespace {

/// Part is what a batch has of a request.
struct Part {
  std::size_t request = 0;
  double ams = 0;
};

/// Work is what a processor or a device has in hand.
struct Work {
  double done = 0;
  std::uint64_t order = 0;  ///< of two that are done at once the earlier one comes first
  bool on_device = false;
  bool is_batch = false;
  std::size_t of = 0;  ///< the request, or the place of a batch's parts

  bool operator>(const Work& other) const {
    return done != other.done ? done > other.done : order > other.order;
  }
};

/// Waiting is what is left to derive of a request. The one that was served least comes first, as in
/// the scheduler's start-time fair queueing; one that begins to wait starts where others have got
/// to.
struct Waiting {
  double virtual_time = 0;
  std::uint64_t order = 0;
  Part left;

  bool operator>(const Waiting& other) const {
    return virtual_time != other.virtual_time ? virtual_time > other.virtual_time
                                              : order > other.order;
  }
};

template <typename Entry>
using Earliest = std::priority_queue<Entry, std::vector<Entry>, std::greater<>>;

class Run {
 public:
  Run(const Station& station, std::span<const Arrival> arrivals)
      : station_(station),
        arrivals_(arrivals),
        idle_since_(station.processors, -std::numeric_limits<double>::infinity()),
        idle_devices_(station.devices),
        left_(arrivals.size()),
        batch_ams_most_(station.batch_seconds.empty()
                            ? 0
                            : station.batch_seconds.inverse(station.batch_seconds_most,
                                                            station.batch_ams_most)) {
    result_.sojourn_seconds.resize(arrivals.size());
  }

  Simulated run() {
    while (next_ < arrivals_.size() || !under_way_.empty()) {
      const bool arrives = next_ < arrivals_.size() &&
                           (under_way_.empty() || arrivals_[next_].due < under_way_.top().done);
      if (arrives) {
        now_ = arrivals_[next_].due;
        requests_.push_back(next_++);
      } else {
        finish();
      }
      start_what_can();
    }
    result_.end_seconds = now_;
    return std::move(result_);
  }

 private:
  void finish() {
    const Work work = under_way_.top();
    under_way_.pop();
    now_ = work.done;
    if (work.on_device) {
      ++idle_devices_;
    } else {
      idle_since_.push_back(now_);
    }
    if (work.is_batch) return finish_batch(work.of);
    left_[work.of] = arrivals_[work.of].ams;
    if (station_.batch_seconds.empty()) {
      answer(work.of);
    } else {
      to_derive_.push({virtual_time_, order_++, {work.of, left_[work.of]}});
    }
  }

  void finish_batch(std::size_t batch) {
    for (const Part& part : batches_[batch]) {
      left_[part.request] -= part.ams;
      if (left_[part.request] <= 0) answer(part.request);
    }
    batches_[batch].clear();
    free_batches_.push_back(batch);
  }

  void answer(std::size_t request) {
    result_.sojourn_seconds[request] = now_ - arrivals_[request].due;
  }

  void start_what_can() {
    while (idle_devices_ > 0 && !to_derive_.empty()) {
      --idle_devices_;
      start_batch(true);
    }
    // What is in hand is finished before what is new is begun. The processor that rested least goes
    // first: it has the least to wake from.
    while (!idle_since_.empty()) {
      if (station_.devices == 0 && !to_derive_.empty()) {
        idle_since_.pop_back();
        start_batch(false);
      } else if (!requests_.empty()) {
        const double rest = now_ - idle_since_.back();
        idle_since_.pop_back();
        start_request(rest);
      } else {
        break;
      }
    }
  }

  void start_request(double rest) {
    const std::size_t request = requests_.front();
    requests_.pop_front();
    const Arrival& arrival = arrivals_[request];
    const double seconds =
        station_.request_seconds.at(arrival.ams) * arrival.effort + station_.wake_after(rest);
    result_.busy_seconds += seconds;
    under_way_.push({now_ + seconds, order_++, false, false, request});
  }

  void start_batch(bool on_device) {
    if (free_batches_.empty()) {
      free_batches_.push_back(batches_.size());
      batches_.emplace_back();
    }
    const std::size_t batch = free_batches_.back();
    free_batches_.pop_back();
    double ams = 0;
    // What is left of a large request waits for its next turn.
    std::vector<Waiting> rests;
    while (!to_derive_.empty() && ams < batch_ams_most_) {
      Waiting next = to_derive_.top();
      to_derive_.pop();
      virtual_time_ = std::max(virtual_time_, next.virtual_time);
      const double taken = std::min({next.left.ams, Station::kTurnAms, batch_ams_most_ - ams});
      batches_[batch].push_back({next.left.request, taken});
      ams += taken;
      next.left.ams -= taken;
      next.virtual_time += taken;
      if (next.left.ams > 0) rests.push_back(next);
    }
    for (const Waiting& rest : rests) to_derive_.push(rest);
    const double seconds = station_.batch_seconds.at(ams);
    if (!on_device) result_.busy_seconds += seconds;
    ++result_.batches;
    under_way_.push({now_ + seconds, order_++, on_device, true, batch});
  }

  const Station& station_;
  std::span<const Arrival> arrivals_;
  std::vector<double> idle_since_;  ///< of each idle processor; the last one rested least
  unsigned idle_devices_;
  std::vector<double> left_;  ///< AMSs of each request that are not derived
  double batch_ams_most_;
  double now_ = 0;
  std::uint64_t order_ = 0;
  std::size_t next_ = 0;
  std::deque<std::size_t> requests_;
  double virtual_time_ = 0;
  Earliest<Waiting> to_derive_;
  Earliest<Work> under_way_;
  std::vector<std::vector<Part>> batches_;  ///< under way, and places for others
  std::vector<std::size_t> free_batches_;
  Simulated result_;
};

}  // namespace

double Station::wake_after(double rest_seconds) const {
  return rest_seconds > 0 ? wake_seconds.at(std::min(rest_seconds, longest_rest())) : 0;
}

double Station::longest_rest() const {
  return wake_seconds.empty() ? 0 : wake_seconds.points().back().x;
}

Simulated simulate(const Station& station, std::span<const Arrival> arrivals) {
  return Run(station, arrivals).run();
}

}  // namespace rekey::bench::plan
