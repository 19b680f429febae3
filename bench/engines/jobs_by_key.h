// SPDX-License-Identifier: Apache-2.0
//
// Walks lists of messages key by key, for ways in which a key is dear and its messages are cheap.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engines/mac_way.h"

namespace rekey::bench {

/// JobsByKey keeps its memory from call to call.
class JobsByKey {
 public:
  /// for_each calls `function(key, jobs)` for every key, with pointers to all its messages, until
  /// one call returns false. Returns whether none did.
  template <typename Function>
  bool for_each(ConstOctets keys, std::span<MacList> lists, Function&& function) {
    next_.assign(lists.size(), 0);
    for (std::size_t key = 0; key * kBlockOctets < keys.size(); ++key) {
      jobs_.clear();
      for (std::size_t l = 0; l < lists.size(); ++l) {
        MacList& list = lists[l];
        for (; next_[l] < list.size() && list[next_[l]].key == key; ++next_[l]) {
          jobs_.push_back(&list[next_[l]]);
        }
      }
      if (!function(keys.subspan(key * kBlockOctets, kBlockOctets),
                    std::span<MacJob* const>(jobs_))) {
        return false;
      }
    }
    return true;
  }

 private:
  std::vector<std::size_t> next_;
  std::vector<MacJob*> jobs_;
};

}  // namespace rekey::bench
