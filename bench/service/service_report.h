// SPDX-License-Identifier: Apache-2.0
//
// Writes the result of `rekey-bench service`, as a table for people or as JSON (`...`: see
// engines/report_parts.h):
//
//   {
//     "benchmark": "service",
//     "machine": ..., "threads", "sas_per_ams", "teks_per_sa", "rounds", "slice_seconds",
//     "profile": "16m-draft", "verify": "sampled", "tls": <true or false>,
//     "cores": {"servers", "client"}        (null where this process may use only one)
//     "shapes": [{
//       "shape": <name>, "ams_per_message", "callers", "in_flight",
//       "servers": [{                       (rekeyd first, then ways of the echo server)
//         "name": "rekeyd" | "typed" | "arena" | "raw",
//         "messages_per_second": <summary>, "ams_per_second": <summary>,
//         "cpu_seconds_per_message": <summary>,     (of the server)
//         "p50_seconds": <summary>, "p99_seconds": <summary>,  (only where answers are timed)
//         "rekeyd_ratio": <summary>         (rekeyd's rate, or p50 where answers are timed, over
//                                            this server's, computed in each round)
//       }],
//       "bars": [{
//         "measure": "rate" | "p50" | "p99", "to": <way>,
//         "at_least" | "at_most": <times>, "ratio": <summary>, "met": <of the median>
//       }]
//     }]
//   }
#pragma once

#include <string>
#include <vector>

#include "engines/report_parts.h"
#include "service/cores.h"
#include "service/service_run.h"

namespace rekey::bench {

struct ServiceReport {
  Conditions conditions;
  Cores cores;
  bool tls = false;
  std::vector<ShapeReport> shapes;
};

/// to_json returns the report in the form above.
Json to_json(const ServiceReport& report);

/// to_text returns the report as a table.
std::string to_text(const ServiceReport& report);

}  // namespace rekey::bench
