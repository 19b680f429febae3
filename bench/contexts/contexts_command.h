// SPDX-License-Identifier: Apache-2.0
//
// `rekey-bench contexts`: what key contexts that are kept cost beside keys that are only derived.
#pragma once

#include <CLI/CLI.hpp>

namespace rekey::bench {

/// add_contexts_command adds the subcommand. When it is run, the exit code of the process goes to
/// `*exit_code`, which must live as long as `app`: 0 all was measured; 1 a server could not be
/// started, died, failed a call or gave a wrong key.
void add_contexts_command(CLI::App* app, int* exit_code);

}  // namespace rekey::bench
