// SPDX-License-Identifier: Apache-2.0
//
// The caller that asks for little, in a process of its own: in the one that floods its answers
// would wait behind those of the flood, and that would count as the server's doing.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "load/grpc_link.h"
#include "overload/observations.h"
#include "rekey/status.h"

namespace rekey::bench::overload {

/// AMSs of a request of the caller that another floods, and its requests a second.
inline constexpr std::uint32_t kSmallAms = 16;
inline constexpr double kSmallPerSecond = 100;

/// SmallFigures is what a small caller saw.
struct SmallFigures {
  Seconds p50{}, p99{};      ///< from when requests were due to their answers
  Seconds send_lag_p99{};    ///< that it sent late, which is no doing of the server
  std::uint64_t failed = 0;  ///< requests that were not answered
  std::string first_error;
};

/// run_small_caller asks for kSmallAms AMSs kSmallPerSecond times a second for `length`, after a
/// warm-up, through `rekey-bench load` (this program). It shares the calling thread's core, where
/// its threads come before others of as many turns (rpc/short_turns.h). `targets` has one server
/// and TLS.
Status run_small_caller(const load::Targets& targets, std::uint64_t seed,
                        std::chrono::milliseconds length, SmallFigures* out_figures);

}  // namespace rekey::bench::overload
