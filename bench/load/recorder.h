// SPDX-License-Identifier: Apache-2.0
//
// What became of the requests of one run.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "load/histogram.h"
#include "load/link.h"
#include "load/request_pool.h"

namespace rekey::bench::load {

/// Interval is one stretch of the measurement, of what ended in it.
struct Interval {
  std::uint64_t answers = 0;
  std::uint64_t ams = 0;
  std::uint64_t errors = 0;
  std::chrono::nanoseconds longest{0};  ///< of the latencies of its answers
};

/// Counts is what a run has seen. Requests count that were due while it measured; the throughput
/// is of what was answered while it measured, whenever it was due.
struct Counts {
  std::uint64_t due = 0;       ///< requests
  std::uint64_t answered = 0;  ///< of those that were due
  std::uint64_t failed = 0;    ///< of those that were due: sent, and not answered
  std::uint64_t unsent = 0;    ///< of those that were due: too many were under way
  std::uint64_t answered_ams = 0;
  std::uint64_t failed_ams = 0;                 ///< of the answers
  std::map<std::string, std::uint64_t> errors;  ///< failed requests by gRPC's code
  std::string first_error;
  std::uint64_t verified = 0;  ///< answers compared with OpenSSL's keys, in the warm-up too
  std::uint64_t wrong = 0;     ///< answers that were wrong, in the warm-up too
  std::string first_wrong;
  Histogram latency;    ///< of answers, from when the request was due
  Histogram from_sent;  ///< of answers, from when the request was sent
  Histogram send_lag;   ///< of all that were sent, from when they were due
  std::vector<Interval> timeline;
  std::chrono::nanoseconds interval{0};
  std::chrono::nanoseconds measured{0};

  [[nodiscard]] std::uint64_t answers_while_measured() const;
  [[nodiscard]] std::uint64_t ams_while_measured() const;
};

/// SoFar is what a run in progress has seen; of requests that were due while it measured.
struct SoFar {
  std::uint64_t under_way = 0;
  std::uint64_t answered = 0;
  std::uint64_t failed = 0;
  std::chrono::nanoseconds p99{0};  ///< of the answers, from when the request was due
  std::chrono::nanoseconds max{0};
};

/// code_name returns gRPC's name of a status code, as `UNAVAILABLE`.
std::string code_name(int code);

/// Recorder counts for one run that measures from `begin` to `end`.
class Recorder final : public Listener {
 public:
  explicit Recorder(const RequestPool& pool) : pool_(pool) {}

  /// measure is called before the first job.
  void measure(Clock::time_point begin, Clock::time_point end);
  /// sending counts a job as under way.
  void sending(const Job& job);
  /// unsent counts a job that is not sent at all.
  void unsent(const Job& job);
  void ended(const Ended& ended) override;

  [[nodiscard]] std::uint64_t under_way() const;
  /// wait_below returns true as soon as fewer than `limit` jobs are under way; false at `until`.
  bool wait_below(std::uint64_t limit, Clock::time_point until);
  /// Whether an answer was wrong.
  [[nodiscard]] bool wrong() const;
  [[nodiscard]] Counts counts() const;
  /// so_far takes microseconds, where counts() holds up all jobs for most of a millisecond.
  [[nodiscard]] SoFar so_far() const;

 private:
  [[nodiscard]] bool measured(const Job& job) const { return job.due >= begin_ && job.due < end_; }
  void count_interval(const Ended& ended);

  const RequestPool& pool_;
  Clock::time_point begin_;
  Clock::time_point end_;
  mutable std::mutex mutex_;
  std::condition_variable fewer_;
  std::uint64_t under_way_ = 0;
  Counts counts_;
};

}  // namespace rekey::bench::load
