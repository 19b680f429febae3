// SPDX-License-Identifier: Apache-2.0
//
// `rekey-bench echo-server`: what `rekey-bench service` starts beside rekeyd.
#pragma once

#include <CLI/CLI.hpp>

namespace rekey::bench {

/// add_echo_command adds the subcommand, which help does not show. It says on standard error, as
/// rekeyd does, where it is `listening on HOST:PORT`, and runs until it is killed; 1 when it cannot
/// start goes to `*exit_code`, which must live as long as `app`.
void add_echo_command(CLI::App* app, int* exit_code);

}  // namespace rekey::bench
