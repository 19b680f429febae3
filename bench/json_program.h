// SPDX-License-Identifier: Apache-2.0
//
// Runs a benchmark that is a program of its own, and reads its result.
#pragma once

#include <string>
#include <vector>

#include "json.h"
#include "rekey/status.h"

namespace rekey::bench {

/// MemoryFile is a file without a place on a disk, gone with this object.
class MemoryFile {
 public:
  MemoryFile();
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  /// Negative when there was no memory.
  [[nodiscard]] int number() const { return number_; }
  /// The name that a child process can open it by.
  [[nodiscard]] std::string name() const;
  /// write appends; false when there was no memory.
  [[nodiscard]] bool write(const std::string& text) const;
  [[nodiscard]] std::string text() const;

 private:
  int number_;
};

/// run_json runs a program, whose path is the first word of `command`, waits for its end and parses
/// its standard output. The program has what the calling thread was given: its cores and its turns.
/// kUnavailable, with its standard error, when it cannot be run or fails.
Status run_json(std::vector<std::string> command, Json* out_json);

}  // namespace rekey::bench
