// SPDX-License-Identifier: Apache-2.0
#include "shipped_file.h"

#include <filesystem>

namespace rekey::bench {

std::string shipped_file(const std::string& kind, const std::string& name) {
  if (std::filesystem::exists(name) || name.find_first_of("/.") != std::string::npos) return name;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe");
  const auto shipped =
      program.parent_path().parent_path() / "share/rekey" / kind / (name + ".yaml");
  return std::filesystem::exists(shipped) ? shipped.string() : name;
}

}  // namespace rekey::bench
