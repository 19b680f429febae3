// SPDX-License-Identifier: Apache-2.0
//
// Where key contexts are kept between two calls, and what happened to them. A store knows octets,
// names and versions; what the octets mean is the business of contexts/record.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rekey/secret.h"
#include "rekey/status.h"

namespace rekey::contexts {

/// FoundRecord is what a store has under one name: a record, nothing, or something that is not the
/// record it should be.
struct FoundRecord {
  /// 0: there is nothing. Every write of a record gives it a larger version than it ever had, also
  /// when it was removed and is made again: a version once given out in a store never comes back.
  std::uint64_t version = 0;
  SecretBuffer value;  ///< empty when there is nothing, or what is there is damaged
  /// Why what is there is no record: damaged, sealed under an unknown key or for another name. A
  /// sentence for a person, without any of the octets. Empty: nothing is wrong.
  std::string damage;

  [[nodiscard]] bool exists() const { return version != 0; }
  [[nodiscard]] bool damaged() const { return !damage.empty(); }
};

/// RecordChange is to happen if the record is what its writer took it for.
struct RecordChange {
  std::string name;
  std::uint64_t expected_version = 0;  ///< as it was read; 0: there was no record
  std::optional<SecretBuffer> value;   ///< what the record becomes; none: it is removed
  /// What this change means to those who watch, in their order; not secret. Appended together with
  /// the change, or not at all.
  std::vector<std::string> events;
};

/// ChangeOutcome says what became of a change.
enum class ChangeOutcome : std::uint8_t {
  kDone,
  kConflict,  ///< the record has another version by now: nothing of the change was done
};

/// ContextEvent is one event of a change that was done.
struct ContextEvent {
  std::uint64_t sequence = 0;  ///< grows from event to event, with gaps; never 0
  std::string octets;
};

/// EventPage is a piece of the stream of events.
struct EventPage {
  /// False: events after the one asked for are gone or damaged, or it is none of this store's. Who
  /// watches must look at the contexts themselves. The page then begins with the oldest event after
  /// the gap.
  bool complete = true;
  std::uint64_t next_after = 0;      ///< what to ask for next
  std::vector<ContextEvent> events;  ///< oldest first
};

/// is_reserved says of a name that the store keeps something of its own under it: names that begin
/// with '!'. for_each() passes over them.
inline bool is_reserved(std::string_view name) { return name.starts_with('!'); }

/// ContextStore keeps records under names, and the events of their changes. All calls may come from
/// any thread at once.
///
/// A Status that is not OK means that the store as a whole did not serve: kUnavailable (gone,
/// slow), kResourceExhausted (full) or kInternal (broken).
class ContextStore {
 public:
  ContextStore() = default;
  ContextStore(const ContextStore&) = delete;
  ContextStore& operator=(const ContextStore&) = delete;
  virtual ~ContextStore() = default;

  /// read finds records by name, in one round trip. `out_found` has as many elements as `names`.
  virtual Status read(std::span<const std::string> names, std::span<FoundRecord> out_found) = 0;

  /// write does each change that finds the version it expects, all of them in one durable batch.
  /// Names are all different. `out_outcomes` has as many elements as `changes`. When it returns OK,
  /// what is kDone survives a crash of this process; otherwise each change may have been done or
  /// not.
  virtual Status write(std::span<const RecordChange> changes,
                       std::span<ChangeOutcome> out_outcomes) = 0;

  /// Visitor is called with one record after the other, and may call the store.
  using Visitor = std::function<void(const std::string& name, FoundRecord found)>;
  /// for_each visits every record that is there from beginning to end, at least once, in no order;
  /// one that is written meanwhile as it was before or after. Damaged ones are visited as such.
  virtual Status for_each(const Visitor& visit) = 0;

  /// read_events finds at most `limit` events after the one numbered `after`, oldest first; after 0
  /// comes the oldest that is kept. An event is seen once all before it can be seen. A store keeps
  /// a bounded number of events.
  virtual Status read_events(std::uint64_t after, std::size_t limit, EventPage* out_page) = 0;

  /// last_event finds the number of the newest event, for who wants to see what comes after it.
  /// Never 0, also when there has been no event.
  virtual Status last_event(std::uint64_t* out_sequence) = 0;
};

}  // namespace rekey::contexts
