// SPDX-License-Identifier: Apache-2.0
#include "contexts/store/recent_records.h"

#include <algorithm>

#include "contexts/record_buffer.h"

namespace rekey::contexts {
namespace {

/// What a record takes beside its value: its name twice over, and a place in the map.
constexpr std::size_t kOverheadOctets = 128;

}  // namespace

bool RecentRecords::find(const std::string& name, FoundRecord* out_found, Ticket* out_ticket) {
  Part& part = part_of(name);
  const std::lock_guard lock(part.mutex);
  const auto held = part.records.find(name);
  if (held == part.records.end()) {
    *out_ticket = part.changes;
    return false;
  }
  const Record& record = held->second;
  *out_found = {record.version, record_buffer(record.value.size()), {}};
  std::ranges::copy(record.value, out_found->value.octets().begin());
  return true;
}

std::optional<std::uint64_t> RecentRecords::version_of(const std::string& name) {
  Part& part = part_of(name);
  const std::lock_guard lock(part.mutex);
  const auto held = part.records.find(name);
  if (held == part.records.end()) return std::nullopt;
  return held->second.version;
}

void RecentRecords::put(const std::string& name, const FoundRecord& found, Ticket ticket) {
  // Names that nobody has are not held: there is no end to them.
  if (!found.exists() || found.damaged()) return;
  Part& part = part_of(name);
  const std::lock_guard lock(part.mutex);
  if (part.changes == ticket) hold(&part, name, found.version, found.value.octets());
}

void RecentRecords::changed(const std::string& name, std::uint64_t version,
                            const SecretBuffer* value) {
  Part& part = part_of(name);
  const std::lock_guard lock(part.mutex);
  ++part.changes;
  if (value == nullptr) {
    forget(&part, name);
  } else {
    hold(&part, name, version, value->octets());
  }
}

void RecentRecords::hold(Part* part, const std::string& name, std::uint64_t version,
                         ConstOctets value) {
  if (part->octets > most_octets_) {
    part->records.clear();
    part->octets = 0;
  }
  const auto [held, is_new] = part->records.try_emplace(name);
  Record& record = held->second;
  part->octets += value.size() - record.value.size() + (is_new ? kOverheadOctets : 0);
  record.version = version;
  record.value.assign(value.begin(), value.end());
}

void RecentRecords::forget(Part* part, const std::string& name) {
  const auto held = part->records.find(name);
  if (held == part->records.end()) return;
  part->octets -= held->second.value.size() + kOverheadOctets;
  part->records.erase(held);
}

}  // namespace rekey::contexts
