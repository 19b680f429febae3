// SPDX-License-Identifier: Apache-2.0
//
// What `rekeyctl top` shows of a server.
#pragma once

#include <string>

#include "rekeyctl/metrics_sample.h"

namespace rekey::ctl {

/// top_view returns the text of one screen: rates and times of the `seconds` between two samples,
/// and the server's state at the second.
std::string top_view(const std::string& server, const MetricsSample& before,
                     const MetricsSample& now, double seconds);

}  // namespace rekey::ctl
