// SPDX-License-Identifier: Apache-2.0
//
// What rekeyctl says to people: errors on standard error, one line each; answers on standard
// output.
#pragma once

#include <string_view>

#include "rekey/status.h"
#include "rekeyctl/exit_code.h"
#include "wave/sink.h"

namespace rekey::ctl {

/// say prints one line on standard error.
void say(std::string_view line);

/// fail prints `rekeyctl: message` on standard error and returns `code`.
ExitCode fail(ExitCode code, std::string_view message);

/// fail_call reports a call that failed: kExitUnreachable when the server cannot be reached or
/// takes no calls.
ExitCode fail_call(const Status& status);

/// fail_to_write reports that `sink` cannot be written, and is silent when whoever read standard
/// output has gone away: they know.
ExitCode fail_to_write(const wave::FileSink& sink, const Status& status);

/// print writes `text` to standard output and returns kExitOk, or reports why it cannot.
ExitCode print(std::string_view text);

}  // namespace rekey::ctl
