// SPDX-License-Identifier: Apache-2.0
#include "contexts/store/sealed_store.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace rekey::contexts {
namespace {

const std::string kCheckName = "!sealing-check";
/// So many records at once are sealed anew: one durable write each would take as long again.
constexpr std::size_t kResealAtOnce = 256;

}  // namespace

SealedStore::SealedStore(std::unique_ptr<ContextStore> below, SealingKeys keys)
    : below_(std::move(below)), keys_(std::make_shared<const SealingKeys>(std::move(keys))) {}

Status SealedStore::open(std::unique_ptr<ContextStore> below, SealingKeys keys,
                         std::unique_ptr<SealedStore>* out_store) {
  std::unique_ptr<SealedStore> store(new SealedStore(std::move(below), std::move(keys)));
  if (Status s = store->check(*store->keys_); !s.ok()) return s;
  *out_store = std::move(store);
  return {};
}

std::shared_ptr<const SealingKeys> SealedStore::keys() {
  const std::lock_guard lock(mutex_);
  return keys_;
}

Status SealedStore::write_check(const SealingKeys& keys, std::uint64_t expected_version,
                                ChangeOutcome* out_outcome) {
  RecordChange change{kCheckName, expected_version, SecretBuffer(), {}};
  if (Status s = Sealer(keys).seal(kCheckName, {}, &*change.value); !s.ok()) return s;
  return below_->write({&change, 1}, {out_outcome, 1});
}

Status SealedStore::check(const SealingKeys& keys) {
  // Twice when another process makes the record at the same time.
  for (;;) {
    FoundRecord found;
    if (Status s = below_->read({&kCheckName, 1}, {&found, 1}); !s.ok()) return s;
    if (found.exists()) {
      SecretBuffer plain;
      const std::string damage = found.damaged()
                                     ? found.damage
                                     : Sealer(keys).open(kCheckName, found.value.octets(), &plain);
      if (damage.empty()) return {};
      return {Code::kFailedPrecondition,
              "the key file does not fit the store of contexts: " + damage +
                  ", the key that seals is " + to_string(keys.all().front().id) +
                  ". Use the key file the store was written with; an old key may only be taken "
                  "out once everything is sealed under the new one"};
    }
    ChangeOutcome outcome{};
    if (Status s = write_check(keys, 0, &outcome); !s.ok()) return s;
    if (outcome == ChangeOutcome::kDone) return {};
  }
}

Status SealedStore::take_keys(SealingKeys keys) {
  if (Status s = check(keys); !s.ok()) return s;
  auto last = std::make_shared<const SealingKeys>(std::move(keys));
  {
    const std::lock_guard lock(mutex_);
    last.swap(keys_);
  }
  // A write that began before would seal under the old key, maybe after reseal() has gone by.
  while (last.use_count() > 1) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return {};
}

Status SealedStore::reseal(const std::stop_token& stop, Resealed* out_resealed) {
  *out_resealed = {};
  const auto keys = this->keys();
  Sealer sealer(*keys);
  FoundRecord check;
  if (Status s = below_->read({&kCheckName, 1}, {&check, 1}); !s.ok()) return s;
  std::vector<RecordChange> changes;
  Status status;
  const auto write = [&] {
    // What another write was faster with is sealed under the new key by it.
    std::vector<ChangeOutcome> outcomes(changes.size());
    if (status.ok()) status = below_->write(changes, outcomes);
    if (status.ok()) {
      out_resealed->records +=
          static_cast<std::uint64_t>(std::ranges::count(outcomes, ChangeOutcome::kDone));
    }
    changes.clear();
  };
  Status visited = below_->for_each([&](const std::string& name, FoundRecord found) {
    if (!status.ok() || stop.stop_requested() || sealer.is_current(found.value.octets())) return;
    open_found(name, keys, sealer, &found);
    if (found.damaged()) {
      ++out_resealed->unopened;
      return;
    }
    RecordChange& change =
        changes.emplace_back(RecordChange{name, found.version, SecretBuffer(), {}});
    status = sealer.seal(name, found.value.octets(), &*change.value);
    if (changes.size() == kResealAtOnce) write();
  });
  if (!visited.ok()) return visited;
  if (!changes.empty()) write();
  if (!status.ok() || stop.stop_requested() || sealer.is_current(check.value.octets())) {
    return status;
  }
  // Last of all: as long as this record lies under an old key, nobody starts without that key. A
  // conflict means that another process has come to the same point.
  ChangeOutcome outcome{};
  return write_check(*keys, check.version, &outcome);
}

void SealedStore::open_found(const std::string& name,
                             const std::shared_ptr<const SealingKeys>& keys, Sealer& sealer,
                             FoundRecord* found) {
  if (!found->exists() || found->damaged()) return;
  SecretBuffer plain;
  found->damage = sealer.open(name, found->value.octets(), &plain);
  if (const auto last = this->keys(); found->damaged() && last != keys) {
    found->damage = Sealer(*last).open(name, found->value.octets(), &plain);
  }
  found->value = std::move(plain);
}

Status SealedStore::read(std::span<const std::string> names, std::span<FoundRecord> out_found) {
  // Before anything is read, so that these keys are not taken out while it is under way.
  const auto keys = this->keys();
  if (Status s = below_->read(names, out_found); !s.ok()) return s;
  Sealer sealer(*keys);
  for (std::size_t i = 0; i < names.size(); ++i) open_found(names[i], keys, sealer, &out_found[i]);
  return {};
}

Status SealedStore::write(std::span<const RecordChange> changes,
                          std::span<ChangeOutcome> out_outcomes) {
  const auto keys = this->keys();
  Sealer sealer(*keys);
  std::vector<RecordChange> sealed;
  sealed.reserve(changes.size());
  for (const RecordChange& change : changes) {
    RecordChange& copy = sealed.emplace_back(
        RecordChange{change.name, change.expected_version, std::nullopt, change.events});
    if (!change.value) continue;
    if (Status s = sealer.seal(change.name, change.value->octets(), &copy.value.emplace());
        !s.ok()) {
      return s;
    }
  }
  return below_->write(sealed, out_outcomes);
}

Status SealedStore::for_each(const Visitor& visit) {
  const auto keys = this->keys();
  Sealer sealer(*keys);
  return below_->for_each([&](const std::string& name, FoundRecord found) {
    open_found(name, keys, sealer, &found);
    visit(name, std::move(found));
  });
}

Status SealedStore::read_events(std::uint64_t after, std::size_t limit, EventPage* out_page) {
  return below_->read_events(after, limit, out_page);
}

Status SealedStore::last_event(std::uint64_t* out_sequence) {
  return below_->last_event(out_sequence);
}

}  // namespace rekey::contexts
