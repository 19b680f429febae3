// SPDX-License-Identifier: Apache-2.0
//
// A page for people beside the metrics: it reads them and shows what they say.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rekey::metrics {

/// status_page_response returns the whole HTTP response, headers included, to a request for `path`:
/// the page, its style or its script. Nothing for any other path. The page may load what comes from
/// here and nothing else, and no other site may frame it.
std::optional<std::string> status_page_response(std::string_view path);

}  // namespace rekey::metrics
