// SPDX-License-Identifier: Apache-2.0
//
// What subcommands that measure are asked: for how long, and how to print what was found.
#pragma once

#include <CLI/CLI.hpp>
#include <iostream>
#include <string>

namespace rekey::bench {

/// Output is how what was found is printed.
struct Output {
  bool json = false;

  /// add_to adds --json.
  void add_to(CLI::App* command) {
    command->add_flag("--json", json, "Print JSON instead of tables");
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

/// ReportOptions are of what measures for a given time.
struct ReportOptions : Output {
  double seconds = 1;

  /// add_to adds --json and --seconds, described by `seconds_help`.
  void add_to(CLI::App* command, const std::string& seconds_help) {
    Output::add_to(command);
    command->add_option("--seconds", seconds, seconds_help)
        ->check(CLI::Range(0.001, 3600.0))
        ->capture_default_str();
  }
};

}  // namespace rekey::bench
