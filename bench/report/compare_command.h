// SPDX-License-Identifier: Apache-2.0
//
// `rekey-bench compare`: whether results of loads differ.
#pragma once

#include <CLI/CLI.hpp>

namespace rekey::bench {

/// add_compare_command adds the subcommand. When it has run, `*exit_code` is 0 whether or not a
/// difference was shown; 1 when a page could not be written; 2 when the results cannot be compared.
void add_compare_command(CLI::App* app, int* exit_code);

}  // namespace rekey::bench
