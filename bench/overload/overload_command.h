// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>

namespace rekey::bench {

/// add_overload_command adds `overload`, which writes the program's exit code to `*exit_code`.
void add_overload_command(CLI::App* app, int* exit_code);

}  // namespace rekey::bench
