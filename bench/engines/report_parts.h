// SPDX-License-Identifier: Apache-2.0
//
// What the reports of `rekey-bench engines` have in common. In JSON:
//
//   machine   {"cpu": <model name>, "cpus": <logical CPUs>}
//   summary   {"median", "min", "max"}       over the rounds
//   line      "name": "openssl-loop" | "openssl-reused" | "openssl-ecb" | "ipsec-mb" |
//                     "ipsec-mb-cbc" | "openssl-referee" | "openssl" | "simd" | "simd_<target>" |
//                     "cuda",
//             "description": <what it is and runs on>,
//             "outcome": "measured" | "unavailable" | "refused" | "mismatch" | "failed",
//             "reason": <why it was not measured; absent when it was>
#pragma once

#include <iosfwd>
#include <string>

#include "engines/interleave.h"
#include "engines/trial.h"
#include "json.h"
#include "machine.h"

namespace rekey::bench {

/// Conditions is what all figures of a report were measured under.
struct Conditions {
  Machine machine;
  unsigned threads = 1;  ///< of the simd engine; all others have one
  Plan plan;
};

/// conditions_to_json returns "machine", "threads" (of the simd engine; all others have one),
/// "sas_per_ams": 1, "teks_per_sa": 2, "rounds" and "slice_seconds" (of one contender in one round,
/// at least). legacy-16e derives no TEKs; its AMSs have no security association.
Json conditions_to_json(const Conditions& conditions);
Json summary_to_json(const Summary& summary);
Json line_to_json(const Line& line);

/// write_conditions writes the same for people; `batch` says how many AMSs a batch has.
void write_conditions(const Conditions& conditions, const std::string& batch, std::ostream& out);
/// write_reason writes why the contender was not measured, and ends the line.
void write_reason(const Line& line, std::ostream& out);
/// range_text returns `(MIN to MAX)`.
std::string range_text(const Summary& summary);

}  // namespace rekey::bench
