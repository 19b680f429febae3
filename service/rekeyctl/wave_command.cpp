// SPDX-License-Identifier: Apache-2.0
#include <CLI/App.hpp>
#include <memory>
#include <string>

#include "rekeyctl/commands.h"
#include "rekeyctl/console.h"
#include "rekeyctl/format_flags.h"
#include "rekeyctl/profile_flags.h"
#include "wave/scenario.h"
#include "wave/sink.h"
#include "wave/wave_writer.h"

namespace rekey::ctl {
namespace {

struct WaveFlags {
  std::string scenario = "abs-outage";
  std::uint64_t count = 0;
  bool count_given = false;
  std::uint64_t seed = 1;
  std::string out = "-";
  std::string format;
  ProfileFlags profile;
};

ExitCode run_wave(const WaveFlags& flags) {
  wave::Rules rules;
  if (Status s = flags.profile.resolve(&rules); !s.ok()) return fail(kExitUsage, s.message());
  const auto scenario = wave::scenario_from_string(flags.scenario);
  if (!scenario) {
    return fail(kExitUsage,
                "--scenario: expected abs-outage, train, leo or uniform, found " + flags.scenario);
  }
  wave::Format format = wave::Format::kJsonLines;
  if (!flags.format.empty() || flags.out != "-") {
    Status s = resolve_format("--format", flags.format, flags.out, &format);
    if (!s.ok()) return fail(kExitUsage, s.message());
  }

  std::unique_ptr<wave::FileSink> sink;
  if (Status s = wave::FileSink::open(flags.out, &sink); !s.ok()) {
    return fail(kExitFailure, s.message());
  }
  wave::WaveWriter writer(format, rules, *sink);
  wave::WaveGenerator generator(*scenario, flags.seed, rules);
  Status status = writer.begin();
  const std::uint64_t count = flags.count_given ? flags.count : wave::default_count(*scenario);
  for (std::uint64_t i = 0; i < count && status.ok(); ++i) status = writer.write(generator.next());
  if (status.ok()) status = sink->flush();
  return status.ok() ? kExitOk : fail_to_write(*sink, status);
}

}  // namespace

Command add_wave_command(CLI::App& program) {
  const auto flags = std::make_shared<WaveFlags>();
  CLI::App* command = program.add_subcommand(
      "wave", "Make a synthetic wave of AMSs from a scenario and a seed; its keys are no secrets");
  command
      ->add_option("--scenario", flags->scenario,
                   "abs-outage: one ABS fails, 4,096 AMSs spread over six neighbours; "
                   "train: 1,000 AMSs into one ABS; leo: 30,000 users to the next satellite; "
                   "uniform: 1,000 AMSs, all at random")
      ->capture_default_str();
  const CLI::Option* count =
      command->add_option("--count", flags->count, "How many AMSs, if not the scenario's number");
  command->add_option("--seed", flags->seed, "The same seed gives the same wave anywhere")
      ->capture_default_str();
  command->add_option("--out", flags->out, "File to write, - for standard output")
      ->capture_default_str();
  command->add_option("--format", flags->format,
                      "csv or jsonl, if the file's name does not tell; jsonl on standard output");
  flags->profile.add_to(*command);
  command->footer(
      "Examples:\n"
      "  rekeyctl wave --scenario abs-outage --count 100000 --seed 7 --out wave.csv\n"
      "  rekeyctl wave --scenario train --profile legacy-16e | head -1");
  return {command, [flags, count] {
            flags->count_given = count->count() > 0;
            return run_wave(*flags);
          }};
}

}  // namespace rekey::ctl
