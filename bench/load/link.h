// SPDX-License-Identifier: Apache-2.0
//
// What lies between the clock of a load and whoever answers it.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace rekey::bench::load {

using Clock = std::chrono::steady_clock;

/// Job is one request.
struct Job {
  std::uint64_t id = 0;       ///< from 1, in the order in which requests are due
  std::uint32_t caller = 0;   ///< from 0
  std::uint32_t request = 0;  ///< position in the RequestPool
  bool verified = false;      ///< compare the answer with OpenSSL's keys
  Clock::time_point due;      ///< what latency counts from
  Clock::time_point sent;
};

/// What an answer turned out to be.
struct Verdict {
  std::uint32_t failed_ams = 0;
  std::string wrong;  ///< what is wrong with it; empty: nothing
};

/// Ended is what came of a job.
struct Ended {
  Job job;
  Clock::time_point at;
  int code = 0;         ///< of gRPC; 0: there is an answer
  std::string message;  ///< why there is none
  Verdict verdict;      ///< of the answer
};

/// Listener is told of every job, once, by any thread.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void ended(const Ended& ended) = 0;
};

/// Link sends jobs and tells its listener of their ends.
class Link {
 public:
  virtual ~Link() = default;

  /// send starts a job and does not wait for it. One thread sends at a time.
  virtual void send(const Job& job) = 0;
  /// give_up ends whatever is under way with DEADLINE_EXCEEDED.
  virtual void give_up() = 0;
};

}  // namespace rekey::bench::load
