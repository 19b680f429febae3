// SPDX-License-Identifier: Apache-2.0
//
// Every request of a run by itself, and what is worked out from them: a histogram cannot say when a
// server was itself again.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <vector>

#include "load/link.h"

namespace rekey::bench::overload {

using load::Clock;
using Seconds = std::chrono::duration<double>;

/// Observation is one request that ended.
struct Observation {
  Clock::time_point due;
  Clock::time_point sent;
  Clock::time_point at;  ///< when it ended
  int code = 0;          ///< of gRPC; 0: answered
};

using Observations = std::vector<Observation>;

/// Observer notes every job and passes it on. Safe to call from several threads.
class Observer final : public load::Listener {
 public:
  /// `told` may be called as long as jobs end.
  explicit Observer(load::Listener* told) : told_(told) {}

  void ended(const load::Ended& ended) override;
  /// take returns what was noted, in no order. To be called when every job has ended.
  Observations take();

 private:
  load::Listener* told_;
  std::mutex mutex_;
  Observations noted_;
};

/// due_between returns the observations that were due from `begin` to before `end`.
Observations due_between(const Observations& observations, Clock::time_point begin,
                         Clock::time_point end);

/// with_code returns those that ended with a code.
Observations with_code(const Observations& observations, int code);

/// answered_per_second is the rate of answers that came from `begin` to before `end`.
double answered_per_second(const Observations& observations, Clock::time_point begin,
                           Clock::time_point end);

/// latencies returns the times from when requests were due to when they ended.
std::vector<Seconds> latencies(const Observations& observations);
/// answer_times returns the times from when requests were sent to when they ended.
std::vector<Seconds> answer_times(const Observations& observations);

/// send_lags returns the times from when requests were due to when they were sent.
std::vector<Seconds> send_lags(const Observations& observations);

/// percentile returns the smallest time that the share `q` of all did not exceed; 0 of none.
Seconds percentile(std::vector<Seconds> times, double q);

/// time_to_normal looks at the requests due from `begin` on in windows of `window`. Returns when
/// the first one begins, from `begin`, from which on every window's median latency is at most
/// `normal` and all of its requests were answered; nothing when the last window is not like that. A
/// window in which nothing was due is like the one before it.
std::optional<Seconds> time_to_normal(const Observations& observations, Clock::time_point begin,
                                      Clock::time_point end, Clock::duration window,
                                      Seconds normal);

}  // namespace rekey::bench::overload
