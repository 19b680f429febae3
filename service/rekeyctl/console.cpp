// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/console.h"

#include <iostream>
#include <memory>
#include <string>

namespace rekey::ctl {

void say(std::string_view line) { std::cerr << std::string(line) + "\n"; }

ExitCode fail(ExitCode code, std::string_view message) {
  say("rekeyctl: " + std::string(message));
  return code;
}

ExitCode fail_call(const Status& status) {
  const bool unreachable = status.code() == Code::kUnavailable;
  return fail(unreachable ? kExitUnreachable : kExitFailure, status.message());
}

ExitCode fail_to_write(const wave::FileSink& sink, const Status& status) {
  if (sink.reader_is_gone()) return kExitFailure;
  return fail(kExitFailure, status.message());
}

ExitCode print(std::string_view text) {
  std::unique_ptr<wave::FileSink> sink;
  if (Status s = wave::FileSink::open("-", &sink); !s.ok()) return fail(kExitFailure, s.message());
  Status status = sink->write(text);
  if (status.ok()) status = sink->flush();
  return status.ok() ? kExitOk : fail_to_write(*sink, status);
}

}  // namespace rekey::ctl
