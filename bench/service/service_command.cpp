// SPDX-License-Identifier: Apache-2.0
#include "service/service_command.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "rekey/engines.h"
#include "rekeyd_option.h"
#include "report_options.h"
#include "service/certificates.h"
#include "service/cores.h"
#include "service/servers.h"
#include "service/service_report.h"
#include "service/service_run.h"
#include "service/shape.h"

namespace rekey::bench {
namespace {

struct Options {
  ReportOptions report;
  RekeydOption rekeyd;
  bool tls = false;
  std::vector<std::string> shapes;
};

std::vector<std::string> shape_names() {
  std::vector<std::string> names;
  std::ranges::transform(all_shapes(), std::back_inserter(names), &Shape::name);
  return names;
}

Status measure(const Options& options, ServiceReport* report) {
  const Programs programs = {options.rekeyd.path(),
                             std::filesystem::read_symlink("/proc/self/exe")};
  std::unique_ptr<Certificates> certificates;
  if (options.tls) {
    if (Status s = Certificates::make(&certificates); !s.ok()) return s;
  }
  const RunTls tls = certificates == nullptr ? RunTls() : certificates->files();
  std::unique_ptr<Servers> servers;
  if (Status s = Servers::start(programs, tls, report->cores.servers, &servers); !s.ok()) return s;
  const auto referee = make_openssl_engine();
  if (Status s = admit(*referee); !s.ok()) return s;
  const PinnedThread client(report->cores.client);
  for (const Shape& shape : all_shapes()) {
    const bool wanted = options.shapes.empty() ||
                        std::ranges::find(options.shapes, shape.name) != options.shapes.end();
    if (!wanted) continue;
    ShapeReport measured;
    if (Status s = run_shape(shape, *servers, *referee, report->conditions.plan, &measured);
        !s.ok()) {
      return {s.code(), shape.name + ": " + s.message()};
    }
    report->shapes.push_back(std::move(measured));
  }
  return {};
}

int run(const Options& options) {
  ServiceReport report;
  report.conditions = {this_machine(), 1, Plan::for_seconds(options.report.seconds)};
  report.cores = Cores::choose();
  report.tls = options.tls;
  if (const Status s = measure(options, &report); !s.ok()) {
    std::cerr << "rekey-bench service: " << s.message() << '\n';
    return 1;
  }
  options.report.print(report);
  return 0;
}

}  // namespace

void add_service_command(CLI::App* app, int* exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app->add_subcommand(
      "service",
      "Starts rekeyd and, beside it, a gRPC server that only copies octets of the same sizes, and "
      "prints how near rekeyd comes: for lone requests, waves, columns and rows, unary and on a "
      "stream. Both run by turns in short slices on one core, the client on another, and are "
      "compared round by round. Before a shape is measured, every key that rekeyd gives is "
      "compared with OpenSSL's.");
  options->report.add_to(command, "Time to measure each server for in each shape");
  command->add_option("--shape", options->shapes, "Shapes to measure; all of them unless given")
      ->check(CLI::IsMember(shape_names()));
  command->add_flag("--tls", options->tls,
                    "Talk under mutual TLS, with certificates made for the run");
  options->rekeyd.add_to(command);
  command->callback([options, exit_code] { *exit_code = run(*options); });
}

}  // namespace rekey::bench
