// SPDX-License-Identifier: Apache-2.0
//
// Writes a comparison as text, as JSON (docs/load.md has the schema) or as a page.
#pragma once

#include <string>

#include "report/comparison.h"
#include "report/html_report.h"

namespace rekey::bench::report {

std::string to_text(const Comparison& comparison);
Json to_json(const Comparison& comparison);
HtmlReport comparison_page(const Comparison& comparison);

}  // namespace rekey::bench::report
