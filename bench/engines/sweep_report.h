// SPDX-License-Identifier: Apache-2.0
//
// Writes the result of `rekey-bench engines` over several sizes of batch, as a table for people or
// as JSON (`...`: see report_parts.h):
//
//   {
//     "benchmark": "engines-sweep",
//     "machine": ..., "threads", "sas_per_ams": 1, "teks_per_sa": 2, "rounds", "slice_seconds",
//     "relative_to": <AMSs in the batch that costs are relative to>,
//     "profiles": [{
//       "profile": "16m-draft" | "16m-published" | "legacy-16e",
//       "contenders": [{
//         <line>,
//         "sizes": [{                       (only when measured)
//           "ams_per_batch": <AMSs>,
//           "ams_per_second": <summary>,
//           "cost_ratio": <summary>         (cost of an AMS over its cost in the batch above,
//                                            computed in each round)
//         }]
//       }]
//     }]
//   }
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engines/report_parts.h"
#include "engines/sweep.h"

namespace rekey::bench {

/// EnginesSweep is everything that is written.
struct EnginesSweep {
  Conditions conditions;
  std::uint32_t reference = 0;
  std::vector<ProfileSweep> profiles;
};

/// to_json returns the report in the form above.
Json to_json(const EnginesSweep& sweep);

/// to_text returns the report as a table.
std::string to_text(const EnginesSweep& sweep);

}  // namespace rekey::bench
