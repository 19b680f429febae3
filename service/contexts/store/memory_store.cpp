// SPDX-License-Identifier: Apache-2.0
#include "contexts/store/memory_store.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "contexts/record_buffer.h"
#include "contexts/store/first_number.h"

namespace rekey::contexts {
namespace {

SecretBuffer copy_of(const SecretBuffer& value) {
  SecretBuffer copy = record_buffer(value.size());
  std::ranges::copy(value.octets(), copy.octets().begin());
  return copy;
}

class MemoryStore final : public ContextStore {
 public:
  explicit MemoryStore(std::size_t kept_events) : kept_events_(kept_events) {}

  Status read(std::span<const std::string> names, std::span<FoundRecord> out_found) override {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < names.size(); ++i) out_found[i] = find(names[i]);
    return {};
  }

  Status write(std::span<const RecordChange> changes,
               std::span<ChangeOutcome> out_outcomes) override {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < changes.size(); ++i) out_outcomes[i] = change(changes[i]);
    return {};
  }

  Status for_each(const Visitor& visit) override {
    std::vector<std::string> names;
    {
      const std::lock_guard lock(mutex_);
      names.reserve(records_.size());
      for (const auto& [name, record] : records_) {
        if (!is_reserved(name)) names.push_back(name);
      }
    }
    for (const std::string& name : names) {
      std::unique_lock lock(mutex_);
      FoundRecord found = find(name);
      lock.unlock();
      if (found.exists()) visit(name, std::move(found));
    }
    return {};
  }

  Status read_events(std::uint64_t after, std::size_t limit, EventPage* out_page) override {
    const std::lock_guard lock(mutex_);
    *out_page = {};
    out_page->complete = after == 0 || (after >= forgotten_ && after <= last_event_);
    if (!out_page->complete) after = 0;
    const auto first = std::ranges::upper_bound(events_, after, {}, &ContextEvent::sequence);
    const auto count = std::min<std::size_t>(limit, events_.end() - first);
    out_page->events.assign(first, first + static_cast<std::ptrdiff_t>(count));
    out_page->next_after =
        count > 0 ? out_page->events.back().sequence : std::max(after, forgotten_);
    return {};
  }

  Status last_event(std::uint64_t* out_sequence) override {
    const std::lock_guard lock(mutex_);
    *out_sequence = last_event_;
    return {};
  }

 private:
  struct Record {
    std::uint64_t version;
    SecretBuffer value;
  };

  FoundRecord find(const std::string& name) const {
    const auto record = records_.find(name);
    if (record == records_.end()) return {};
    return {record->second.version, copy_of(record->second.value), {}};
  }

  ChangeOutcome change(const RecordChange& change) {
    const auto record = records_.find(change.name);
    const std::uint64_t version = record == records_.end() ? 0 : record->second.version;
    if (version != change.expected_version) return ChangeOutcome::kConflict;
    if (change.value && record != records_.end()) {
      record->second = {++last_version_, copy_of(*change.value)};
    } else if (change.value) {
      records_.emplace(change.name, Record{++last_version_, copy_of(*change.value)});
    } else if (record != records_.end()) {
      records_.erase(record);
    }
    for (const std::string& event : change.events) events_.push_back({++last_event_, event});
    while (events_.size() > kept_events_) {
      forgotten_ = events_.front().sequence;
      events_.pop_front();
    }
    return ChangeOutcome::kDone;
  }

  const std::size_t kept_events_;
  std::mutex mutex_;
  std::unordered_map<std::string, Record> records_;
  std::deque<ContextEvent> events_;
  std::uint64_t last_version_ = first_number();
  std::uint64_t last_event_ = last_version_;
  std::uint64_t forgotten_ = last_event_;  ///< the newest event that is no longer kept
};

}  // namespace

std::unique_ptr<ContextStore> make_memory_store(std::size_t kept_events) {
  return std::make_unique<MemoryStore>(kept_events);
}

}  // namespace rekey::contexts
