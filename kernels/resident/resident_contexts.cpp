// SPDX-License-Identifier: Apache-2.0
#include <openssl/rand.h>

#include <algorithm>
#include <mutex>
#include <shared_mutex>
#include <string>

#include "batch/blank_failed.h"
#include "batch/check_parts.h"
#include "rekey/resident.h"
#include "rekey/secret.h"
#include "resident/handle_table.h"

namespace rekey {
namespace {

/// A place to start serials from that no other set has.
std::uint64_t random_serial() {
  std::uint64_t serial = 0;
  // Without randomness handles are still never used twice in their own set.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) return 0;
  return serial;
}

Status check_size(std::string_view field, std::size_t expected, std::size_t found) {
  if (found == expected) return {};
  return wrong(field, std::to_string(expected), std::to_string(found));
}

Status check_same_shape(std::string_view field, const ContextsShape& set,
                        const ContextsShape& checked) {
  if (set == checked) return {};
  return wrong(field, "what was checked for the shape of this set", "another shape");
}

}  // namespace

struct ResidentContexts::State {
  explicit State(std::uint32_t capacity) : table(capacity, random_serial()) {}

  /// Who derives holds it shared, who changes the set alone.
  std::shared_mutex mutex;
  /// Passed by all on their way to the mutex, and held by who waits for it alone: requests to
  /// derive that come later do not overtake.
  std::mutex turnstile;
  HandleTable table;
};

ResidentContexts::ResidentContexts(const ContextsShape& shape)
    : shape_(shape), state_(std::make_unique<State>(shape.capacity)) {}

ResidentContexts::~ResidentContexts() = default;

std::uint32_t ResidentContexts::size() const {
  const std::shared_lock lock(state_->mutex);
  return state_->table.taken();
}

Status ResidentContexts::add(const CheckedContexts& contexts,
                             std::span<ContextHandle> out_handles) {
  if (Status s = check_same_shape("contexts", shape_, contexts.shape()); !s.ok()) return s;
  if (Status s = check_size("out_handles", contexts.count(), out_handles.size()); !s.ok()) return s;
  std::ranges::fill(out_handles, ContextHandle());
  std::vector<std::uint32_t> items;
  for (std::uint32_t item = 0; item < contexts.count(); ++item) {
    if (contexts.codes()[item] == Code::kOk) items.push_back(item);
  }
  if (items.empty()) return {};

  const std::lock_guard turn(state_->turnstile);
  const std::unique_lock lock(state_->mutex);
  HandleTable& table = state_->table;
  if (Status s = wipe_retired(); !s.ok()) return s;
  if (items.size() > table.free()) {
    return {Code::kResourceExhausted, "contexts: expected at most " + std::to_string(table.free()) +
                                          " (of " + std::to_string(shape_.capacity) +
                                          " in all), found " + std::to_string(items.size())};
  }
  std::vector<std::uint32_t> rows;
  for (std::uint32_t item : items) {
    out_handles[item] = table.take(static_cast<std::uint8_t>(contexts.batch().sa_count(item)));
    rows.push_back(out_handles[item].slot);
  }
  Status status = store(contexts, items, rows);
  if (!status.ok()) {
    for (ContextHandle& handle : out_handles) {
      table.retire(handle);
      handle = {};
    }
    // Keys may have come to some of the rows. What fails here is tried again before the rows are
    // used.
    static_cast<void>(wipe_retired());
  }
  return status;
}

Status ResidentContexts::derive(const CheckedHandover& handover, const BatchResult& result,
                                std::span<Code> out_codes) {
  if (Status s = check_same_shape("handover", shape_, handover.shape()); !s.ok()) return s;
  if (Status s = check_size("out_codes", handover.count(), out_codes.size()); !s.ok()) return s;
  for (KeyKind kind : kAllKeyKinds) {
    if (const std::size_t expected = handover.result_octets(kind),
        found = result.column(kind).size();
        expected != found) {
      return wrong(to_string(kind), octets_text(expected), octets_text(found));
    }
  }
  if (handover.count() == 0) return {};

  {
    const std::lock_guard turn(state_->turnstile);
    state_->mutex.lock_shared();
  }
  const std::shared_lock lock(state_->mutex, std::adopt_lock);
  std::vector<std::uint32_t> rows(handover.count(), nobody());
  for (std::size_t item = 0; item < rows.size(); ++item) {
    const ContextHandle& handle = handover.handles()[item];
    const bool known = state_->table.names_somebody(handle);
    out_codes[item] = known ? Code::kOk : Code::kNotFound;
    if (known) rows[item] = handle.slot;
  }
  if (Status s = derive_rows(handover, rows, result); !s.ok()) {
    for (KeyKind kind : kAllKeyKinds) wipe(result.column(kind));
    return s;
  }
  blank_failed(
      out_codes, handover.tek_counters().size(),
      [&](std::size_t item) { return handover.sa_counts()[item]; }, result);
  return {};
}

Status ResidentContexts::remove(std::span<const ContextHandle> handles, std::span<Code> out_codes) {
  if (Status s = check_size("out_codes", handles.size(), out_codes.size()); !s.ok()) return s;
  const std::lock_guard turn(state_->turnstile);
  const std::unique_lock lock(state_->mutex);
  for (std::size_t item = 0; item < handles.size(); ++item) {
    out_codes[item] = state_->table.retire(handles[item]) ? Code::kOk : Code::kNotFound;
  }
  return wipe_retired();
}

Status ResidentContexts::wipe_retired() {
  HandleTable& table = state_->table;
  if (table.retired().empty()) return {};
  if (Status s = wipe_rows(table.retired()); !s.ok()) return s;
  table.release_retired();
  return {};
}

}  // namespace rekey
