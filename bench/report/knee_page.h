// SPDX-License-Identifier: Apache-2.0
//
// The curve of `rekey-bench load --find-knee` or `--self-test` on a page.
#pragma once

#include "report/html_report.h"
#include "report/result.h"

namespace rekey::bench::report {

/// add_knee adds the sections of one result for which is_knee() is true.
void add_knee(const Result& result, HtmlReport* page);

}  // namespace rekey::bench::report
