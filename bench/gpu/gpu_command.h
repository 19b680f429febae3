// SPDX-License-Identifier: Apache-2.0
//
// `rekey-bench gpu`: what a GPU makes of batches of every size, beside the vector engine.
#pragma once

#include <CLI/CLI.hpp>

namespace rekey::bench {

/// kNoGpuExit is the exit code where there is no GPU to measure.
inline constexpr int kNoGpuExit = 3;

/// add_gpu_command adds the subcommand to `app`. When it ran, `*exit_code` is set: 0 all good, 1 a
/// wrong key or a failure, kNoGpuExit.
void add_gpu_command(CLI::App* app, int* exit_code);

}  // namespace rekey::bench
