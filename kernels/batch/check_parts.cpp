// SPDX-License-Identifier: Apache-2.0
#include "batch/check_parts.h"

#include <algorithm>

namespace rekey {

Status wrong(std::string_view field, const std::string& expected, const std::string& found) {
  return Status::invalid_argument(std::string(field) + ": expected " + expected + ", found " +
                                  found);
}

std::string octets_text(std::uint64_t number) {
  return std::to_string(number) + (number == 1 ? " octet" : " octets");
}

Status check_profile(Profile profile) {
  if (std::ranges::find(kAllProfiles, profile) != kAllProfiles.end()) return {};
  return wrong("profile", "a known profile",
               "number " + std::to_string(static_cast<unsigned>(profile)));
}

/// A column holds one value an item, or one for all. An empty batch needs no values.
Status check_column(std::string_view field, ConstOctets column, std::size_t width,
                    std::uint32_t count) {
  const std::size_t full = width * count;
  if (column.size() == full || column.size() == width) return {};
  return wrong(field,
               octets_text(full) + " (" + std::to_string(count) + " x " + std::to_string(width) +
                   ") or " + octets_text(width) + " for all",
               octets_text(column.size()));
}

Status check_outputs(Profile profile, KeySet outputs) {
  const KeySet missing = outputs.without(derived_keys(profile));
  if (missing.empty()) return {};
  for (KeyKind kind : kAllKeyKinds) {
    if (missing.contains(kind)) {
      return wrong("outputs", "keys that " + std::string(to_string(profile)) + " yields",
                   std::string(to_string(kind)));
    }
  }
  return wrong("outputs", "known kinds of key", "bits " + std::to_string(missing.bits()));
}

Status check_tek_counters(Profile profile, std::span<const std::uint16_t> counters) {
  if (!derived_keys(profile).contains(KeyKind::kTek) && !counters.empty()) {
    return wrong("tek_counters", "none (" + std::string(to_string(profile)) + " derives no TEK)",
                 std::to_string(counters.size()));
  }
  if (counters.size() > kMaxTekCounters) {
    return wrong("tek_counters", "at most " + std::to_string(kMaxTekCounters),
                 std::to_string(counters.size()));
  }
  for (std::size_t i = 0; i < counters.size(); ++i) {
    const auto earlier = counters.first(i);
    if (std::find(earlier.begin(), earlier.end(), counters[i]) != earlier.end()) {
      return wrong("tek_counters", "different values", std::to_string(counters[i]) + " twice");
    }
  }
  return {};
}

Status check_tek_total(std::string_view field, std::uint64_t total_sas, std::size_t counters) {
  if (total_sas * counters <= kMaxBatchTeks) return {};
  return wrong(field, "at most " + std::to_string(kMaxBatchTeks) + " TEKs in a batch",
               std::to_string(total_sas) + " SAs x " + std::to_string(counters) + " counters");
}

std::span<const std::uint16_t> tek_counters_or_default(std::span<const std::uint16_t> counters) {
  static constexpr std::uint16_t kDefault[] = {0, 1};
  return counters.empty() ? std::span<const std::uint16_t>(kDefault) : counters;
}

}  // namespace rekey
