// SPDX-License-Identifier: Apache-2.0
//
// Numbers that know where they come from. What is computed from several comes from all of theirs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rekey::bench::plan {

/// Origin is where a number comes from.
enum class Origin : std::uint8_t {
  kMeasured = 1,  ///< on a machine that is named
  kGiven = 2,     ///< by whoever plans
  kAssumed = 4,   ///< by nobody's measurement
  kModelled = 8,  ///< of a device that was not measured
};

/// to_string returns `measured`, `given`, `assumed` or `modelled`.
std::string_view to_string(Origin origin);

/// Origins is a set of them.
class Origins {
 public:
  Origins() = default;
  Origins(Origin origin) : bits_(static_cast<std::uint8_t>(origin)) {}  // NOLINT: a set of one

  [[nodiscard]] bool has(Origin origin) const {
    return (bits_ & static_cast<std::uint8_t>(origin)) != 0;
  }
  /// names returns them in the order above.
  [[nodiscard]] std::vector<std::string> names() const;
  /// text returns `measured, assumed`.
  [[nodiscard]] std::string text() const;

  friend Origins operator|(Origins a, Origins b) {
    a.bits_ |= b.bits_;
    return a;
  }
  bool operator==(const Origins&) const = default;

 private:
  std::uint8_t bits_ = 0;
};

/// Figure is a number with its origins.
struct Figure {
  double value = 0;
  Origins origins;
  std::string source{};  ///< of an input: who measured, gave or assumed it; empty: computed

  friend Figure operator+(const Figure& a, const Figure& b) {
    return {a.value + b.value, a.origins | b.origins};
  }
  friend Figure operator*(const Figure& a, const Figure& b) {
    return {a.value * b.value, a.origins | b.origins};
  }
  friend Figure operator/(const Figure& a, const Figure& b) {
    return {a.value / b.value, a.origins | b.origins};
  }
};

/// constant returns a number that is nobody's: a unit's size, or a one.
inline Figure constant(double value) { return {value, {}}; }

}  // namespace rekey::bench::plan
