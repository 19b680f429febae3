// SPDX-License-Identifier: Apache-2.0
//
// Times ways at several sizes of batch. Those of one size run by turns in the same rounds.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engines/interleave.h"
#include "engines/trial.h"
#include "gpu/link_octets.h"
#include "gpu/way.h"
#include "rekey/profile.h"

namespace rekey::bench {

/// GpuPoint is a way at one size.
struct GpuPoint {
  std::uint32_t ams = 0;
  Summary ams_per_second;
  Summary ratio;  ///< to the first way, computed in each round
};

/// GpuLine is a way at all sizes.
struct GpuLine : Line {
  std::vector<GpuPoint> points;
};

/// GpuProfileReport is the result for one profile, the ways in their order.
struct GpuProfileReport {
  Profile profile = Profile::k16mDraft;
  LinkOctets ams_octets;  ///< of one AMS
  std::vector<GpuLine> lines;

  /// Whether every way derived the right keys and was timed at every size.
  [[nodiscard]] bool good() const;
  /// The line of that name; null when there is none.
  [[nodiscard]] const GpuLine* line(std::string_view name) const;
};

/// run_gpu times `ways`, of which the first is what the others are compared with, at `sizes` in
/// ascending order. Before a size is timed, all keys are compared with those of OpenSSL. A way that
/// fails or differs ends the run of the profile.
GpuProfileReport run_gpu(Profile profile, std::span<const std::uint32_t> sizes, const Plan& plan,
                         std::span<const WayKind> ways);

/// crossover returns the smallest size from which on, at it and every larger one, the way was
/// faster than the first; nothing when it was slower at the largest, or was not timed.
std::optional<std::uint32_t> crossover(const GpuLine& line);

}  // namespace rekey::bench
