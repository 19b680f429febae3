// SPDX-License-Identifier: Apache-2.0
#include "load/load_command.h"

#include <unistd.h>

#include <cmath>
#include <iomanip>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "load/contexts_link.h"
#include "load/generator.h"
#include "load/grpc_link.h"
#include "load/knee.h"
#include "load/load_report.h"
#include "load/null_server.h"
#include "load/request_pool.h"
#include "load/scenario.h"
#include "rekeyctl/client.h"
#include "rekeyctl/metrics_sample.h"
#include "rekeyctl/server_flags.h"
#include "report/load_page.h"
#include "shipped_file.h"

namespace rekey::bench {
namespace {

using namespace load;

constexpr int kFailure = 1;
constexpr int kUsageError = 2;
constexpr double kHandoverMs = 27.5;  // the interruption that IMT-Advanced allows
constexpr double kOwnShare = 0.1;     // of a promise, that the generator may use up itself
constexpr double kMaxMs = 60'000;
constexpr char kNotRead[] = "the run ended before they were read";

struct Options {
  std::string scenario_file;
  std::vector<std::string> servers = {"127.0.0.1:7316"};
  ctl::ServerFlags flags;
  double seconds = 0;   ///< 0: as the scenario says
  double warm_up = -1;  ///< below 0: as the scenario says
  double speed = 1;
  double p99_ms = kHandoverMs;
  unsigned repeats = 1;
  bool find_knee = false;
  bool self_test = false;
  bool json = false;
  std::string html;  ///< a page to write; empty: none
};

/// One server with the connection on which it is asked about itself.
struct Server {
  ServerReport report;
  std::unique_ptr<ctl::Client> client;
  ctl::MetricsSample before;
};

Status sample(Server* server, ctl::MetricsSample* out_sample) {
  std::string text;
  if (Status s = server->client->metrics(&text); !s.ok()) return s;
  return ctl::MetricsSample::parse(text, out_sample);
}

/// Without a sample from before the measurement there is nothing to compare the one after it with.
void keep(const Status& status, Server* server) { server->report.no_metrics = status.message(); }

/// Asks every server who it is. One that cannot be reached is an error; one that will not say is
/// not.
Status meet(const Options& options, std::vector<Server>* out_servers) {
  for (const std::string& address : options.servers) {
    ctl::ServerFlags flags = options.flags;
    flags.server = address;
    Server server;
    server.report.address = address;
    if (Status s = ctl::Client::open(flags, &server.client); !s.ok()) return s;
    ctl::Capabilities capabilities;
    if (Status s = server.client->capabilities(&capabilities); s.code() == Code::kUnavailable) {
      return s;
    }
    server.report.version = capabilities.version;
    for (const auto& engine : capabilities.engines) {
      if (engine.state == "serving") server.report.engines.push_back(engine.name);
    }
    out_servers->push_back(std::move(server));
  }
  return {};
}

void show(const Scenario& scenario, const Progress& progress) {
  const auto seconds = [](auto time) { return std::chrono::duration<double>(time).count(); };
  std::cerr << "\r\033[K" << std::fixed << std::setprecision(0)
            << (progress.warming_up ? "warming up " : "measuring ") << seconds(progress.passed)
            << " of " << seconds(progress.warming_up ? scenario.warm_up : scenario.measured)
            << " s; " << progress.so_far.answered << " answered, " << progress.so_far.failed
            << " failed, " << progress.so_far.under_way << " under way; p99 "
            << std::setprecision(3) << seconds(progress.so_far.p99) * 1e3 << " ms, max "
            << seconds(progress.so_far.max) * 1e3 << " ms" << std::flush;
}

void end_progress() {
  if (isatty(STDERR_FILENO) != 0) std::cerr << "\r\033[K" << std::flush;
}

/// What runs of one command have in common.
class Bench {
 public:
  static Status open(const Options& options, const Scenario& scenario,
                     std::unique_ptr<Bench>* out_bench) {
    auto bench = std::unique_ptr<Bench>(new Bench(scenario));
    bench->targets_ = {options.servers, options.flags.tls, options.flags.server_name};
    if (options.self_test) {
      if (Status s = NullServer::start(&bench->null_server_); !s.ok()) return s;
      bench->targets_ = {{bench->null_server_->address()}, {}, {}};
      bench->scenario_.verified_share = 0;  // its keys are zero
    } else if (Status s = meet(options, &bench->servers_); !s.ok()) {
      return s;
    }
    if (Status s = RequestPool::make(bench->scenario_, &bench->pool_); !s.ok()) return s;
    *out_bench = std::move(bench);
    return {};
  }

  Status run(double speed, Counts* out_counts) {
    RunOptions options;
    options.speed = speed;
    options.on_measurement = [this] {
      for (Server& server : servers_) keep(sample(&server, &server.before), &server);
    };
    if (isatty(STDERR_FILENO) != 0) {
      options.on_progress = [this](const Progress& progress) { show(scenario_, progress); };
    }
    const auto open_link = [this](Listener* listener, std::unique_ptr<Link>* out_link) {
      return scenario_.method == Method::kContexts ? open<ContextsLink>(listener, out_link)
                                                   : open<GrpcLink>(listener, out_link);
    };
    for (Server& server : servers_) server.report.no_metrics = kNotRead;
    Status status = run_load(scenario_, *pool_, open_link, options, out_counts);
    end_progress();
    if (!status.ok()) return status;
    for (Server& server : servers_) read_metrics(&server);
    if (out_counts->wrong > 0) {
      return {Code::kInternal, "a wrong answer: " + out_counts->first_wrong};
    }
    return {};
  }

  Status search(std::chrono::nanoseconds p99_at_most, unsigned repeats, Knee* out_knee) {
    return find_knee(
        [&](double speed, KneePoint* point) {
          std::vector<KneePoint> runs;
          while (runs.size() < repeats) {
            Counts counts;
            if (Status s = run(speed, &counts); !s.ok()) return s;
            runs.push_back(knee_point(speed, counts, p99_at_most));
          }
          *point = median_of(runs);
          if (isatty(STDERR_FILENO) == 0) return Status();
          std::cerr << std::fixed << std::setprecision(1) << point->due_per_second
                    << " requests a second: p99 " << std::setprecision(3)
                    << std::chrono::duration<double>(point->p99).count() * 1e3 << " ms, "
                    << point->unanswered << " unanswered\n";
          return Status();
        },
        out_knee);
  }

  [[nodiscard]] LoadConditions conditions(double speed) const {
    LoadConditions conditions{this_machine(),
                              REKEY_VERSION,
                              "g++ " __VERSION__,
                              scenario_,
                              speed,
                              !targets_.tls.none(),
                              {}};
    for (const Server& server : servers_) conditions.servers.push_back(server.report);
    return conditions;
  }

 private:
  explicit Bench(Scenario scenario) : scenario_(std::move(scenario)) {}

  template <typename Made>
  Status open(Listener* listener, std::unique_ptr<Link>* out_link) {
    std::unique_ptr<Made> link;
    Status status = Made::open(targets_, scenario_, *pool_, listener, &link);
    *out_link = std::move(link);
    return status;
  }

  void read_metrics(Server* server) {
    server->report.metrics.reset();
    if (!server->report.no_metrics.empty()) return;
    ctl::MetricsSample after;
    keep(sample(server, &after), server);
    if (server->report.no_metrics.empty()) {
      server->report.metrics = server_side(after.since(server->before));
    }
  }

  Scenario scenario_;
  Targets targets_;
  std::unique_ptr<NullServer> null_server_;
  std::vector<Server> servers_;
  std::unique_ptr<RequestPool> pool_;
};

Status check(const Options& options, Scenario* out_scenario) {
  const std::string path = shipped_file("scenarios", options.scenario_file);
  if (Status s = read_scenario(path, out_scenario); !s.ok()) return s;
  for (const std::string& address : options.servers) {
    ctl::ServerFlags flags = options.flags;
    flags.server = address;
    if (Status s = flags.check(); !s.ok()) return s;
  }
  const bool searches = options.find_knee || options.self_test;
  if (!out_scenario->open_loop() && (searches || options.speed != 1)) {
    return Status::invalid_argument(options.scenario_file +
                                    ": arrivals: expected an open loop for --speed, --find-knee "
                                    "and --self-test, found closed");
  }
  if (options.self_test && out_scenario->method == Method::kContexts) {
    return Status::invalid_argument(options.scenario_file +
                                    ": method: expected rows, columns or stream for --self-test, "
                                    "found contexts");
  }
  const auto milliseconds = [](double seconds) {
    return std::chrono::milliseconds(std::llround(seconds * 1e3));
  };
  if (options.seconds > 0) out_scenario->measured = milliseconds(options.seconds);
  if (options.warm_up >= 0) out_scenario->warm_up = milliseconds(options.warm_up);
  return {};
}

template <typename Report>
Status publish(const Options& options, const Report& report) {
  if (options.json) {
    std::cout << to_json(report).dump(2) << '\n';
  } else {
    std::cout << to_text(report);
  }
  if (options.html.empty()) return {};
  return report::load_page({{options.scenario_file, to_json(report)}}).write(options.html);
}

Status measure(const Options& options, const Scenario& scenario) {
  std::unique_ptr<Bench> bench;
  if (Status s = Bench::open(options, scenario, &bench); !s.ok()) return s;
  if (options.find_knee || options.self_test) {
    const double p99_ms = options.p99_ms * (options.self_test ? kOwnShare : 1);
    const std::chrono::nanoseconds p99_at_most(std::llround(p99_ms * 1e6));
    KneeReport report;
    if (Status s = bench->search(p99_at_most, options.repeats, &report.knee); !s.ok()) return s;
    report.conditions = bench->conditions(report.knee.speed);
    report.p99_at_most = p99_at_most;
    report.repeats = options.repeats;
    return publish(options, report);
  }
  LoadReport report;
  Status status = bench->run(options.speed, &report.counts);
  const bool begun = report.counts.due + report.counts.wrong > 0;
  if (!status.ok() && !begun) return status;
  report.conditions = bench->conditions(options.speed);
  if (Status s = publish(options, report); status.ok() && !s.ok()) return s;
  if (status.ok() && report.counts.answered == 0) {
    return {Code::kUnavailable,
            report.counts.due == 0 ? "nothing was due while it measured" : "nothing was answered"};
  }
  return status;
}

int run(const Options& options) {
  Scenario scenario;
  if (const Status s = check(options, &scenario); !s.ok()) {
    std::cerr << "rekey-bench load: " << s.message() << '\n';
    return kUsageError;
  }
  if (const Status s = measure(options, scenario); !s.ok()) {
    std::cerr << "rekey-bench load: " << s.message() << '\n';
    return kFailure;
  }
  return 0;
}

}  // namespace

void add_load_command(CLI::App* app, int* exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app->add_subcommand(
      "load",
      "Sends the requests of a scenario to one or more servers when they are due, whatever the "
      "servers do, and prints how long each was waited for, counted from when it was due. A share "
      "of the answers is compared with OpenSSL's keys.");
  command
      ->add_option("scenario", options->scenario_file,
                   "The scenario: a YAML file, or the name of one that comes with this program")
      ->required()
      ->type_name("FILE");
  options->flags.add_to(*command);
  command->remove_option(command->get_option("--server"));
  command
      ->add_option("--server", options->servers, "HOST:PORT of a server; several are asked in turn")
      ->capture_default_str();
  command->add_option("--seconds", options->seconds, "Time to measure; the scenario's unless given")
      ->check(CLI::Range(0.05, 7 * 24 * 3600.0));
  command
      ->add_option("--warm-up", options->warm_up,
                   "Seconds before that; the scenario's unless given")
      ->check(CLI::Range(0.0, 3600.0));
  CLI::Option* speed =
      command->add_option("--speed", options->speed, "How many times faster than written")
          ->check(CLI::Range(1e-3, 1e6));
  CLI::Option* knee = command->add_flag(
      "--find-knee", options->find_knee,
      "Run the scenario again and again, for the highest speed that keeps p99 within --p99-ms");
  CLI::Option* self_test = command->add_flag(
      "--self-test", options->self_test,
      "Find the knee against a server in this process that derives nothing, at a tenth of "
      "--p99-ms: above its rate this program's figures are not to be believed");
  speed->excludes(knee);
  speed->excludes(self_test);
  knee->excludes(self_test);
  command->add_option("--p99-ms", options->p99_ms, "The p99 to keep, in milliseconds")
      ->check(CLI::Range(1e-3, kMaxMs))
      ->capture_default_str();
  command
      ->add_option("--repeats", options->repeats,
                   "Runs at each rate of --find-knee and --self-test; their medians count")
      ->check(CLI::Range(1U, 100U))
      ->capture_default_str();
  command->add_flag("--json", options->json, "Print JSON instead of tables");
  command->add_option("--html", options->html, "Write a page with charts as well")
      ->type_name("FILE");
  command->callback([options, exit_code] { *exit_code = run(*options); });
}

}  // namespace rekey::bench
