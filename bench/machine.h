// SPDX-License-Identifier: Apache-2.0
//
// What every figure is printed beside: the machine it was measured on.
#pragma once

#include <string>

namespace rekey::bench {

struct Machine {
  std::string cpu;    ///< the model's name as the kernel gives it
  unsigned cpus = 0;  ///< logical CPUs this process may use
};

/// this_machine reads the machine from the kernel; the model is `unknown` where it is not told.
Machine this_machine();

}  // namespace rekey::bench
