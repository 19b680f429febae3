// SPDX-License-Identifier: Apache-2.0
//
// A set of resident AMSs beside what a test knows of it: AMSs come and go at random, and whatever a
// set derives is compared with the referee.
#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "rekey/engine.h"
#include "rekey/resident.h"
#include "support/batch_builder.h"

namespace rekey::test {

/// ContextsModel owns a set of an engine's.
class ContextsModel {
 public:
  /// `engine` must outlive it.
  ContextsModel(Engine& engine, const ContextsShape& shape, std::uint64_t seed);

  // Each returns what was wrong; empty when nothing was.

  /// Adds up to `most` AMSs, some of them bad, also where the set lacks the room.
  std::string add(std::uint32_t most);
  /// Removes up to `most` AMSs by handles some of which are stale, or there twice.
  std::string remove(std::uint32_t most);
  /// Derives for up to `most` handles: of AMSs in any order, some twice, and stale and made-up
  /// ones.
  std::string derive(std::uint32_t most);
  /// Does all three in turn, `steps` times.
  std::string live(unsigned steps, std::uint32_t most);

  [[nodiscard]] ResidentContexts& set() { return *set_; }

 private:
  /// Known is an AMS in the set.
  struct Known {
    ContextHandle handle;
    BatchColumns ams;  ///< one item
  };

  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  /// A handle that names nobody.
  ContextHandle handle_of_nobody();
  /// Appends the AMS of a handle, or one that check_batch() refuses where it names nobody.
  void append(const ContextHandle& handle, BatchColumns* to);
  /// Null where the handle names nobody.
  [[nodiscard]] const Known* find(const ContextHandle& handle) const;

  const ContextsShape shape_;
  std::mt19937_64 random_;
  const std::unique_ptr<Engine> referee_;
  std::unique_ptr<ResidentContexts> set_;
  std::string opening_;  ///< why there is no set
  std::vector<Known> known_;
  std::vector<ContextHandle> stale_;
};

/// context_input refers to those columns of a batch that stay with an AMS.
ContextInput context_input(const BatchColumns& columns);

}  // namespace rekey::test
