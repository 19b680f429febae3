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
#include "engines/sweep.h"
#include "engines/sweep_report.h"
#include "profile_choice.h"
#include "rekey/engines.h"
#include "rekey/worker_pool.h"
#include "report_options.h"

namespace rekey::bench {
namespace {

struct Options {
  std::vector<std::uint32_t> ams = {4'096};
  bool sweep = false;
  ReportOptions report;
  ProfileChoice profiles;
  ContenderChoice contenders;
  bool all_targets = false;
  unsigned threads = 1;
};

std::vector<std::string> target_names() {
  const auto targets = simd_targets();
  return {targets.begin(), targets.end()};
}

int run_one_size(const Options& options, const Conditions& conditions) {
  const auto contenders = make_contenders(options.contenders);
  EnginesReport report{conditions, options.ams.front(), {}};
  for (Profile profile : options.profiles.profiles()) {
    report.profiles.push_back(run_profile(profile, report.ams, conditions.plan, contenders));
  }
  options.report.print(report);
  return std::ranges::all_of(report.profiles, &ProfileReport::good) ? 0 : 1;
}

int run_sizes(const Options& options, const Conditions& conditions) {
  const auto contenders = make_simd_contenders(options.contenders);
  EnginesSweep sweep{conditions, sweep_reference(options.ams), {}};
  for (Profile profile : options.profiles.profiles()) {
    sweep.profiles.push_back(run_sweep(profile, options.ams, conditions.plan, contenders));
  }
  options.report.print(sweep);
  return std::ranges::all_of(sweep.profiles, &ProfileSweep::good) ? 0 : 1;
}

int run(Options options) {
  if (options.all_targets) options.contenders.simd_targets = target_names();
  if (options.sweep) {
    options.ams.assign(default_sweep_sizes().begin(), default_sweep_sizes().end());
  }
  std::unique_ptr<WorkerPool> pool;
  if (Status status = WorkerPool::create(options.threads, &pool); !status.ok()) {
    std::cerr << "--threads: " << status.message() << '\n';
    return 1;
  }
  options.contenders.pool = pool.get();
  const Conditions conditions{this_machine(), options.threads,
                              Plan::for_seconds(options.report.seconds)};
  return options.ams.size() > 1 ? run_sizes(options, conditions)
                                : run_one_size(options, conditions);
}

}  // namespace

void add_engines_command(CLI::App* app, int* exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app->add_subcommand(
      "engines",
      "Prints the AMSs a second that every engine derives on one thread (simd on several with "
      "--threads), beside other ways to derive the same keys: a plain OpenSSL loop (a new "
      "EVP_MAC_CTX for every MAC) as the baseline, OpenSSL with a context reused and with CMAC by "
      "hand over ECB, and intel-ipsec-mb. All run by turns in one process, in short slices, and "
      "are compared round by round; so is the rate of the CPU's own AES instruction, which says "
      "what share of the possible an engine reaches. Before anything is timed, each engine must "
      "give its known answers, and every contender the baseline's keys.");
  options->report.add_to(command,
                         "Time to measure each contender, or each size, for in each profile");
  CLI::Option* ams =
      command
          ->add_option(
              "--ams", options->ams,
              "AMSs in a batch. Given several sizes, only the simd engine is measured, and "
              "its cost an AMS is compared from size to size")
          ->check(CLI::Range(std::uint32_t{1}, kMaxBatchItems))
          ->capture_default_str();
  command
      ->add_flag("--sweep", options->sweep,
                 "As --ams with ten sizes from 1 to 1000000 (takes about 300 MB)")
      ->excludes(ams);
  options->profiles.add_to(command);
  CLI::Option* target =
      command
          ->add_option("--target", options->contenders.simd_targets,
                       "Instruction sets to force the simd engine to; the best one unless given")
          ->check(CLI::IsMember(target_names()));
  command
      ->add_flag("--all-targets", options->all_targets,
                 "Measure the simd engine on every instruction set this machine has")
      ->excludes(target);
  command
      ->add_option("--threads", options->threads,
                   "Threads that the simd engine spreads large batches over; all others run on "
                   "one. With several, the simd engine is measured on one too, and the AES "
                   "instruction on one and on all at once: more threads than cores, or cores that "
                   "are shared, show there")
      ->check(CLI::Range(1U, WorkerPool::kMaxThreads))
      ->capture_default_str();
  command->callback([options, exit_code] { *exit_code = run(*options); });
}

}  // namespace rekey::bench
