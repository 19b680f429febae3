// SPDX-License-Identifier: Apache-2.0
#include "json_file.h"

#include <fstream>

namespace rekey::bench {

Status read_json(const std::string& path, Json* out_json) {
  std::ifstream file(path);
  if (!file) return Status::invalid_argument(path + ": expected a result, found no file to read");
  *out_json = Json::parse(file, nullptr, false);
  if (out_json->is_discarded()) {
    return Status::invalid_argument(path + ": expected JSON, found something else");
  }
  return {};
}

}  // namespace rekey::bench
