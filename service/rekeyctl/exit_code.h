// SPDX-License-Identifier: Apache-2.0
//
// How rekeyctl ends. The numbers are part of its interface.
#pragma once

namespace rekey::ctl {

enum ExitCode : int {
  kExitOk = 0,
  kExitFailure = 1,      ///< the command failed; for `health` and `selftest`: the answer is no
  kExitUsage = 2,        ///< the command line is wrong
  kExitSomeFailed = 3,   ///< AMSs failed, or lines were passed over with --keep-going
  kExitMismatch = 4,     ///< --verify found a key that OpenSSL derives differently
  kExitUnreachable = 5,  ///< the server cannot be reached, or does not take calls
};

}  // namespace rekey::ctl
