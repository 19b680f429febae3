// SPDX-License-Identifier: Apache-2.0
//
// A second reading of sections 5 and 6 of the specification, for one AMS. It is slow and plain: it
// lives through every millisecond, keeps a list of contexts, and knows neither the state table nor
// the count rule of the product.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "contexts/life.h"

namespace rekey::contexts::test {

/// ModelAms is what the network holds for one AMS.
class ModelAms {
 public:
  /// One context as anybody can see it.
  struct Held {
    Role role = Role::kServing;
    std::uint8_t bsid = 0;
    std::uint32_t count = 0;
    bool usable = false;
    std::uint8_t pmk = 0;          ///< which PMK it is derived from
    std::set<std::uint32_t> teks;  ///< COUNTER_TEKs that live, of each SAID alike

    auto operator<=>(const Held&) const = default;
  };

  explicit ModelAms(Millis now) : now_(now) {}

  /// live_until goes through the milliseconds up to `now`.
  void live_until(Millis now);

  // Each returns whether the specification allows it, and does it then.
  bool establish(std::uint8_t bsid, std::uint8_t pmk, Millis lifetime, Millis tek_lifetime);
  bool start(const StartHandover& asked);
  bool complete(std::uint8_t target);
  bool cancel(std::optional<std::uint8_t> target);
  bool update_tek();
  bool reauthenticate(std::optional<std::uint8_t> bsid, std::uint8_t pmk, Millis lifetime);
  bool first_tek_used();
  bool remove();

  [[nodiscard]] std::set<Held> held() const;
  [[nodiscard]] bool known() const { return known_; }
  [[nodiscard]] std::uint32_t expected_count() const { return expected_; }

 private:
  struct Context {
    Held shown;
    bool seamless = false;
    Millis pmk_ends = kNever;
    std::uint32_t counter = 1;
    Millis older_ends = kNever, newer_ends = kNever;
  };

  Context* find(Role role, std::optional<std::uint8_t> bsid = {});
  void erase(Role role);
  [[nodiscard]] bool has_target() const;
  Context make(Role role, std::uint8_t bsid, std::uint32_t count) const;
  void discard_targets();

  Millis now_;
  bool known_ = false;
  std::uint8_t pmk_ = 0;
  Millis pmk_ends_ = kNever;
  Millis tek_lifetime_ = kNever;
  std::uint32_t expected_ = 1;
  bool suspended_ = false;  ///< the serving context is kept but not used
  Millis disconnect_ = kNever, retain_for_ = kNever, retain_ends_ = kNever;
  std::vector<Context> contexts_;
};

}  // namespace rekey::contexts::test
