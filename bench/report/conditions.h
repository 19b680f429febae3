// SPDX-License-Identifier: Apache-2.0
//
// What a result was measured under, in words.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "report/html_report.h"
#include "report/result.h"

namespace rekey::bench::report {

/// The names of all conditions, `scenario` first.
std::span<const char* const> condition_names();

/// condition says one of them of a checked result.
std::string condition(const Json& result, const std::string& name);

/// conditions_table has a line for each condition and a column for each result.
Table conditions_table(const std::vector<const Result*>& results);

}  // namespace rekey::bench::report
