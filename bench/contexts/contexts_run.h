// SPDX-License-Identifier: Apache-2.0
//
// Measures a handover of all AMSs at once: with contexts in memory, with contexts that are durable
// on RocksDB, and without contexts; by turns, compared round by round.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engines/interleave.h"
#include "rekey/engine.h"
#include "rekey/status.h"
#include "service/server_process.h"

namespace rekey::bench {

/// WayFigures is what one way to get the keys of all AMSs took. A time is that of one request,
/// until its whole answer, in seconds.
struct WayFigures {
  std::string name;
  double p50 = 0, p99 = 0, p999 = 0;  ///< over all rounds; of fewer than 1,000 the longest
  double ams_per_second = 0;          ///< over all rounds
  Summary server_cpu_seconds;         ///< of one request
  Summary times_batch;                ///< its time over that of DeriveBatch in the same round
};

/// ContextsServers are the rekeyds of a run. DeriveBatch and Derive are asked of the one with its
/// contexts in memory.
struct ContextsServers {
  ServerProcess* memory = nullptr;
  ServerProcess* rocksdb = nullptr;
};

/// run_contexts registers `amss` AMSs with both rekeyds, compares the keys of their first handover
/// with `referee`'s, and measures `rounds` handovers. HO-Complete of each is between the times.
/// `out_ways` are `memory`, `rocksdb`, `batch` (DeriveBatch: columns) and `rows` (Derive).
Status run_contexts(const ContextsServers& servers, std::uint32_t amss, unsigned rounds,
                    Engine& referee, std::vector<WayFigures>* out_ways);

/// WaySamples is what each round saw of one way.
struct WaySamples {
  std::string name;
  std::vector<double> seconds, cpu_seconds;
};

/// summarize_ways turns samples into figures; the one named `batch` is what they are compared with.
std::vector<WayFigures> summarize_ways(const std::vector<WaySamples>& ways, std::uint32_t amss);

}  // namespace rekey::bench
