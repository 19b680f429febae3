// SPDX-License-Identifier: Apache-2.0
//
// Writes the result of `rekey-bench engines` as a table for people or as JSON:
//
//   {
//     "benchmark": "engines",
//     "machine": {"cpu": <model name>, "cpus": <logical CPUs>},
//     "threads": 1,
//     "ams_per_batch": <AMSs>, "sas_per_ams": 1, "teks_per_sa": 2,
//     "rounds": <rounds>, "slice_seconds": <of one contender in one round, at least>,
//     "baseline": "openssl-loop",
//     "profiles": [{
//       "profile": "16m-draft" | "16m-published" | "legacy-16e",
//       "contenders": [{                    (the baseline first)
//         "name": "openssl-loop" | "openssl" | "simd" | "simd_<target>" | "cuda",
//         "description": <what it runs on>,
//         "outcome": "measured" | "unavailable" | "refused" | "mismatch" | "failed",
//         "reason": <why it was not measured; absent when it was>,
//         "ams_per_second": {"median", "min", "max"},      (over the rounds; only when measured)
//         "ratio_to_baseline": {"median", "min", "max"}    (likewise, computed in each round)
//       }]
//     }]
//   }
//
// legacy-16e derives no TEKs; its AMSs have no security association.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engines/interleave.h"
#include "engines/run.h"
#include "machine.h"

namespace rekey::bench {

/// EnginesReport is everything that is written.
struct EnginesReport {
  Machine machine;
  std::uint32_t ams = 0;
  Plan plan;
  std::vector<ProfileReport> profiles;
};

/// to_json returns the report in the form above.
nlohmann::ordered_json to_json(const EnginesReport& report);

/// to_text returns the report as a table.
std::string to_text(const EnginesReport& report);

}  // namespace rekey::bench
