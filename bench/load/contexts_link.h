// SPDX-License-Identifier: Apache-2.0
//
// The link of a load of handovers: AMSs are established before it begins, then handed over and
// back.
#pragma once

#include <memory>

#include "load/grpc_link.h"
#include "load/link.h"
#include "load/request_pool.h"
#include "load/scenario.h"
#include "rekey/status.h"

namespace rekey::bench::load {

/// ContextsLink sends the StartHandover and CompleteHandover requests of each group of AMSs by
/// turns. What becomes due while a group's request before it is under way is sent when that has
/// ended; latency counts from when it was due all the same. A group's AMSs are on one target, whose
/// store may be its own.
class ContextsLink final : public Link {
 public:
  /// open establishes the AMSs of the pool, after it has removed those that a run before left
  /// behind, and compares every key with OpenSSL's. Returns what the server says when it cannot,
  /// and kInternal when a key is wrong. `pool` and `listener` must outlive the link.
  static Status open(const Targets& targets, const Scenario& scenario, const RequestPool& pool,
                     Listener* listener, std::unique_ptr<ContextsLink>* out_link);
  /// As ~GrpcLink(); then removes the AMSs.
  ~ContextsLink() override;
  ContextsLink(const ContextsLink&) = delete;
  ContextsLink& operator=(const ContextsLink&) = delete;

  void send(const Job& job) override;
  void give_up() override;

 private:
  class Impl;
  explicit ContextsLink(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace rekey::bench::load
