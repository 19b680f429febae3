// SPDX-License-Identifier: Apache-2.0
//
// Runs the contenders over one profile: first every key is compared with the baseline's, then those
// that were right are measured.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engines/contender.h"
#include "engines/interleave.h"
#include "rekey/profile.h"

namespace rekey::bench {

/// How it went with one contender.
enum class Outcome : std::uint8_t {
  kMeasured,
  kUnavailable,  ///< it cannot run here
  kRefused,      ///< its known answers came out wrong
  kMismatch,     ///< a key differed from the baseline's
  kFailed,       ///< it reported a failure
};

/// to_string returns the outcome's name in reports: `measured`, `unavailable`, `refused`,
/// `mismatch` or `failed`.
std::string_view to_string(Outcome outcome);

/// ContenderReport is one line of the result.
struct ContenderReport {
  std::string name;
  std::string description;
  Outcome outcome = Outcome::kMeasured;
  std::string reason;  ///< why it was not measured
  Summary ams_per_second;
  Summary ratio_to_baseline;  ///< computed in each round, then summarized
};

/// ProfileReport is the result for one profile, the baseline first.
struct ProfileReport {
  Profile profile = Profile::k16mDraft;
  std::vector<ContenderReport> contenders;

  /// Whether every contender that can run here derived the right keys and was measured.
  [[nodiscard]] bool good() const;
};

/// run_profile compares and measures `contenders`, the first of which is the baseline, on one
/// thread with batches of `ams` AMSs. Nothing is measured when a contender was refused, differed or
/// failed.
ProfileReport run_profile(Profile profile, std::uint32_t ams, const Plan& plan,
                          std::span<const std::unique_ptr<Contender>> contenders);

}  // namespace rekey::bench
