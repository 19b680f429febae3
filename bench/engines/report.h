// SPDX-License-Identifier: Apache-2.0
//
// Writes the result of `rekey-bench engines` at one size of batch, as a table for people or as JSON
// (`...`: see report_parts.h):
//
//   {
//     "benchmark": "engines",
//     "machine": ..., "threads", "sas_per_ams": 1, "teks_per_sa": 2, "rounds", "slice_seconds",
//     "ams_per_batch": <AMSs>,
//     "baseline": "openssl-loop",
//     "profiles": [{
//       "profile": "16m-draft" | "16m-published" | "legacy-16e",
//       "aes_blocks_per_ams", "key_schedules_per_ams",
//       "bounds": [{                        (what nothing but AES rounds could reach)
//         "instruction": "VAESENC-512" | "AESENC-128",
//         "threads",                        (that ran it at once)
//         "block_rounds_per_second": <summary>,         (measured in the same rounds)
//         "ams_per_second": <summary>,      (those, over 10 x (blocks + key schedules) of an AMS)
//         "ratio_to_one_thread": <summary>  (on several threads: of its rate to that on one)
//       }],
//       "contenders": [{                    (the baseline first)
//         <line>,
//         "ams_per_second": <summary>,      (this and what follows: only when measured)
//         "ratio_to": {<name>: <summary>},  (of its AMSs a second to every contender measured,
//                                            computed in each round)
//         "bound_instruction": <the instruction that it spends its time in>,
//         "share_of_bound": <summary>       (computed in each round, of the bound on as many
//                                            threads; these two only where it was measured)
//       }]
//     }]
//   }
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engines/report_parts.h"
#include "engines/run.h"

namespace rekey::bench {

/// EnginesReport is everything that is written.
struct EnginesReport {
  Conditions conditions;
  std::uint32_t ams = 0;
  std::vector<ProfileReport> profiles;
};

/// to_json returns the report in the form above.
Json to_json(const EnginesReport& report);

/// to_text returns the report as a table.
std::string to_text(const EnginesReport& report);

}  // namespace rekey::bench
