// SPDX-License-Identifier: Apache-2.0
#include "simulation/simulate.h"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Validators.hpp>
#include <cstdint>
#include <iostream>
#include <string>

#include "simulation/world.h"

namespace rekey::simulation {
namespace {

struct Options {
  std::uint64_t first = 1;
  std::uint64_t count = 1;
  bool trace = false;
};

void print(const Tally& tally) {
  constexpr const char* kOutcomes[] = {"done", "cancelled", "expired", "failed", "no engine"};
  std::cout << "accepted " << tally.accepted << ", refused " << tally.refused << ", batches "
            << tally.batches << ", probes " << tally.probes;
  for (const auto& [outcome, count] : tally.outcomes) {
    std::cout << ", " << kOutcomes[static_cast<std::size_t>(outcome)] << ' ' << count;
  }
  std::cout << '\n';
}

int run(const Options& options, const std::string& program) {
  Tally tally;
  for (std::uint64_t seed = options.first; seed - options.first < options.count; ++seed) {
    try {
      tally.add(World(seed, options.trace ? &std::cout : nullptr).run());
    } catch (const Violation& violation) {
      std::cout << "seed " << seed << ": broken promise: " << violation.what() << '\n'
                << "again, with every event: " << program << " --first " << seed << " --trace\n";
      return 1;
    }
  }
  std::cout << options.count << " histories from seed " << options.first << ": ";
  print(tally);
  return 0;
}

}  // namespace

int simulate(int argc, char** argv) {
  Options options;
  CLI::App app("Runs histories against the scheduler, one for each seed");
  app.footer("Exit codes: 0 every promise was kept, 1 one was broken.");
  app.add_option("--first", options.first, "The first seed")->capture_default_str();
  app.add_option("--count", options.count, "How many seeds")->capture_default_str();
  app.add_flag("--trace", options.trace, "Print every event");
  CLI11_PARSE(app, argc, argv);
  return run(options, argv[0]);
}

}  // namespace rekey::simulation
