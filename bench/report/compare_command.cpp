// SPDX-License-Identifier: Apache-2.0
#include "report/compare_command.h"

#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "report/comparison.h"
#include "report/comparison_report.h"
#include "report/result.h"

namespace rekey::bench {
namespace {

constexpr int kPageNotWritten = 1;
constexpr int kNotComparable = 2;

struct Sides {
  std::vector<std::string> pair;
  std::vector<std::string> a;
  std::vector<std::string> b;
  std::string html;
  bool json = false;
};

Status compare_sides(const Sides& sides, report::Comparison* out_comparison) {
  const bool pair = !sides.pair.empty();
  std::vector<report::Result> a;
  std::vector<report::Result> b;
  if (Status s = report::read_results(pair ? std::vector{sides.pair[0]} : sides.a, &a); !s.ok()) {
    return s;
  }
  if (Status s = report::read_results(pair ? std::vector{sides.pair[1]} : sides.b, &b); !s.ok()) {
    return s;
  }
  return report::compare(std::move(a), std::move(b), out_comparison);
}

int run_compare(const Sides& sides) {
  report::Comparison comparison;
  if (const Status s = compare_sides(sides, &comparison); !s.ok()) {
    std::cerr << "rekey-bench compare: " << s.message() << '\n';
    return kNotComparable;
  }
  if (sides.json) {
    std::cout << report::to_json(comparison).dump(2) << '\n';
  } else {
    std::cout << report::to_text(comparison);
  }
  if (sides.html.empty()) return 0;
  if (const Status s = report::comparison_page(comparison).write(sides.html); !s.ok()) {
    std::cerr << "rekey-bench compare: " << s.message() << '\n';
    return kPageNotWritten;
  }
  return 0;
}

}  // namespace

void add_compare_command(CLI::App* app, int* exit_code) {
  auto sides = std::make_shared<Sides>();
  CLI::App* command = app->add_subcommand(
      "compare",
      "Compares results of `rekey-bench load --json` of one scenario, with confidence intervals: "
      "two, or several runs on each side with --a and --b.");
  CLI::Option* pair = command->add_option("results", sides->pair, "Two files with results, A and B")
                          ->expected(2)
                          ->type_name("FILE");
  CLI::Option* a = command->add_option("--a", sides->a, "Runs of A")->type_name("FILE");
  CLI::Option* b = command->add_option("--b", sides->b, "Runs of B")->type_name("FILE");
  a->needs(b)->excludes(pair);
  b->needs(a);
  command->add_option("--html", sides->html, "Write a page as well")->type_name("FILE");
  command->add_flag("--json", sides->json, "Print JSON instead of a table");
  command->callback([sides, exit_code, command] {
    if (sides->pair.empty() && sides->a.empty()) {
      throw CLI::RequiredError(command->get_name() + ": two results, or --a and --b");
    }
    *exit_code = run_compare(*sides);
  });
}

}  // namespace rekey::bench
