// SPDX-License-Identifier: Apache-2.0
#include "load/recorder.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace rekey::bench::load {
namespace {

constexpr std::size_t kMaxIntervals = 60;
constexpr std::chrono::milliseconds kShortestInterval{100};

std::uint64_t sum(const std::vector<Interval>& timeline, std::uint64_t Interval::*member) {
  return std::accumulate(
      timeline.begin(), timeline.end(), std::uint64_t{0},
      [&](std::uint64_t total, const Interval& one) { return total + one.*member; });
}

}  // namespace

std::string code_name(int code) {
  constexpr std::array kNames = {"OK",
                                 "CANCELLED",
                                 "UNKNOWN",
                                 "INVALID_ARGUMENT",
                                 "DEADLINE_EXCEEDED",
                                 "NOT_FOUND",
                                 "ALREADY_EXISTS",
                                 "PERMISSION_DENIED",
                                 "RESOURCE_EXHAUSTED",
                                 "FAILED_PRECONDITION",
                                 "ABORTED",
                                 "OUT_OF_RANGE",
                                 "UNIMPLEMENTED",
                                 "INTERNAL",
                                 "UNAVAILABLE",
                                 "DATA_LOSS",
                                 "UNAUTHENTICATED"};
  const bool known = code >= 0 && static_cast<std::size_t>(code) < kNames.size();
  return known ? kNames[static_cast<std::size_t>(code)] : "CODE_" + std::to_string(code);
}

std::uint64_t Counts::answers_while_measured() const { return sum(timeline, &Interval::answers); }

std::uint64_t Counts::ams_while_measured() const { return sum(timeline, &Interval::ams); }

void Recorder::measure(Clock::time_point begin, Clock::time_point end) {
  const std::lock_guard lock(mutex_);
  begin_ = begin;
  end_ = end;
  counts_.measured = end - begin;
  counts_.interval = std::max<std::chrono::nanoseconds>(
      kShortestInterval, (end - begin + std::chrono::nanoseconds(kMaxIntervals - 1)) /
                             static_cast<std::int64_t>(kMaxIntervals));
  const auto intervals =
      (end - begin + counts_.interval - std::chrono::nanoseconds(1)) / counts_.interval;
  counts_.timeline.resize(static_cast<std::size_t>(intervals));
}

void Recorder::sending(const Job& job) {
  const std::lock_guard lock(mutex_);
  ++under_way_;
  if (!measured(job)) return;
  ++counts_.due;
  counts_.send_lag.record(job.sent - job.due);
}

void Recorder::unsent(const Job& job) {
  const std::lock_guard lock(mutex_);
  if (!measured(job)) return;
  ++counts_.due;
  ++counts_.unsent;
}

void Recorder::ended(const Ended& ended) {
  const std::lock_guard lock(mutex_);
  --under_way_;
  fewer_.notify_all();
  if (ended.job.verified && ended.code == 0) ++counts_.verified;
  if (!ended.verdict.wrong.empty()) {
    if (++counts_.wrong == 1) counts_.first_wrong = ended.verdict.wrong;
  }
  count_interval(ended);
  if (!measured(ended.job)) return;
  if (ended.code != 0) {
    ++counts_.failed;
    ++counts_.errors[code_name(ended.code)];
    if (counts_.first_error.empty()) counts_.first_error = ended.message;
    return;
  }
  ++counts_.answered;
  counts_.answered_ams += pool_.ams(ended.job.request);
  counts_.failed_ams += ended.verdict.failed_ams;
  counts_.latency.record(ended.at - ended.job.due);
  counts_.from_sent.record(ended.at - ended.job.sent);
}

void Recorder::count_interval(const Ended& ended) {
  if (ended.at < begin_ || ended.at >= end_) return;
  Interval& interval =
      counts_.timeline[static_cast<std::size_t>((ended.at - begin_) / counts_.interval)];
  if (ended.code != 0) {
    ++interval.errors;
    return;
  }
  ++interval.answers;
  interval.ams += pool_.ams(ended.job.request) - ended.verdict.failed_ams;
  interval.longest = std::max<std::chrono::nanoseconds>(interval.longest, ended.at - ended.job.due);
}

std::uint64_t Recorder::under_way() const {
  const std::lock_guard lock(mutex_);
  return under_way_;
}

bool Recorder::wait_below(std::uint64_t limit, Clock::time_point until) {
  std::unique_lock lock(mutex_);
  return fewer_.wait_until(lock, until, [&] { return under_way_ < limit; });
}

bool Recorder::wrong() const {
  const std::lock_guard lock(mutex_);
  return counts_.wrong > 0;
}

Counts Recorder::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

SoFar Recorder::so_far() const {
  const std::lock_guard lock(mutex_);
  return {under_way_, counts_.answered, counts_.failed, counts_.latency.quantile(0.99),
          counts_.latency.max()};
}

}  // namespace rekey::bench::load
