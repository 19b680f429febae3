// SPDX-License-Identifier: Apache-2.0
//
// `rekey-bench engines`: AMS/s of every engine beside a plain OpenSSL loop.
#pragma once

#include <CLI/CLI.hpp>

namespace rekey::bench {

/// add_engines_command adds the subcommand to `app`. When it is run it prints its report and sets
/// `*exit_code`, which must live as long as `app`: 0 all good, 1 a wrong key, a refused engine or
/// a failure.
void add_engines_command(CLI::App* app, int* exit_code);

}  // namespace rekey::bench
