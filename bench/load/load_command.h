// SPDX-License-Identifier: Apache-2.0
//
// `rekey-bench load`: what a server does under a storm.
#pragma once

#include <CLI/CLI.hpp>

namespace rekey::bench {

/// add_load_command adds the subcommand. When it has run, `*exit_code` is 0; 1 when an answer was
/// wrong, nothing was answered, or a server could not be reached; 2 when the scenario was.
void add_load_command(CLI::App* app, int* exit_code);

}  // namespace rekey::bench
