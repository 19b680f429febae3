// SPDX-License-Identifier: Apache-2.0
#include "engines/engines_command.h"

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "engines/contender.h"
#include "engines/report.h"
#include "engines/run.h"
#include "rekey/engines.h"

namespace rekey::bench {
namespace {

struct Options {
  bool json = false;
  std::uint32_t ams = 4'096;
  double seconds = 1;
  std::vector<std::string> profiles;  ///< empty: all
  ContenderChoice contenders;
  bool all_targets = false;
};

std::vector<std::string> profile_names() {
  std::vector<std::string> names;
  for (Profile profile : kAllProfiles) names.emplace_back(to_string(profile));
  return names;
}

std::vector<std::string> target_names() {
  const auto targets = simd_targets();
  return {targets.begin(), targets.end()};
}

int run(Options options) {
  if (options.profiles.empty()) options.profiles = profile_names();
  if (options.all_targets) options.contenders.simd_targets = target_names();
  const auto contenders = make_contenders(options.contenders);
  EnginesReport report{this_machine(), options.ams, Plan::for_seconds(options.seconds), {}};
  for (const std::string& name : options.profiles) {
    const Profile profile = profile_from_string(name).value();  // the parser has checked it
    report.profiles.push_back(run_profile(profile, options.ams, report.plan, contenders));
  }
  if (options.json) {
    std::cout << to_json(report).dump(2) << '\n';
  } else {
    std::cout << to_text(report);
  }
  return std::ranges::all_of(report.profiles, &ProfileReport::good) ? 0 : 1;
}

}  // namespace

void add_engines_command(CLI::App* app, int* exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app->add_subcommand(
      "engines",
      "Prints the AMSs a second that every engine derives on one thread, beside a plain OpenSSL "
      "loop (a new EVP_MAC_CTX for every MAC) as the baseline. All run by turns in one process, in "
      "short slices, and are compared round by round. Before anything is timed, each engine must "
      "give its known answers and the baseline's keys.");
  command->add_flag("--json", options->json, "Print JSON instead of a table");
  command->add_option("--ams", options->ams, "AMSs in a batch")
      ->check(CLI::Range(std::uint32_t{1}, kMaxBatchItems))
      ->capture_default_str();
  command
      ->add_option("--seconds", options->seconds,
                   "Time to measure each contender for in each profile")
      ->check(CLI::Range(0.001, 3600.0))
      ->capture_default_str();
  command
      ->add_option("--profile", options->profiles, "Profiles to measure; all of them unless given")
      ->check(CLI::IsMember(profile_names()));
  CLI::Option* target =
      command
          ->add_option("--target", options->contenders.simd_targets,
                       "Instruction sets to force the simd engine to; the best one unless given")
          ->check(CLI::IsMember(target_names()));
  command
      ->add_flag("--all-targets", options->all_targets,
                 "Measure the simd engine on every instruction set this machine has")
      ->excludes(target);
  command->callback([options, exit_code] { *exit_code = run(*options); });
}

}  // namespace rekey::bench
