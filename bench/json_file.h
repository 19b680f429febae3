// SPDX-License-Identifier: Apache-2.0
//
// Results of the benchmarks, read from files.
#pragma once

#include <string>

#include "json.h"
#include "rekey/status.h"

namespace rekey::bench {

/// read_json reads a file. kInvalidArgument names it when it cannot be read or is no JSON.
Status read_json(const std::string& path, Json* out_json);

}  // namespace rekey::bench
