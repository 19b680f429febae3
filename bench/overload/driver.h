// SPDX-License-Identifier: Apache-2.0
//
// Loads of one caller on one server, request by request.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "load/arrivals.h"
#include "load/generator.h"
#include "load/grpc_link.h"
#include "load/request_pool.h"
#include "load/scenario.h"
#include "overload/observations.h"
#include "rekey/status.h"

namespace rekey::bench::overload {

/// Observed is one run.
struct Observed {
  load::Counts counts;
  Observations observations;  ///< in no order; warm-up included
  Clock::time_point start;    ///< what arrivals count from; of a run in which something was due
};

/// Driver sends DeriveBatch requests of one size.
class Driver {
 public:
  /// make draws the requests. `targets` has one server.
  static Status make(const load::Targets& targets, std::uint32_t ams,
                     std::unique_ptr<Driver>* out_driver);

  /// run_closed keeps `in_flight` requests under way.
  Status run_closed(std::uint32_t in_flight, std::chrono::milliseconds warm_up,
                    std::chrono::milliseconds measured, Observed* out_observed);
  /// run_open sends what is due until `length` has passed.
  Status run_open(load::Replay arrivals, std::chrono::milliseconds length, Observed* out_observed);

  [[nodiscard]] std::uint32_t ams() const { return ams_; }

 private:
  Driver(load::Targets targets, std::uint32_t ams) : targets_(std::move(targets)), ams_(ams) {}

  Status run(const load::Scenario& scenario, Observed* out_observed);

  load::Targets targets_;
  std::uint32_t ams_;
  std::unique_ptr<load::RequestPool> pool_;
};

/// append_poisson adds independent arrivals from `begin` to before `begin + length`.
void append_poisson(double per_second, std::chrono::nanoseconds begin,
                    std::chrono::nanoseconds length, std::uint64_t seed, load::Replay* replay);

}  // namespace rekey::bench::overload
