// SPDX-License-Identifier: Apache-2.0
//
// What every subcommand that measures is asked: for how long, and how to print what it found.
#pragma once

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

namespace rekey::bench {

struct ReportOptions {
  bool json = false;
  double seconds = 1;

  /// add_to adds --json and --seconds, described by `seconds_help`.
  void add_to(CLI::App* command, const std::string& seconds_help) {
    command->add_flag("--json", json, "Print JSON instead of tables");
    command->add_option("--seconds", seconds, seconds_help)
        ->check(CLI::Range(0.001, 3600.0))
        ->capture_default_str();
  }

  /// print writes a report that has to_json() and to_text().
  template <typename Report>
  void print(const Report& report) const {
    if (json) {
      std::cout << to_json(report).dump(2) << '\n';
    } else {
      std::cout << to_text(report);
    }
  }
};

}  // namespace rekey::bench
