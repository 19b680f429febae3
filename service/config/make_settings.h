// SPDX-License-Identifier: Apache-2.0
//
// From what was written to settings that fit together.
#pragma once

#include <span>

#include "config/given.h"
#include "config/settings.h"
#include "rekey/status.h"

namespace rekey::config {

/// make_settings lets later sources win over earlier ones, and checks every value and how they fit
/// together. It reads no files. kInvalidArgument has one line for each thing that is wrong, which
/// says where it was written, what was expected and what was found; `*out_settings` is then
/// unchanged.
Status make_settings(std::span<const GivenSettings* const> sources, Settings* out_settings);

}  // namespace rekey::config
