// SPDX-License-Identifier: Apache-2.0
//
// The time that lives are counted in.
#pragma once

#include <atomic>

#include "contexts/context.h"

namespace rekey::contexts {

/// LifeClock tells milliseconds since 1970. It never goes back. Thread-safe.
class LifeClock {
 public:
  virtual ~LifeClock() = default;
  [[nodiscard]] virtual Millis now() const = 0;
  /// not_before has it go on from `at_least` if it is behind.
  virtual void not_before(Millis at_least) = 0;
};

/// SystemLifeClock asks the wall clock once, when it is made, and then runs on by itself, also
/// while the machine is suspended: whoever sets the wall clock moves no life.
class SystemLifeClock final : public LifeClock {
 public:
  SystemLifeClock();
  [[nodiscard]] Millis now() const override;
  void not_before(Millis at_least) override;

 private:
  std::atomic<Millis> start_;  ///< the wall clock's time when the machine started
};

}  // namespace rekey::contexts
