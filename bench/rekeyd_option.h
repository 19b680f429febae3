// SPDX-License-Identifier: Apache-2.0
//
// What every subcommand that starts rekeyd is asked: which one.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

namespace rekey::bench {

struct RekeydOption {
  std::string given;

  /// add_to adds --rekeyd.
  void add_to(CLI::App* command) {
    command
        ->add_option("--rekeyd", given,
                     "The rekeyd to start; the one beside rekey-bench unless given")
        ->type_name("FILE");
  }

  /// path returns the program to start.
  [[nodiscard]] std::string path() const {
    if (!given.empty()) return given;
    return std::filesystem::read_symlink("/proc/self/exe").parent_path() / "rekeyd";
  }
};

}  // namespace rekey::bench
