// SPDX-License-Identifier: Apache-2.0
//
// The JSON of every report: fields stay in the order in which they were written.
#pragma once

#include <nlohmann/json.hpp>

namespace rekey::bench {

using Json = nlohmann::ordered_json;

}  // namespace rekey::bench
