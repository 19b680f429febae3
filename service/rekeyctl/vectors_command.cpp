// SPDX-License-Identifier: Apache-2.0
#include <CLI/App.hpp>
#include <memory>
#include <string>

#include "rekeyctl/commands.h"
#include "rekeyctl/console.h"
#include "rekeyctl/profile_flags.h"
#include "rekeyctl/test_vectors.h"
#include "wave/sink.h"

namespace rekey::ctl {
namespace {

struct VectorsFlags {
  ProfileFlags profile;
  std::uint64_t cases = 8;
  std::uint64_t seed = 1;
  std::string out = "-";
};

ExitCode run_vectors(const VectorsFlags& flags) {
  wave::Rules rules;
  if (Status s = flags.profile.resolve(&rules); !s.ok()) return fail(kExitUsage, s.message());
  std::string json;
  if (Status s = make_test_vectors(rules, flags.cases, flags.seed, &json); !s.ok()) {
    return fail(kExitFailure, s.message());
  }
  std::unique_ptr<wave::FileSink> sink;
  if (Status s = wave::FileSink::open(flags.out, &sink); !s.ok()) {
    return fail(kExitFailure, s.message());
  }
  Status status = sink->write(json);
  if (status.ok()) status = sink->flush();
  return status.ok() ? kExitOk : fail_to_write(*sink, status);
}

}  // namespace

Command add_vectors_command(CLI::App& program) {
  const auto flags = std::make_shared<VectorsFlags>();
  CLI::App* command = program.add_subcommand(
      "vectors",
      "Make a file of test vectors in JSON: inputs, every step between, and keys, by OpenSSL");
  flags->profile.add_to(*command);
  command->add_option("--cases", flags->cases, "How many cases beside those of known answers")
      ->capture_default_str();
  command->add_option("--seed", flags->seed, "The same seed gives the same vectors anywhere")
      ->capture_default_str();
  command->add_option("--out", flags->out, "File to write, - for standard output")
      ->capture_default_str();
  command->footer(
      "Example:\n"
      "  rekeyctl vectors --profile 16m-draft --cases 100 --seed 42 --out vectors.json\n"
      "\n"
      "Vectors of the 16m profiles follow our reading of their sources; they are not conformance\n"
      "vectors.");
  return {command, [flags] { return run_vectors(*flags); }};
}

}  // namespace rekey::ctl
