// SPDX-License-Identifier: Apache-2.0
//
// One run of a load: sends what is due when it is due.
#pragma once

#include <functional>
#include <memory>

#include "load/link.h"
#include "load/recorder.h"
#include "load/request_pool.h"
#include "load/scenario.h"
#include "rekey/status.h"

namespace rekey::bench::load {

/// More requests than this are not sent while they are not answered: they count as unsent.
inline constexpr std::uint64_t kMaxUnderWay = 65'536;

/// How far a run is.
struct Progress {
  bool warming_up = true;
  std::chrono::nanoseconds passed{0};  ///< of the warm-up, or of the measurement
  SoFar so_far;
};

struct RunOptions {
  double speed = 1;                                  ///< see Schedule; open loop alone
  std::function<void()> on_measurement;              ///< called once, when it begins
  std::function<void(const Progress&)> on_progress;  ///< called every second, from a thread
};

/// OpenLink makes the link whose listener is given.
using OpenLink = std::function<Status(Listener*, std::unique_ptr<Link>*)>;

/// run_load sends the arrivals of a scenario to their end and waits until each is answered, failed
/// or given up. It ends early, and `*out_counts` says so in `wrong`, when an answer is wrong.
/// Returns an error of `open_link`.
Status run_load(const Scenario& scenario, const RequestPool& pool, const OpenLink& open_link,
                const RunOptions& options, Counts* out_counts);

}  // namespace rekey::bench::load
