// SPDX-License-Identifier: Apache-2.0
//
// AMSs that are registered with a rekeyd and handed over again and again, all at once.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engines/workload.h"
#include "rekey/engine.h"
#include "rekey/status.h"
#include "rekey/v1/key_contexts.pb.h"

namespace rekey::bench {

/// RegisteredAmss writes the requests and knows what their answers must say. The AMSs are those of
/// an Exchange, with 16m-draft and one security association.
class RegisteredAmss {
 public:
  static Status make(std::uint32_t amss, std::unique_ptr<RegisteredAmss>* out_amss);

  /// The requests of one handover of all of them to one target, the `handover`th since establish().
  [[nodiscard]] v1::EstablishRequest establish() const;
  [[nodiscard]] v1::StartHandoverRequest start(std::uint32_t handover) const;
  [[nodiscard]] v1::CompleteHandoverRequest complete(std::uint32_t handover) const;

  /// check_done returns kInternal with the first item that was not done.
  static Status check_done(const v1::ContextsResponse& answer);
  /// check compares every key of the answer to start() with what `referee` derives. kInternal
  /// names the first that differs, and never shows one.
  [[nodiscard]] Status check(const v1::ContextsResponse& answer, std::uint32_t handover,
                             Engine& referee) const;

 private:
  explicit RegisteredAmss(std::unique_ptr<Workload> workload) : workload_(std::move(workload)) {}

  std::unique_ptr<Workload> workload_;
};

}  // namespace rekey::bench
