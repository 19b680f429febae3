// SPDX-License-Identifier: Apache-2.0
//
// What `derive` reports of a run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "rekey/profile.h"
#include "rekeyctl/derive_wave.h"

namespace rekey::ctl {

/// Summary of one run. Its time is that of everything: reading, deriving, verifying, writing.
struct Summary {
  struct Verification {
    std::uint64_t verified = 0;
    std::uint64_t mismatches = 0;
  };

  Profile profile = Profile::k16mDraft;
  std::string where;    ///< the server's address, or `this process`
  std::string machine;  ///< on which rekeyctl ran
  WaveTotals totals;
  std::uint64_t lines_passed_over = 0;
  double seconds = 0;
  std::optional<Verification> verification;  ///< nothing when --verify was not given

  [[nodiscard]] double items_per_second() const;
  /// to_table returns a short table for people, without the last line's end.
  [[nodiscard]] std::string to_table() const;
  /// to_json returns one JSON object.
  [[nodiscard]] std::string to_json() const;
};

/// this_machine names the host and its processor, for the side of a measured figure.
std::string this_machine();

}  // namespace rekey::ctl
