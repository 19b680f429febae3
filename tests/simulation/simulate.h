// SPDX-License-Identifier: Apache-2.0
//
// The program that runs histories, one for each seed, and says which breaks a promise.
#pragma once

namespace rekey::simulation {

/// simulate is main(): it runs what the command line asks for and returns the exit code.
int simulate(int argc, char** argv);

}  // namespace rekey::simulation
