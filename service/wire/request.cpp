// SPDX-License-Identifier: Apache-2.0
#include "wire/request.h"

#include <string>

#include "wire/limits.h"
#include "wire/wrong.h"

namespace rekey::wire {

Status TekCounters::load(const google::protobuf::RepeatedField<std::uint32_t>& counters) {
  const auto count = static_cast<std::size_t>(counters.size());
  if (count > kMaxTekCounters) {
    return wrong("tek_counters", "at most " + std::to_string(kMaxTekCounters),
                 std::to_string(count));
  }
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint32_t counter = counters[static_cast<int>(i)];
    if (counter > kMaxTekCounter) {
      return wrong("tek_counters", "values of 0 to " + std::to_string(kMaxTekCounter),
                   std::to_string(counter));
    }
    values_[i] = static_cast<std::uint16_t>(counter);
  }
  size_ = count;
  return {};
}

Status priority_from_wire(v1::Priority priority, scheduler::Priority* out_priority) {
  switch (priority) {
    case v1::PRIORITY_HANDOVER:
      *out_priority = scheduler::Priority::kHandover;
      return {};
    case v1::PRIORITY_BACKGROUND:
      *out_priority = scheduler::Priority::kBackground;
      return {};
    default:
      return wrong("priority", "a known priority (0 or 1)",
                   std::to_string(static_cast<int>(priority)));
  }
}

Status check_request_items(std::string_view field, std::uint64_t items) {
  if (items <= kMaxRequestItems) return {};
  return wrong(field, "at most " + std::to_string(kMaxRequestItems) + " AMSs in one request",
               std::to_string(items));
}

Status check_request_teks(std::string_view field, std::uint64_t sas, std::uint64_t counters,
                          std::uint64_t limit) {
  if (sas * counters <= limit) return {};
  return wrong(field, "at most " + std::to_string(limit) + " TEKs in one request",
               std::to_string(sas * counters) + " (" + std::to_string(sas) + " SAs x " +
                   std::to_string(counters) + " counters)");
}

}  // namespace rekey::wire
