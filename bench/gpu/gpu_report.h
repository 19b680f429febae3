// SPDX-License-Identifier: Apache-2.0
//
// Writes the result of `rekey-bench gpu`, as tables for people or as JSON for the planner (`...`:
// see engines/report_parts.h):
//
//   {
//     "benchmark": "gpu",
//     "machine": ..., "threads", "sas_per_ams": 1, "teks_per_sa": 2, "rounds", "slice_seconds",
//     "device": <what the cuda engine runs on>,
//     "from_device": <false: a program stood in for the device, and no figure is a GPU's>,
//     "profiles": [{
//       "profile": "16m-draft" | "16m-published" | "legacy-16e",
//       "octets_per_ams": {"in", "resident_in", "out"},      (over the link)
//       "ways": [{                          ("simd" first)
//         "name": "simd" | "copies" | "kernel" | "cuda" | "cuda-pinned" | "cuda-resident",
//         "description", "outcome": "measured" | "mismatch" | "failed", "reason",
//         "crossover_ams": <batch from which on it is faster than simd, or null; of the last
//         three>, "sizes": [{"ams_per_batch", "ams_per_second": <summary>,
//                    "ratio_to_simd": <summary>}]            (computed in each round)
//       }]
//     }]
//   }
#pragma once

#include <string>
#include <vector>

#include "engines/report_parts.h"
#include "gpu/gpu_run.h"

namespace rekey::bench {

/// GpuReport is everything that is written.
struct GpuReport {
  Conditions conditions;
  std::string device;
  bool from_device = true;
  std::vector<GpuProfileReport> profiles;
};

/// to_json returns the report in the form above.
Json to_json(const GpuReport& report);

/// to_text returns the report as tables.
std::string to_text(const GpuReport& report);

}  // namespace rekey::bench
