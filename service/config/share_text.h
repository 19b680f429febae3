// SPDX-License-Identifier: Apache-2.0
//
// What one caller may have, as it is written: `gateway-1.example:weight=4,rate=200000,burst=65536`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rekey/status.h"
#include "scheduler/limits.h"

namespace rekey::config {

/// Stands for every caller that is not named.
inline constexpr std::string_view kAnyCaller = "*";

/// parse_shares takes texts of a caller's name, a colon, and one or more of weight, rate (AMSs a
/// second) and burst (AMSs; as many as the rate unless given), separated by commas. What follows
/// the last colon is no name, so that a name may be an IPv6 address. kInvalidArgument says
/// `expected ..., found '...'`.
Status parse_shares(const std::vector<std::string>& texts, scheduler::Shares* out_shares);

/// show_shares is the inverse: texts that say all there is to each share.
std::vector<std::string> show_shares(const scheduler::Shares& shares);

}  // namespace rekey::config
