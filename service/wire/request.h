// SPDX-License-Identifier: Apache-2.0
//
// The parts that requests in rows and in columns have in common.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "rekey/batch.h"
#include "rekey/v1/key_derivation.pb.h"
#include "scheduler/priority.h"

namespace rekey::wire {

/// What PROFILE_UNSPECIFIED stands for.
inline constexpr Profile kDefaultProfile = Profile::k16mDraft;

/// TekCounters holds the COUNTER_TEK values of a request.
class TekCounters {
 public:
  /// load takes over the values of a request. More than 16, or one above 65535, is
  /// kInvalidArgument.
  Status load(const google::protobuf::RepeatedField<std::uint32_t>& counters);

  [[nodiscard]] std::span<const std::uint16_t> values() const { return {values_.data(), size_}; }

 private:
  std::array<std::uint16_t, kMaxTekCounters> values_{};
  std::size_t size_ = 0;
};

/// priority_from_wire sets `*out_priority`; an unknown number is kInvalidArgument.
Status priority_from_wire(v1::Priority priority, scheduler::Priority* out_priority);

/// check_request_items is kInvalidArgument naming `field` when a request has too many AMSs.
Status check_request_items(std::string_view field, std::uint64_t items);

/// check_request_teks is kInvalidArgument naming `field` when a request has more TEKs than `limit`.
Status check_request_teks(std::string_view field, std::uint64_t sas, std::uint64_t counters,
                          std::uint64_t limit);

}  // namespace rekey::wire
