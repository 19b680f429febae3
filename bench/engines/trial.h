// SPDX-License-Identifier: Apache-2.0
//
// What comes before anything is timed: a contender is admitted, derives once, and its keys are
// compared with others'.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engines/contender.h"
#include "engines/workload.h"
#include "rekey/batch.h"
#include "rekey/status.h"

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

/// Line names a contender in a report and says how it went.
struct Line {
  std::string name;
  std::string description;
  Outcome outcome = Outcome::kMeasured;
  std::string reason;  ///< why it was not measured

  /// fail sets the outcome, with the status's message as the reason.
  void fail(Outcome how, const Status& status);
  /// Whether all went well with a contender that can run here.
  [[nodiscard]] bool good() const {
    return outcome == Outcome::kMeasured || outcome == Outcome::kUnavailable;
  }
};

/// introduce writes who the contender is to `*line`, and admits it. Returns whether it may derive.
bool introduce(Contender& contender, Line* line);

/// derive lets the contender fill `found`, and notes a failure in `*line`.
Status derive(Contender& contender, const CheckedBatch& batch, const ResultColumns& found,
              Line* line);

/// compare notes in `*line` the first key of `found` that is not the one in `expected`. Returns
/// whether there is none.
bool compare(const ResultColumns& expected, const ResultColumns& found, Line* line);

}  // namespace rekey::bench
