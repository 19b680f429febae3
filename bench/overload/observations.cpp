// SPDX-License-Identifier: Apache-2.0
#include "overload/observations.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace rekey::bench::overload {
namespace {

template <typename Keep>
Observations those(const Observations& observations, const Keep& keep) {
  Observations kept;
  std::ranges::copy_if(observations, std::back_inserter(kept), keep);
  return kept;
}

template <typename Time>
std::vector<Seconds> times(const Observations& observations, const Time& time) {
  std::vector<Seconds> all;
  all.reserve(observations.size());
  std::ranges::transform(observations, std::back_inserter(all), time);
  return all;
}

}  // namespace

void Observer::ended(const load::Ended& ended) {
  {
    const std::lock_guard lock(mutex_);
    noted_.push_back({ended.job.due, ended.job.sent, ended.at, ended.code});
  }
  told_->ended(ended);
}

Observations Observer::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(noted_, {});
}

Observations due_between(const Observations& observations, Clock::time_point begin,
                         Clock::time_point end) {
  return those(observations,
               [&](const Observation& one) { return one.due >= begin && one.due < end; });
}

Observations with_code(const Observations& observations, int code) {
  return those(observations, [&](const Observation& one) { return one.code == code; });
}

double answered_per_second(const Observations& observations, Clock::time_point begin,
                           Clock::time_point end) {
  const auto answers = std::ranges::count_if(observations, [&](const Observation& one) {
    return one.code == 0 && one.at >= begin && one.at < end;
  });
  return static_cast<double>(answers) / Seconds(end - begin).count();
}

std::vector<Seconds> latencies(const Observations& observations) {
  return times(observations, [](const Observation& one) { return Seconds(one.at - one.due); });
}

std::vector<Seconds> answer_times(const Observations& observations) {
  return times(observations, [](const Observation& one) { return Seconds(one.at - one.sent); });
}

std::vector<Seconds> send_lags(const Observations& observations) {
  return times(observations, [](const Observation& one) { return Seconds(one.sent - one.due); });
}

Seconds percentile(std::vector<Seconds> times, double q) {
  if (times.empty()) return Seconds(0);
  const double rank = std::ceil(q * static_cast<double>(times.size()));
  const auto place = times.begin() + static_cast<std::ptrdiff_t>(std::max(rank, 1.0) - 1);
  std::ranges::nth_element(times, place);
  return *place;
}

std::optional<Seconds> time_to_normal(const Observations& observations, Clock::time_point begin,
                                      Clock::time_point end, Clock::duration window,
                                      Seconds normal) {
  std::optional<Seconds> since;
  for (Clock::time_point from = begin; from < end; from += window) {
    const Observations due = due_between(observations, from, std::min(from + window, end));
    if (due.empty()) continue;
    const bool is_normal =
        with_code(due, 0).size() == due.size() && percentile(latencies(due), 0.5) <= normal;
    if (!is_normal) {
      since.reset();
    } else if (!since) {
      since = from - begin;
    }
  }
  return since;
}

}  // namespace rekey::bench::overload
