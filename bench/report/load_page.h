// SPDX-License-Identifier: Apache-2.0
//
// Results of `rekey-bench load` as a page.
#pragma once

#include <vector>

#include "report/html_report.h"
#include "report/result.h"

namespace rekey::bench::report {

/// load_page shows one or more results: what was asked and answered, latencies, what happened over
/// time, errors, the servers' own metrics, and under what conditions. Several runs are put side by
/// side first.
HtmlReport load_page(const std::vector<Result>& results);

}  // namespace rekey::bench::report
