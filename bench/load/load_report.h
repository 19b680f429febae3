// SPDX-License-Identifier: Apache-2.0
//
// Writes what a load found, as text for people or as JSON (docs/load.md has the schema).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engines/report_parts.h"
#include "load/knee.h"
#include "load/recorder.h"
#include "load/scenario.h"
#include "machine.h"

namespace rekey::ctl {
class MetricsSample;
}

namespace rekey::bench::load {

/// ServerSide is what a server says of the measurement in its own metrics: means, and quantiles as
/// Prometheus estimates them between the bounds of buckets.
struct ServerSide {
  double batches = 0;
  double batch_ams_mean = 0;
  double batch_ams_p50 = 0;
  double batch_ams_p99 = 0;
  double queue_seconds_mean = 0;
  double queue_seconds_p50 = 0;
  double queue_seconds_p99 = 0;
};

/// server_side reads the difference of two samples.
ServerSide server_side(const ctl::MetricsSample& difference);

/// ServerReport is one server of a run.
struct ServerReport {
  std::string address;
  std::string version;               ///< empty: it does not say
  std::vector<std::string> engines;  ///< those that serve
  std::optional<ServerSide> metrics;
  std::string no_metrics;  ///< why there are none
};

/// LoadConditions is what all figures of a report were measured under.
struct LoadConditions {
  Machine machine;
  std::string version;   ///< of rekey-bench
  std::string compiler;  ///< that built it
  Scenario scenario;
  double speed = 1;
  bool tls = false;
  std::vector<ServerReport> servers;  ///< none: the null server in this process
};

struct LoadReport {
  LoadConditions conditions;
  Counts counts;
};

/// KneeReport is of --find-knee, or of --self-test where the server is the null server.
struct KneeReport {
  LoadConditions conditions;
  std::chrono::nanoseconds p99_at_most{0};
  unsigned repeats = 1;  ///< runs at each rate
  Knee knee;
};

/// to_json returns the report in the form that docs/load.md describes.
Json to_json(const LoadReport& report);
Json to_json(const KneeReport& report);

/// to_text returns the report as tables.
std::string to_text(const LoadReport& report);
std::string to_text(const KneeReport& report);

}  // namespace rekey::bench::load
