// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Validators.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "rekeyctl/client.h"
#include "rekeyctl/commands.h"
#include "rekeyctl/console.h"
#include "rekeyctl/metrics_sample.h"
#include "rekeyctl/server_flags.h"
#include "rekeyctl/top_view.h"

namespace rekey::ctl {
namespace {

using Clock = std::chrono::steady_clock;

constexpr char kClearScreen[] = "\x1b[H\x1b[2J";

struct TopFlags {
  ServerFlags server;
  double interval_s = 1;
  unsigned screens = 0;
};

Status take_sample(Client& client, MetricsSample* out_sample) {
  std::string text;
  if (Status s = client.metrics(&text); !s.ok()) return s;
  return MetricsSample::parse(text, out_sample);
}

ExitCode run_top(const TopFlags& flags) {
  if (Status s = flags.server.check(); !s.ok()) return fail(kExitUsage, s.message());
  std::unique_ptr<Client> client;
  if (Status s = Client::open(flags.server, &client); !s.ok()) {
    return fail(kExitFailure, s.message());
  }
  const bool on_terminal = isatty(STDOUT_FILENO) == 1;
  MetricsSample before;
  if (Status s = take_sample(*client, &before); !s.ok()) return fail_call(s);
  Clock::time_point before_time = Clock::now();
  for (unsigned screen = 0; flags.screens == 0 || screen < flags.screens; ++screen) {
    std::this_thread::sleep_for(std::chrono::duration<double>(flags.interval_s));
    MetricsSample now;
    if (Status s = take_sample(*client, &now); !s.ok()) return fail_call(s);
    const Clock::time_point now_time = Clock::now();
    const double seconds = std::chrono::duration<double>(now_time - before_time).count();
    const std::string view = top_view(flags.server.server, before, now, seconds);
    const ExitCode printed = print(on_terminal ? kClearScreen + view : view + "\n");
    if (printed != kExitOk) return printed;
    before = std::move(now);
    before_time = now_time;
  }
  return kExitOk;
}

}  // namespace

Command add_top_command(CLI::App& program) {
  const auto flags = std::make_shared<TopFlags>();
  CLI::App* command =
      program.add_subcommand("top", "Show what a server does, again and again, until Ctrl-C");
  flags->server.add_to(*command);
  command->add_option("--interval", flags->interval_s, "Seconds between two screens")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  command->add_option("--screens", flags->screens, "How many screens; 0: no end")
      ->capture_default_str();
  command->footer("Example:\n  rekeyctl top --server 127.0.0.1:7316");
  return {command, [flags] { return run_top(*flags); }};
}

}  // namespace rekey::ctl
