// SPDX-License-Identifier: Apache-2.0
//
// Writes a plan: as text, as JSON (docs/plan.md has the schema), as a page.
#pragma once

#include <string>
#include <vector>

#include "json.h"
#include "plan/planner.h"
#include "plan/validation.h"
#include "report/html_report.h"

namespace rekey::bench::plan {

/// PlanReport is a plan with how far its model is off, where that was measured.
struct PlanReport {
  Plan plan;
  std::vector<Validation> validations;
};

Json to_json(const PlanReport& report);
std::string to_text(const PlanReport& report);
/// to_page returns the page, with the JSON in it.
report::HtmlReport to_page(const PlanReport& report);

}  // namespace rekey::bench::plan
