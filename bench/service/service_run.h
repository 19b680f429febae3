// SPDX-License-Identifier: Apache-2.0
//
// Measures a shape: rekeyd and the echo server by turns, in short slices, compared round by round.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engines/interleave.h"
#include "rekey/engine.h"
#include "rekey/status.h"
#include "service/servers.h"
#include "service/shape.h"

namespace rekey::bench {

/// ServerFigures is what one server did. Times are of a burst: until its last answer, in seconds.
struct ServerFigures {
  std::string name;
  Summary messages_per_second;
  Summary cpu_seconds_per_message;  ///< of the server: what the machine's other work hardly moves
  std::optional<Summary> p50;       ///< these two only where a shape times answers
  std::optional<Summary> p99;
  /// rekeyd's rate, or its p50 where answers are timed, over this server's; computed in each round.
  Summary rekeyd_ratio;
};

/// BarReport is how near rekeyd came.
struct BarReport {
  Bar bar;
  Summary ratio;  ///< rekeyd's measure over the echo's, computed in each round

  [[nodiscard]] bool met() const { return bar.met_by(ratio.median); }
};

struct ShapeReport {
  Shape shape;
  std::vector<ServerFigures> servers;  ///< rekeyd first
  std::vector<BarReport> bars;
};

/// percentile is the value that a share of `values`, at least one, does not exceed.
double percentile(std::vector<double> values, double share);

/// summarize_shape turns the slices of all rounds, `slices[server][round]`, into figures; the
/// servers are rekeyd, then the shape's ways.
ShapeReport summarize_shape(const Shape& shape, const std::vector<std::vector<Slice>>& slices);

/// run_shape first asks every server for a slice that does not count, and compares every key that
/// rekeyd gives with `referee`'s; then it measures. Returns what went wrong with which server.
Status run_shape(const Shape& shape, const Servers& servers, Engine& referee, const Plan& plan,
                 ShapeReport* out_report);

}  // namespace rekey::bench
