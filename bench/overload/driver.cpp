// SPDX-License-Identifier: Apache-2.0
#include "overload/driver.h"

#include <algorithm>
#include <utility>

namespace rekey::bench::overload {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kConnections = 8;  // so that no connection's flow control is the limit
constexpr double kVerifiedShare = 0.001;   // the client's core is to be free for sending

load::Scenario scenario_of(std::uint32_t ams) {
  load::Scenario scenario;
  scenario.method = load::Method::kColumns;
  scenario.callers = load::Distribution({{1, kConnections, 1}});
  scenario.ams_per_request = load::Distribution(ams);
  scenario.timeout = 10s;
  scenario.verified_share = kVerifiedShare;
  return scenario;
}

}  // namespace

Status Driver::make(const load::Targets& targets, std::uint32_t ams,
                    std::unique_ptr<Driver>* out_driver) {
  std::unique_ptr<Driver> driver(new Driver(targets, ams));
  if (Status s = load::RequestPool::make(scenario_of(ams), &driver->pool_); !s.ok()) return s;
  *out_driver = std::move(driver);
  return {};
}

Status Driver::run_closed(std::uint32_t in_flight, std::chrono::milliseconds warm_up,
                          std::chrono::milliseconds measured, Observed* out_observed) {
  load::Scenario scenario = scenario_of(ams_);
  scenario.arrivals = load::Closed{in_flight};
  scenario.warm_up = warm_up;
  scenario.measured = measured;
  return run(scenario, out_observed);
}

Status Driver::run_open(load::Replay arrivals, std::chrono::milliseconds length,
                        Observed* out_observed) {
  load::Scenario scenario = scenario_of(ams_);
  const std::chrono::nanoseconds first = arrivals.due.front();
  scenario.arrivals = std::move(arrivals);
  scenario.warm_up = 0ms;
  scenario.measured = length;
  if (Status s = run(scenario, out_observed); !s.ok()) return s;
  const auto earliest = std::ranges::min_element(out_observed->observations, {}, &Observation::due);
  if (earliest == out_observed->observations.end()) {
    return {Code::kUnavailable, "expected requests that are due, found none"};
  }
  out_observed->start = earliest->due - first;
  return {};
}

Status Driver::run(const load::Scenario& scenario, Observed* out_observed) {
  std::unique_ptr<Observer> observer;
  const auto open_link = [&](load::Listener* listener, std::unique_ptr<load::Link>* out_link) {
    observer = std::make_unique<Observer>(listener);
    std::unique_ptr<load::GrpcLink> link;
    Status status = load::GrpcLink::open(targets_, scenario, *pool_, observer.get(), &link);
    *out_link = std::move(link);
    return status;
  };
  if (Status s = load::run_load(scenario, *pool_, open_link, {}, &out_observed->counts); !s.ok()) {
    return s;
  }
  out_observed->observations = observer->take();
  if (out_observed->counts.wrong > 0) {
    return {Code::kInternal, "a wrong answer: " + out_observed->counts.first_wrong};
  }
  return {};
}

void append_poisson(double per_second, std::chrono::nanoseconds begin,
                    std::chrono::nanoseconds length, std::uint64_t seed, load::Replay* replay) {
  load::Schedule schedule(load::Poisson{per_second}, 1, seed);
  for (auto due = schedule.next(); due && *due < length; due = schedule.next()) {
    replay->due.push_back(begin + *due);
  }
}

}  // namespace rekey::bench::overload
