// SPDX-License-Identifier: Apache-2.0
//
// The parts of a plan as tables, for the terminal and for the page. Every row says where its
// figures come from.
#pragma once

#include <string>
#include <vector>

#include "plan/planner.h"
#include "report/html_report.h"

namespace rekey::bench::plan {

struct Validation;

/// number returns a number for people: four digits that count, no exponent.
std::string number(double value);

report::Table input_table(const Plan& plan);
report::Table cost_table(const MachinePlan& plan, load::Method method);
report::Table case_table(const MachinePlan& plan);
report::Table sensitivity_table(const MachinePlan& plan);
report::Table gpu_table(const MachinePlan& plan);
report::Table validation_table(const std::vector<Validation>& validations);

/// case_name returns the name of a case with whether it is after growth.
std::string case_name(const CaseLoad& load);

/// summary returns the plan with one machine in a sentence or two.
std::string summary(const Plan& plan, const MachinePlan& machine);

/// to_text returns a table in columns.
std::string to_text(const report::Table& table);

}  // namespace rekey::bench::plan
