// SPDX-License-Identifier: Apache-2.0
//
// Results of `rekey-bench load`, read from the JSON it wrote (docs/load.md has the schema).
#pragma once

#include <array>
#include <string>
#include <vector>

#include "json.h"
#include "rekey/status.h"

namespace rekey::bench::report {

struct Result {
  std::string name;  ///< of its file
  Json json;

  /// Whether it is of --find-knee or --self-test, a curve of several runs.
  [[nodiscard]] bool is_knee() const { return json.at("benchmark") != "load"; }
};

/// Percentile is one that results have; one answer of `one_of` waits longer.
struct Percentile {
  const char* name;
  double one_of;
};

inline constexpr std::array kPercentiles = {Percentile{"p50", 2}, Percentile{"p90", 10},
                                            Percentile{"p99", 100}, Percentile{"p99.9", 1'000},
                                            Percentile{"p99.99", 10'000}};

/// number returns the number at `pointer`, as `/requests/due`, of a checked result.
double number(const Json& json, const std::string& pointer);

/// check_result says whether `json` is what `rekey-bench load` writes. kInvalidArgument names the
/// result, and the field that is missing or of another kind.
Status check_result(const std::string& name, const Json& json);

/// read_results reads and checks files. Errors as above, and where one cannot be read.
Status read_results(const std::vector<std::string>& files, std::vector<Result>* out_results);

}  // namespace rekey::bench::report
