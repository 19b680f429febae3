// SPDX-License-Identifier: Apache-2.0
//
// AMSs that are handed over together, again and again: what is asked of the server next, and
// whether its answer is right.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "load/link.h"
#include "rekey/engine.h"
#include "rekey/status.h"
#include "rekey/v1/key_contexts.pb.h"
#include "rekeyctl/deriver.h"
#include "wave/wave.h"

namespace rekey::bench::load {

/// ContextsGroup is the AMSs of one request of the pool. They move between two ABSs: a
/// StartHandover prepares the one that does not serve, a CompleteHandover lets it serve. Not
/// thread-safe: one request is under way at a time.
class ContextsGroup {
 public:
  /// `wave` and `wanted` must outlive this object. `name` begins the operation_ids, which no other
  /// run and no other group may have.
  ContextsGroup(const wave::Wave& wave, const ctl::Wanted& wanted, std::string name);

  /// remove_request discards the AMSs, establish_request registers them with the wave's BSIDs
  /// serving.
  [[nodiscard]] v1::RemoveRequest remove_request() const;
  [[nodiscard]] v1::EstablishRequest establish_request(std::uint64_t pmk_lifetime_ms) const;
  /// established returns what is wrong with the answer to that; empty: nothing. Every key is
  /// compared with `referee`'s.
  std::string established(const v1::ContextsResponse& answer, Engine& referee);

  /// starts says what the next request is: StartHandover, or CompleteHandover.
  [[nodiscard]] bool starts() const { return steps_ % 2 == 0; }
  /// message returns the next request as Protocol Buffers lay it out. The same one, with the same
  /// operation_id, until take() was told of an answer.
  [[nodiscard]] std::string message() const;
  /// take judges the answer and goes on to the next request. An AMS's CMAC_KEY_COUNT must grow from
  /// handover to handover; with `referee` the keys of a StartHandover are compared with those that
  /// it derives for the counts that the answer names.
  Verdict take(const v1::ContextsResponse& answer, Engine* referee);

 private:
  [[nodiscard]] std::string target() const;
  [[nodiscard]] std::string operation_id() const;
  Verdict take_targets(const v1::ContextsResponse& answer, Engine* referee);
  std::string compare(const v1::ContextsResponse& answer, Engine& referee) const;

  const wave::Wave& wave_;
  const ctl::Wanted& wanted_;
  std::string name_;
  std::uint64_t steps_ = 0;                   ///< requests that were answered
  std::vector<std::uint32_t> latest_counts_;  ///< of each AMS
};

}  // namespace rekey::bench::load
