// SPDX-License-Identifier: Apache-2.0
//
// Synthetic waves: the mass handovers the product is built for, made from a seed. The same
// scenario, seed and profile give the same wave on every machine. Their keys are no secrets, and
// every reference says that they are synthetic.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "wave/ams_record.h"
#include "wave/random.h"
#include "wave/wave.h"

namespace rekey::wave {

enum class Scenario : std::uint8_t {
  /// `abs-outage`: one ABS fails, and its AMSs, 4,096 unless told otherwise, spread over its six
  /// neighbours. One to four security associations each.
  kAbsOutage,
  /// `train`: 1,000 passengers cross a cell edge into one target ABS. One or two each.
  kTrain,
  /// `leo`: a satellite sets, and its 30,000 users move to the next one. One to four each.
  kLeo,
  /// `uniform`: 1,000 AMSs, everything drawn at random, BSID included. None to eight security
  /// associations each, their SAIDs over the whole range.
  kUniform,
};

inline constexpr std::array kAllScenarios = {Scenario::kAbsOutage, Scenario::kTrain, Scenario::kLeo,
                                             Scenario::kUniform};

/// to_string returns the scenario's name as users write it.
std::string_view to_string(Scenario scenario);

/// scenario_from_string is the inverse of to_string; nothing when the name is unknown.
std::optional<Scenario> scenario_from_string(std::string_view name);

/// default_count returns how many AMSs the scenario has unless told otherwise.
std::uint64_t default_count(Scenario scenario);

/// WaveGenerator makes the AMSs of a wave one at a time. It has no end.
///
/// MSIDs carry the bit of locally administered addresses, so that they are no real device's.
/// Outside `uniform`, an AMS moves from one of at most 64 earlier handovers (CMAC_KEY_COUNT 1 to
/// 64) and its SAIDs count from 1.
class WaveGenerator {
 public:
  WaveGenerator(Scenario scenario, std::uint64_t seed, const Rules& rules);

  AmsRecord next();

 private:
  void draw_saids(AmsRecord* record);

  Scenario scenario_;
  std::uint64_t seed_;
  Rules rules_;
  Random random_;
  std::vector<std::array<std::uint8_t, kBsidOctets>> targets_;
  std::uint64_t made_ = 0;
};

/// make_wave returns the first `count` AMSs of the scenario.
Wave make_wave(Scenario scenario, std::uint64_t count, std::uint64_t seed, const Rules& rules);

}  // namespace rekey::wave
