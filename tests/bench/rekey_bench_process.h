// SPDX-License-Identifier: Apache-2.0
//
// Runs rekey-bench as its users do: as a process.
#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <string>

namespace rekey::bench {

struct Finished {
  int exit_code = -1;
  std::string output;  ///< of both streams
};

/// run_rekey_bench runs the program with `arguments`, as a shell takes them, to its end.
inline Finished run_rekey_bench(const std::string& arguments) {
  Finished finished;
  FILE* pipe = popen((std::string(REKEY_BENCH) + " " + arguments + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return finished;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
    finished.output += static_cast<char>(c);
  }
  finished.exit_code = WEXITSTATUS(pclose(pipe));
  return finished;
}

}  // namespace rekey::bench
