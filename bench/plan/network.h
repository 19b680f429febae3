// SPDX-License-Identifier: Apache-2.0
//
// What a network asks of rekeyd, as a small YAML file describes it (docs/plan.md has every field).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "load/scenario.h"
#include "plan/figure.h"
#include "rekey/profile.h"
#include "rekey/status.h"

namespace rekey::bench::plan {

/// Failure is a moment at which many AMSs need keys at once.
struct Failure {
  std::string name;
  Figure cells;           ///< that fail together
  Figure window_seconds;  ///< within which all their AMSs ask, evenly spread
  Figure ams_per_request;
};

/// Objective is what a plan must keep.
struct Objective {
  Figure p99_seconds;          ///< from when a request is due to its answer
  Figure utilisation_at_most;  ///< of a machine's processors, by what comes all the time
  Figure machines_lost;        ///< that may be away while all this is kept
};

/// Each is what one costs or draws; without unit.
struct Expense {
  Figure server;
  std::optional<Figure> gpu;
};

struct Network {
  std::string name;
  std::string source;
  load::Method method = load::Method::kColumns;
  Profile profile = Profile::k16mDraft;
  Figure cells;
  Figure ams_per_cell;
  Figure handovers_per_hour;  ///< of one AMS
  Figure ams_per_request;     ///< of these handovers
  std::vector<Failure> failures;
  Figure growth_a_year;  ///< of the AMSs of a cell; 0.2: a fifth more
  Figure years;
  Objective objective;
  std::optional<Expense> prices;
  std::optional<Expense> watts;
};

/// NamedFigure is one input of a plan.
struct NamedFigure {
  std::string name;  ///< its path in the file
  std::string unit;
  Figure* figure = nullptr;
};

/// inputs lists all numbers of a network, to be shown and to be varied.
std::vector<NamedFigure> inputs(Network* network);

/// parse_network reads YAML text; `where` is the file's name, for errors. kInvalidArgument names
/// the field, what was expected and what was found; `*out_network` is then left alone.
Status parse_network(const std::string& text, const std::string& where, Network* out_network);

/// read_network reads a file. Errors as above, and when there is no such file.
Status read_network(const std::string& path, Network* out_network);

}  // namespace rekey::bench::plan
