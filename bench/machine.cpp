// SPDX-License-Identifier: Apache-2.0
#include "machine.h"

#include <fstream>
#include <thread>

namespace rekey::bench {

Machine this_machine() {
  Machine machine{"unknown", std::thread::hardware_concurrency()};
  std::ifstream cpuinfo("/proc/cpuinfo");
  for (std::string line; std::getline(cpuinfo, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) {
      machine.cpu = line.substr(colon + 2);
      break;
    }
  }
  return machine;
}

}  // namespace rekey::bench
