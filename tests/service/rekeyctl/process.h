// SPDX-License-Identifier: Apache-2.0
//
// Runs rekeyctl as its users do: as a process.
#pragma once

#include <string>
#include <vector>

namespace rekey::ctl {

struct Outcome {
  int exit_code = -1;  ///< -1: it did not end by itself
  std::string out;
  std::string err;
};

/// run_rekeyctl runs the program with `arguments`, gives it `input` on standard input and waits for
/// its end. `environment` adds to the test's own, as NAME=value.
Outcome run_rekeyctl(const std::vector<std::string>& arguments, const std::string& input = {},
                     const std::vector<std::string>& environment = {});

/// TempFolder is a folder of its own, removed with its files at the end.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  [[nodiscard]] std::string path(const std::string& name) const { return path_ + "/" + name; }
  /// write makes a file and returns its path.
  [[nodiscard]] std::string write(const std::string& name, const std::string& text) const;
  [[nodiscard]] std::string read(const std::string& name) const;

 private:
  std::string path_;
};

}  // namespace rekey::ctl
