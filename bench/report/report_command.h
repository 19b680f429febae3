// SPDX-License-Identifier: Apache-2.0
//
// `rekey-bench report`: results of loads as a page.
#pragma once

#include <CLI/CLI.hpp>

namespace rekey::bench {

/// add_report_command adds the subcommand. When it has run, `*exit_code` is 0; 1 when the page
/// could not be written; 2 when a file was not there or no result.
void add_report_command(CLI::App* app, int* exit_code);

}  // namespace rekey::bench
