// SPDX-License-Identifier: Apache-2.0
//
// The commands of rekeyctl. Each adds its flags to the program and returns what runs it once the
// command line has been read.
#pragma once

#include <CLI/App.hpp>
#include <functional>

#include "rekeyctl/exit_code.h"

namespace rekey::ctl {

struct Command {
  CLI::App* flags = nullptr;  ///< owned by the program
  std::function<ExitCode()> run;
};

Command add_capabilities_command(CLI::App& program);
Command add_contexts_command(CLI::App& program);
Command add_derive_command(CLI::App& program);
Command add_drain_command(CLI::App& program);
Command add_health_command(CLI::App& program);
Command add_pin_command(CLI::App& program);
Command add_selftest_command(CLI::App& program);
Command add_top_command(CLI::App& program);
Command add_vectors_command(CLI::App& program);
Command add_wave_command(CLI::App& program);

}  // namespace rekey::ctl
