// SPDX-License-Identifier: Apache-2.0
#include "overload/small_caller.h"

#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <thread>
#include <vector>

#include "json.h"
#include "rpc/short_turns.h"

namespace rekey::bench::overload {
namespace {

/// MemoryFile has a name that a child process can open.
class MemoryFile {
 public:
  MemoryFile() : number_(memfd_create("rekey-bench", 0)) {}
  ~MemoryFile() {
    if (number_ >= 0) close(number_);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  [[nodiscard]] int number() const { return number_; }
  [[nodiscard]] std::string name() const { return "/dev/fd/" + std::to_string(number_); }
  [[nodiscard]] bool write(const std::string& text) const {
    return ::write(number_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  }
  [[nodiscard]] std::string text() const {
    std::string all;
    char part[4'096];
    for (ssize_t got = 0;
         (got = pread(number_, part, sizeof part, static_cast<off_t>(all.size()))) > 0;) {
      all.append(part, static_cast<std::size_t>(got));
    }
    return all;
  }

 private:
  int number_;
};

std::string scenario(std::uint64_t seed, std::chrono::milliseconds length) {
  std::ostringstream yaml;
  yaml << "name: small caller\n"
       << "source: rekey-bench overload\n"
       << "arrivals: {poisson: {per_second: " << kSmallPerSecond << "}}\n"
       << "ams_per_request: " << kSmallAms << '\n'
       << "warm_up_seconds: 0.3\n"
       << "measured_seconds: " << Seconds(length).count() << '\n'
       << "seed: " << seed << '\n';
  return yaml.str();
}

/// Runs a program and waits for its end; false when it cannot be run or fails.
bool run(std::vector<std::string> texts, int standard_output) {
  std::vector<char*> argv;
  std::ranges::transform(texts, std::back_inserter(argv), [](std::string& t) { return t.data(); });
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, standard_output, STDOUT_FILENO);
  pid_t pid = 0;
  int state = -1;
  // The child's threads have the turns of the thread that starts it.
  std::thread([&] {
    rpc::ask_for_short_turns();
    if (posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ) != 0) return;
    if (waitpid(pid, &state, 0) != pid) state = -1;
  }).join();
  posix_spawn_file_actions_destroy(&actions);
  return WIFEXITED(state) && WEXITSTATUS(state) == 0;
}

}  // namespace

Status run_small_caller(const load::Targets& targets, std::uint64_t seed,
                        std::chrono::milliseconds length, SmallFigures* out_figures) {
  const MemoryFile given, found;
  if (!given.write(scenario(seed, length))) {
    return {Code::kUnavailable, "the small caller: no memory for its scenario"};
  }
  if (!run({std::filesystem::read_symlink("/proc/self/exe"), "load", given.name(), "--server",
            targets.addresses.front(), "--tls-cert", targets.tls.cert, "--tls-key", targets.tls.key,
            "--tls-ca", targets.tls.ca, "--json"},
           found.number())) {
    return {Code::kUnavailable, "the small caller: expected `rekey-bench load` to end well"};
  }
  const Json report = Json::parse(found.text());
  const Json& latency = report.at("latency_seconds");
  out_figures->p50 = Seconds(latency.at("p50").get<double>());
  out_figures->p99 = Seconds(latency.at("p99").get<double>());
  out_figures->send_lag_p99 = Seconds(report.at("send_lag_seconds").at("p99").get<double>());
  const Json& requests = report.at("requests");
  out_figures->failed =
      requests.at("failed").get<std::uint64_t>() + requests.at("unsent").get<std::uint64_t>();
  out_figures->first_error = report.at("first_error").get<std::string>();
  return {};
}

}  // namespace rekey::bench::overload
