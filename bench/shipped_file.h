// SPDX-License-Identifier: Apache-2.0
//
// Scenarios and networks that come with the programs are found by name.
#pragma once

#include <string>

namespace rekey::bench {

/// shipped_file returns the path of `share/rekey/<kind>/<name>.yaml` beside this program's folder
/// when `name` is the name of such a file; `name` itself when it is a path, or of no such file.
std::string shipped_file(const std::string& kind, const std::string& name);

}  // namespace rekey::bench
