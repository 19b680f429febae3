// SPDX-License-Identifier: Apache-2.0
#include "engines/interleave.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace rekey::bench {

Plan Plan::for_seconds(double seconds) {
  constexpr double kSliceSeconds = 0.05;
  constexpr double kMinRounds = 5;
  constexpr double kMaxRounds = 100'000;
  const double rounds = std::clamp(std::round(seconds / kSliceSeconds), kMinRounds, kMaxRounds);
  return {static_cast<unsigned>(rounds),
          std::chrono::nanoseconds(std::llround(seconds / rounds * 1e9))};
}

Status measure_interleaved(std::span<const std::function<Status()>> tasks, const Plan& plan,
                           std::vector<std::vector<double>>* out_rates) {
  using Clock = std::chrono::steady_clock;
  out_rates->assign(tasks.size(), {});
  for (unsigned round = 0; round < plan.rounds; ++round) {
    for (std::size_t turn = 0; turn < tasks.size(); ++turn) {
      const std::size_t task = (turn + round) % tasks.size();
      const Clock::time_point start = Clock::now();
      Clock::duration elapsed{0};
      double calls = 0;
      unsigned calls_a_look = 1;
      do {
        for (unsigned call = 0; call < calls_a_look; ++call) {
          if (Status status = tasks[task](); !status.ok()) return status;
        }
        calls += calls_a_look;
        const Clock::duration before = std::exchange(elapsed, Clock::now() - start);
        // A look at the clock costs as much as the shortest tasks.
        if (elapsed - before < plan.slice / 64) calls_a_look *= 2;
      } while (elapsed < plan.slice);
      (*out_rates)[task].push_back(calls / std::chrono::duration<double>(elapsed).count());
    }
  }
  return {};
}

Summary summarize(std::vector<double> values) {
  std::ranges::sort(values);
  const std::size_t half = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  return {median, values.front(), values.back()};
}

std::vector<double> ratios(std::span<const double> rates, std::span<const double> baseline) {
  std::vector<double> quotients(rates.size());
  std::ranges::transform(rates, baseline, quotients.begin(), std::divides<>());
  return quotients;
}

}  // namespace rekey::bench
