// SPDX-License-Identifier: Apache-2.0
//
// What every store must do. A store joins by INSTANTIATE_TEST_SUITE_P with a way to make places.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contexts/store/context_store.h"

namespace rekey::contexts {

/// StorePlace is somewhere that a store keeps its records, empty at first. Its store is closed when
/// the place is left.
class StorePlace {
 public:
  StorePlace() = default;
  StorePlace(const StorePlace&) = delete;
  StorePlace& operator=(const StorePlace&) = delete;
  virtual ~StorePlace() = default;
  /// open opens a store of `kept_events` events at this place, after closing the one before. Null:
  /// the test has failed.
  virtual std::unique_ptr<ContextStore> open(std::size_t kept_events) = 0;
  /// False: what was written is gone once the store is closed.
  [[nodiscard]] virtual bool durable() const { return true; }
};

using MakePlace = std::function<std::unique_ptr<StorePlace>()>;

class ContextStoreTest : public testing::TestWithParam<MakePlace> {
 protected:
  static constexpr std::size_t kKeptEvents = 100;

  void SetUp() override {
    place_ = GetParam()();
    ASSERT_NE(place_, nullptr);
    reopen();
  }

  void reopen(std::size_t kept_events = kKeptEvents) {
    store_.reset();
    store_ = place_->open(kept_events);
    ASSERT_NE(store_, nullptr);
  }

  std::unique_ptr<StorePlace> place_;
  std::unique_ptr<ContextStore> store_;
};

/// secret returns a wiped copy of a text.
SecretBuffer secret(std::string_view text);
/// text returns a record's octets.
std::string text(const FoundRecord& found);

/// change is a RecordChange with these parts.
RecordChange change(std::string name, std::uint64_t expected_version,
                    std::optional<std::string_view> value, std::vector<std::string> events = {});

/// found reads one record. A failed read fails the test.
FoundRecord found(ContextStore& store, const std::string& name);
/// written writes one change. A failed write fails the test.
ChangeOutcome written(ContextStore& store, const RecordChange& change);
/// visited returns all records as texts by name, damaged ones as "damaged".
std::map<std::string, std::string> visited(ContextStore& store);
/// events_after returns the page; a failed read fails the test.
EventPage events_after(ContextStore& store, std::uint64_t after, std::size_t limit = 1000);
/// octets of the events of a page.
std::vector<std::string> octets_of(const EventPage& page);

}  // namespace rekey::contexts
