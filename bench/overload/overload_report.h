// SPDX-License-Identifier: Apache-2.0
//
// Writes what `rekey-bench overload` found, as tables for people or as JSON (docs/load.md has the
// schema).
#pragma once

#include <optional>
#include <string>

#include "engines/report_parts.h"
#include "machine.h"
#include "overload/overload_run.h"

namespace rekey::bench::overload {

struct OverloadReport {
  Machine machine;
  OverloadPlan plan;
  OverloadFigures overload;
  FloodFigures flood;
};

/// OverloadBar is one bar and whether the median of the rounds reaches it.
struct OverloadBar {
  std::string name;
  bool at_least = false;  ///< otherwise: at most
  double limit = 0;
  Summary found;

  [[nodiscard]] bool met() const {
    return at_least ? found.median >= limit : found.median <= limit;
  }
};

/// bars_of returns every bar of the report.
std::vector<OverloadBar> bars_of(const OverloadReport& report);

Json to_json(const OverloadReport& report);
std::string to_text(const OverloadReport& report);

}  // namespace rekey::bench::overload
