// SPDX-License-Identifier: Apache-2.0
//
// What an AMS costs in batches of one size and of another.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engines/contender.h"
#include "engines/interleave.h"
#include "engines/trial.h"
#include "rekey/profile.h"

namespace rekey::bench {

/// SweepPoint is one size of batch.
struct SweepPoint {
  std::uint32_t ams = 0;
  Summary ams_per_second;
  Summary cost_ratio;  ///< cost of an AMS relative to the reference size's, computed in each round
};

/// SweepReport is one contender over all sizes.
struct SweepReport : Line {
  std::vector<SweepPoint> points;
};

/// ProfileSweep is the result for one profile.
struct ProfileSweep {
  Profile profile = Profile::k16mDraft;
  std::vector<SweepReport> contenders;

  /// Whether every contender that can run here derived the right keys and was measured.
  [[nodiscard]] bool good() const;
};

/// default_sweep_sizes returns sizes from 1 to 1,000,000 AMSs.
std::span<const std::uint32_t> default_sweep_sizes();

/// sweep_reference returns the size that others are compared with: 1,024 when it is among `sizes`,
/// which are not empty, else the last.
std::uint32_t sweep_reference(std::span<const std::uint32_t> sizes);

/// run_sweep measures `contenders` at every size, all by turns in the same rounds, after comparing
/// their keys with those of openssl-ecb: the baseline would take minutes for a million AMSs.
/// Nothing is measured when a contender was refused, differed or failed.
ProfileSweep run_sweep(Profile profile, std::span<const std::uint32_t> sizes, const Plan& plan,
                       std::span<const std::unique_ptr<Contender>> contenders);

}  // namespace rekey::bench
