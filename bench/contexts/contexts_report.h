// SPDX-License-Identifier: Apache-2.0
//
// Writes the result of `rekey-bench contexts`, as a table for people or as JSON (`...`: see
// engines/report_parts.h):
//
//   {
//     "benchmark": "contexts",
//     "machine": ..., "profile": "16m-draft", "verify": "sampled",
//     "cores": {"servers", "client"}        (null where this process may use only one)
//     "directory": <of RocksDB>, "ams_per_request", "requests",
//     "ways": [{
//       "name": "memory" | "rocksdb" | "batch" | "rows",
//       "p50_seconds", "p99_seconds", "p999_seconds", "ams_per_second",
//       "server_cpu_seconds": <summary>, "times_batch": <summary>
//     }]
//   }
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "contexts/contexts_run.h"
#include "engines/report_parts.h"
#include "service/cores.h"

namespace rekey::bench {

struct ContextsReport {
  Machine machine;
  Cores cores;
  std::string directory;
  std::uint32_t amss = 0;
  unsigned requests = 0;  ///< measured, of each way
  std::vector<WayFigures> ways;
};

/// to_json returns the report in the form above.
Json to_json(const ContextsReport& report);

/// to_text returns the report as a table.
std::string to_text(const ContextsReport& report);

}  // namespace rekey::bench
