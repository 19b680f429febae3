// SPDX-License-Identifier: Apache-2.0
//
// The link to servers: gRPC's callback API, so that no thread waits for an answer. gRPC stays
// behind this header.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "load/link.h"
#include "load/request_pool.h"
#include "load/scenario.h"
#include "rekey/status.h"
#include "security/tls_files.h"

namespace rekey::bench::load {

/// Targets is whom a load asks, and how.
struct Targets {
  std::vector<std::string> addresses;  ///< HOST:PORT; requests go to them in turn
  security::TlsFiles tls;              ///< none: plaintext
  std::string server_name;             ///< in the certificates; empty: HOST of the address
};

/// GrpcLink has a connection from every caller to every target, and for streams one stream on
/// each; a stream that has ended is opened again by the next request that wants it.
class GrpcLink final : public Link {
 public:
  /// open makes the link of a scenario. `pool` and `listener` must outlive it. kInvalidArgument
  /// when a file of the certificates is of no use; whether the servers are there shows in the jobs.
  static Status open(const Targets& targets, const Scenario& scenario, const RequestPool& pool,
                     Listener* listener, std::unique_ptr<GrpcLink>* out_link);
  /// Ends the streams, gives up what is still under way after 2 s, and returns when the listener
  /// has been told of all of it.
  ~GrpcLink() override;
  GrpcLink(const GrpcLink&) = delete;
  GrpcLink& operator=(const GrpcLink&) = delete;

  void send(const Job& job) override;
  void give_up() override;

 private:
  class Impl;
  explicit GrpcLink(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rekey::bench::load
