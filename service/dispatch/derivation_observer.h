// SPDX-License-Identifier: Apache-2.0
//
// What metrics are told about batches. They implement the interface; engines know nothing of them.
#pragma once

#include <cstdint>
#include <string_view>

#include "rekey/profile.h"

namespace rekey::dispatch {

/// DerivationRecord is one batch on one engine.
struct DerivationRecord {
  std::string_view engine;
  Profile profile{};
  std::uint32_t items = 0;      ///< AMSs
  std::uint32_t verified = 0;   ///< of them, derived again and compared
  std::uint64_t engine_us = 0;  ///< in engines, verification aside
  bool ok = false;              ///< otherwise it is done again
};

/// DerivationObserver is called on the workers' threads. Thread-safe.
class DerivationObserver {
 public:
  virtual ~DerivationObserver() = default;
  virtual void derived(const DerivationRecord& record) = 0;
};

}  // namespace rekey::dispatch
