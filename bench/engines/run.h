// SPDX-License-Identifier: Apache-2.0
//
// Runs the contenders over one profile: first every key is compared with the baseline's, then those
// that were right are measured, and with them the AES instructions that bound them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engines/contender.h"
#include "engines/interleave.h"
#include "engines/trial.h"
#include "rekey/profile.h"

namespace rekey::bench {

/// Ratio is how many times as fast a contender is as another. It and all that is drawn from two
/// rates is computed in each round, then summarized.
struct Ratio {
  std::string to;
  Summary summary;
};

/// ContenderReport is one line of the result.
struct ContenderReport : Line {
  Summary ams_per_second;
  std::vector<Ratio> ratios;      ///< to every contender measured, itself among them
  std::string bound_instruction;  ///< empty where no bound was measured
  std::optional<Summary> share_of_bound;

  /// The ratio to the contender of that name; null when there is none.
  [[nodiscard]] const Summary* ratio_to(std::string_view name) const;
};

/// BoundReport is how fast an AES instruction was on that many threads at once, and so how many
/// AMSs a second it could serve.
struct BoundReport {
  std::string instruction;
  unsigned threads = 1;
  Summary block_rounds_per_second;
  Summary ams_per_second;
  std::optional<Summary> ratio_to_one_thread;  ///< on several: of its rate to that on one
};

/// ProfileReport is the result for one profile, the baseline first.
struct ProfileReport {
  Profile profile = Profile::k16mDraft;
  std::vector<ContenderReport> contenders;
  std::vector<BoundReport> bounds;  ///< of the instructions that contenders measured spend time in

  /// Whether every contender that can run here derived the right keys and was measured.
  [[nodiscard]] bool good() const;
};

/// run_profile compares and measures `contenders`, the first of which is the baseline, with batches
/// of `ams` AMSs. Nothing is measured when a contender was refused, differed or failed.
ProfileReport run_profile(Profile profile, std::uint32_t ams, const Plan& plan,
                          std::span<const std::unique_ptr<Contender>> contenders);

}  // namespace rekey::bench
