// SPDX-License-Identifier: Apache-2.0
//
// A store whose records are sealed in the store below, which sees names, versions and events, but
// no value.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <stop_token>

#include "contexts/store/context_store.h"
#include "contexts/store/sealer.h"
#include "contexts/store/sealing_keys.h"

namespace rekey::contexts {

/// SealedStore seals what is written and opens what is read. A record that cannot be opened is a
/// damaged one.
class SealedStore final : public ContextStore {
 public:
  /// open takes the store below. It keeps a record of its own there, by which it knows whether the
  /// keys are right: kFailedPrecondition when they are not.
  static Status open(std::unique_ptr<ContextStore> below, SealingKeys keys,
                     std::unique_ptr<SealedStore>* out_store);

  /// take_keys has everything sealed under the first of `keys` from its return on; it waits for the
  /// calls that are under way. kFailedPrecondition, and nothing changes, when they cannot open what
  /// is there.
  Status take_keys(SealingKeys keys);

  /// reseal seals what lies under other keys under the first one, beside other calls. When it
  /// returns OK and was not stopped, and every other process on this store has the same first key,
  /// the other keys may go. Records that cannot be opened stay as they are.
  struct Resealed {
    std::uint64_t records = 0;   ///< that were sealed anew
    std::uint64_t unopened = 0;  ///< that no key opens
  };
  Status reseal(const std::stop_token& stop, Resealed* out_resealed);

  Status read(std::span<const std::string> names, std::span<FoundRecord> out_found) override;
  Status write(std::span<const RecordChange> changes,
               std::span<ChangeOutcome> out_outcomes) override;
  Status for_each(const Visitor& visit) override;
  Status read_events(std::uint64_t after, std::size_t limit, EventPage* out_page) override;
  Status last_event(std::uint64_t* out_sequence) override;

 private:
  SealedStore(std::unique_ptr<ContextStore> below, SealingKeys keys);

  std::shared_ptr<const SealingKeys> keys();
  /// Opens a record with the keys of the call, `keys`, or with those that were taken since: what it
  /// found may have been sealed under the newest of these.
  void open_found(const std::string& name, const std::shared_ptr<const SealingKeys>& keys,
                  Sealer& sealer, FoundRecord* found);
  /// Whether these keys open the store's own record, which is made if there is none.
  Status check(const SealingKeys& keys);
  Status write_check(const SealingKeys& keys, std::uint64_t expected_version,
                     ChangeOutcome* out_outcome);

  std::unique_ptr<ContextStore> below_;
  std::mutex mutex_;
  std::shared_ptr<const SealingKeys> keys_;  ///< each call under way holds the ones it began with
};

}  // namespace rekey::contexts
