// SPDX-License-Identifier: Apache-2.0
//
// Runs rekey-bench and rekey-plan as their users do: as processes.
#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <string>

namespace rekey::bench {

struct Finished {
  int exit_code = -1;
  std::string output;  ///< of both streams
};

/// run_program runs a program with `arguments`, as a shell takes them, to its end.
inline Finished run_program(const std::string& program, const std::string& arguments) {
  Finished finished;
  FILE* pipe = popen((program + " " + arguments + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return finished;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
    finished.output += static_cast<char>(c);
  }
  finished.exit_code = WEXITSTATUS(pclose(pipe));
  return finished;
}

#ifdef REKEY_BENCH
/// run_rekey_bench runs rekey-bench.
inline Finished run_rekey_bench(const std::string& arguments) {
  return run_program(REKEY_BENCH, arguments);
}
#endif

}  // namespace rekey::bench
