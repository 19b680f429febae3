// SPDX-License-Identifier: Apache-2.0
//
// Records that were read or written last, for a store that has its records to itself.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "contexts/store/context_store.h"

namespace rekey::contexts {

/// RecentRecords is a bounded copy of what its owner's database holds; what it does not hold, its
/// owner looks up. It does not wipe what it forgets. Thread-safe.
///
/// Whoever changes a record calls changed() after the database has the change and before anybody is
/// told of it; changes of one record come one after the other.
class RecentRecords {
 public:
  /// It keeps at most about `most_octets`.
  explicit RecentRecords(std::size_t most_octets) : most_octets_(most_octets / kParts) {}

  /// Ticket is when a record was looked for in vain.
  using Ticket = std::uint64_t;

  /// find copies a record that is held. False: it is not, and `*out_ticket` is for put().
  bool find(const std::string& name, FoundRecord* out_found, Ticket* out_ticket);
  /// version_of returns the version of a record that is held.
  std::optional<std::uint64_t> version_of(const std::string& name);
  /// put takes what the database had for a name that find() had a ticket for, unless something was
  /// changed since then: it may have been that.
  void put(const std::string& name, const FoundRecord& found, Ticket ticket);
  /// changed takes what a record has become; null: it was removed, or nobody knows.
  void changed(const std::string& name, std::uint64_t version, const SecretBuffer* value);

 private:
  static constexpr std::size_t kParts = 32;
  struct Record {
    std::uint64_t version = 0;
    std::string value;
  };
  struct Part {
    std::mutex mutex;
    std::unordered_map<std::string, Record> records;
    std::size_t octets = 0;
    Ticket changes = 0;
  };

  Part& part_of(const std::string& name) {
    return parts_[std::hash<std::string>()(name) / kParts % kParts];
  }
  void hold(Part* part, const std::string& name, std::uint64_t version, ConstOctets value);
  static void forget(Part* part, const std::string& name);

  const std::size_t most_octets_;  ///< of one part
  std::array<Part, kParts> parts_;
};

}  // namespace rekey::contexts
