// SPDX-License-Identifier: Apache-2.0
#include "contexts/life.h"

namespace rekey::contexts {

std::string_view to_string(Cause cause) {
  constexpr std::string_view kNames[] = {"",
                                         "established",
                                         "handover",
                                         "seamless_handover",
                                         "ho_complete",
                                         "reentry",
                                         "cancelled",
                                         "disconnection_time",
                                         "resource_retain_time",
                                         "pmk_lifetime",
                                         "tek_lifetime",
                                         "reauthenticated",
                                         "first_tek_used",
                                         "removed",
                                         "pkm_not_omitted",
                                         "stale_count",
                                         "count_near_end"};
  return kNames[static_cast<std::size_t>(cause)];
}

std::string_view to_string(Refusal refusal) {
  constexpr std::string_view kNames[] = {
      "none",        "unknown_msid",     "state",          "pkm_not_omitted",
      "stale_count", "too_many_targets", "unknown_target", "unknown_said",
      "count_spent", "unknown_place",    "no_old_context", "operation_reused",
      "keys_gone",   "malformed"};
  return kNames[static_cast<std::size_t>(refusal)];
}

}  // namespace rekey::contexts
