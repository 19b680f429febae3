// SPDX-License-Identifier: Apache-2.0
//
// The address that Prometheus scrapes, and that people may look at.
#pragma once

#include <memory>
#include <string>

#include "metrics/metrics.h"
#include "net/host_port.h"
#include "rekey/status.h"

namespace prometheus {
class Exposer;
}

namespace rekey::metrics {

/// Exposition serves `GET /metrics`, and the status page at `/`, over HTTP from start() until it
/// goes.
class Exposition {
 public:
  /// start listens; port 0 picks a free one. kUnavailable when it cannot. `metrics` must outlive
  /// this object.
  static Status start(const net::HostPort& address, const Metrics& metrics,
                      std::unique_ptr<Exposition>* out_exposition);
  ~Exposition();

  /// address is where it listens.
  [[nodiscard]] const net::HostPort& address() const { return address_; }

 private:
  explicit Exposition(const net::HostPort& address);

  net::HostPort address_;
  std::unique_ptr<prometheus::Exposer> exposer_;
};

}  // namespace rekey::metrics
