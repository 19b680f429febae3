// SPDX-License-Identifier: Apache-2.0
//
// Time, as something a test can replace.
#pragma once

#include <cstdint>

namespace rekey::dispatch {

/// Clock tells a time that never goes back, from an arbitrary start. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual std::uint64_t now_us() const = 0;
};

/// SteadyClock is the machine's monotonic clock.
class SteadyClock final : public Clock {
 public:
  [[nodiscard]] std::uint64_t now_us() const override;
};

}  // namespace rekey::dispatch
