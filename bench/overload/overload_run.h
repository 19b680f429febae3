// SPDX-License-Identifier: Apache-2.0
//
// What rekeyd does above its capacity, and what a caller that floods does to another.
//
// The server has one core and the client another, so the server's work must cost much more than the
// client's, or twice the server's capacity could not be offered: requests have 4,096 AMSs and every
// key is verified, unless the plan says otherwise.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engines/interleave.h"
#include "overload/observations.h"
#include "overload/small_caller.h"
#include "rekey/status.h"
#include "service/cores.h"

namespace rekey::bench::overload {

/// AMSs of a request of a server's load, and of a flood.
inline constexpr std::uint32_t kRequestAms = 4'096;
/// AMSs that the server may hold, of all callers together: `--queue-items`.
inline constexpr std::uint64_t kQueueAms = 128ULL << 10;
/// What is offered, in multiples of the capacity.
inline constexpr double kOffered = 2;

struct OverloadPlan {
  std::string rekeyd;          ///< the program
  std::string verify = "all";  ///< its --verify
  Cores cores;
  unsigned rounds = 3;
  std::chrono::milliseconds slice{2'000};  ///< of each load in a round
};

/// Figures of a run, each a summary over its rounds.
struct OverloadFigures {
  Summary peak;                    ///< AMSs answered a second in closed loop
  Summary offered_ratio;           ///< what was sent in open loop, over the peak
  Summary goodput_ratio;           ///< AMSs answered a second meanwhile, over the peak
  Summary send_lag_p99;            ///< seconds that the client sent late
  Summary accepted_p99;            ///< seconds, of what was answered, from when it was sent
  Summary accepted_p99_ratio;      ///< the same over `queue_bound`
  Summary queue_bound;             ///< seconds that kQueueAms take at the rate of the answers
  Summary refused_share;           ///< of what was offered
  Summary refused_p99;             ///< seconds, from when it was sent
  Summary light_p50;               ///< seconds, of the light load before
  Summary normal_after;            ///< seconds; the whole slice where it was not normal at its end
  Summary memory_growth;           ///< octets, of the server's resident memory, at most
  std::uint64_t other_errors = 0;  ///< requests that ended as neither answer nor refusal
  std::string first_error;
};

/// run_overload starts a server and, round by round, measures its peak, offers kOffered times as
/// much in open loop between two slices of a light load, and looks at what came of it. `on_round`
/// is told how many rounds are done. Returns an error when the server does not start or a key is
/// wrong.
Status run_overload(const OverloadPlan& plan, const std::function<void(unsigned)>& on_round,
                    OverloadFigures* out_figures);

struct FloodFigures {
  Summary alone_p50, alone_p99;      ///< seconds, of the small caller alone
  Summary flooded_p50, flooded_p99;  ///< beside the one that floods
  Summary p99_ratio;                 ///< flooded over alone, of the same round
  Summary send_lag_p99;              ///< seconds that the small caller sent late beside the flood
  Summary flood_ratio;               ///< what was sent by the flood, over the server's peak
  std::uint64_t failed = 0;          ///< requests of the small caller that were not answered
  std::string first_error;
};

/// run_flood starts a server under mutual TLS, which knows its callers by their names. One asks for
/// kSmallAms AMSs kSmallPerSecond times a second (small_caller.h), round by round alone and beside
/// one that offers kOffered times the server's capacity.
Status run_flood(const OverloadPlan& plan, const std::function<void(unsigned)>& on_round,
                 FloodFigures* out_figures);

}  // namespace rekey::bench::overload
