// SPDX-License-Identifier: Apache-2.0
#include "report/report_command.h"

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "report/load_page.h"
#include "report/result.h"

namespace rekey::bench {
namespace {

constexpr int kNotWritten = 1;
constexpr int kBadResult = 2;

struct ReportFiles {
  std::vector<std::string> results;
  std::string html;
};

int write_report(const ReportFiles& files) {
  std::vector<report::Result> results;
  if (const Status s = report::read_results(files.results, &results); !s.ok()) {
    std::cerr << "rekey-bench report: " << s.message() << '\n';
    return kBadResult;
  }
  if (const Status s = report::load_page(results).write(files.html); !s.ok()) {
    std::cerr << "rekey-bench report: " << s.message() << '\n';
    return kNotWritten;
  }
  return 0;
}

}  // namespace

void add_report_command(CLI::App* app, int* exit_code) {
  auto files = std::make_shared<ReportFiles>();
  CLI::App* command = app->add_subcommand(
      "report",
      "Writes results of `rekey-bench load --json` as one page with tables and charts that needs "
      "nothing but itself.");
  command->add_option("results", files->results, "Files with results")
      ->required()
      ->type_name("FILE");
  command->add_option("--html", files->html, "The page to write")->required()->type_name("FILE");
  command->callback([files, exit_code] { *exit_code = write_report(*files); });
}

}  // namespace rekey::bench
