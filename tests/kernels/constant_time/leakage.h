// SPDX-License-Identifier: Apache-2.0
//
// The statistics of a timing-leakage test, after Reparaz, Balasch and Verbauwhede, "Dude, is my
// code constant time?" (DATE 2017): two classes of input, Welch's t-test, on the timings as they
// are, on those below several percentiles (interrupts fill the upper tail), and on their spread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace rekey::test {

/// KeyClass says which keys a timing was taken with.
enum class KeyClass : std::uint8_t { kFixed, kRandom };

/// Timing is one measurement.
struct Timing {
  KeyClass key_class = KeyClass::kFixed;
  double ticks = 0;
};

/// WelchTest takes samples of both classes one at a time, and compares their means.
class WelchTest {
 public:
  void add(KeyClass key_class, double sample);

  /// Samples of the class that has fewer.
  [[nodiscard]] std::size_t smaller_class() const;
  [[nodiscard]] double mean(KeyClass key_class) const;
  /// t returns Welch's t, positive where the fixed class is the larger. Each class needs two
  /// samples. Without any variance it is 0 when the means are equal, else infinite.
  [[nodiscard]] double t() const;

 private:
  /// Mean and sum of squared differences from it, kept current as Welford does.
  struct Moments {
    std::size_t count = 0;
    double mean = 0;
    double squares = 0;

    void add(double sample);
    [[nodiscard]] double variance_of_mean() const;
  };

  [[nodiscard]] const Moments& moments(KeyClass key_class) const {
    return moments_[static_cast<std::size_t>(key_class)];
  }

  Moments moments_[2];
};

/// Leakage is the test that tells the classes apart best.
struct Leakage {
  double t = 0;
  std::string test;  ///< such as `below percentile 90`, for people
};

/// largest_leakage runs all tests and returns the one with the largest |t|. Tests that are left
/// with fewer than kMinClassTimings of a class are not run.
Leakage largest_leakage(std::span<const Timing> timings);

inline constexpr std::size_t kMinClassTimings = 1000;

}  // namespace rekey::test
