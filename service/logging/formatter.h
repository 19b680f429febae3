// SPDX-License-Identifier: Apache-2.0
//
// Log lines as they are written.
#pragma once

#include <spdlog/formatter.h>

#include <memory>

#include "logging/logging.h"

namespace rekey::logging {

/// make_formatter returns what spdlog formats lines with.
std::unique_ptr<spdlog::formatter> make_formatter(Format format);

}  // namespace rekey::logging
