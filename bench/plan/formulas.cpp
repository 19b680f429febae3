// SPDX-License-Identifier: Apache-2.0
#include "plan/formulas.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

namespace rekey::bench::plan {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();
constexpr double kSettled = 1e-12;
constexpr int kMostRounds = 200'000;

/// Probabilities of 0, 1, ... arrivals of a Poisson process with this mean, to where none is left.
std::vector<double> poisson(double mean) {
  std::vector<double> probabilities;
  const auto most = static_cast<std::size_t>(mean + 12 * std::sqrt(mean) + 30);
  for (std::size_t k = 0; k <= most; ++k) {
    const auto count = static_cast<double>(k);
    probabilities.push_back(std::exp(count * std::log(mean) - mean - std::lgamma(count + 1)));
  }
  return probabilities;
}

}  // namespace

double utilisation(double per_second, double service_seconds, unsigned servers) {
  return per_second * service_seconds / servers;
}

double mm1_wait(double per_second, double service_seconds) {
  const double rho = utilisation(per_second, service_seconds, 1);
  return rho < 1 ? rho / (1 - rho) * service_seconds : kInfinite;
}

double md1_wait(double per_second, double service_seconds) {
  return mm1_wait(per_second, service_seconds) / 2;
}

double mdc_wait(double per_second, double service_seconds, unsigned servers) {
  const double rho = utilisation(per_second, service_seconds, servers);
  if (rho >= 1) return kInfinite;
  if (rho <= 0) return 0;
  const std::vector<double> come = poisson(per_second * service_seconds);
  // The queue's tail falls at least as fast as rho^(k / c): this far out nothing is left.
  const auto states = servers + come.size() + static_cast<std::size_t>(40.0 * servers / (1 - rho));
  std::vector<double> there(states, 0);
  there[0] = 1;
  double queue = 0;
  for (int round = 0; round < kMostRounds; ++round) {
    std::vector<double> later(states, 0);
    for (std::size_t n = 0; n < states; ++n) {
      if (there[n] < 1e-18) continue;
      const std::size_t stay = n > servers ? n - servers : 0;
      for (std::size_t k = 0; k < come.size() && stay + k < states; ++k) {
        later[stay + k] += there[n] * come[k];
      }
    }
    there.swap(later);
    double now = 0;
    for (std::size_t n = servers + 1; n < states; ++n) {
      now += static_cast<double>(n - servers) * there[n];
    }
    if (round > 0 && std::abs(now - queue) <= kSettled * std::max(1.0, now))
      return now / per_second;
    queue = now;
  }
  return queue / per_second;
}

double wave_bound(double requests, double window_seconds, double service_seconds, unsigned servers,
                  double q) {
  const double all_seconds = requests * service_seconds / servers;
  return std::max(0.0, q * (all_seconds - window_seconds)) + service_seconds;
}

}  // namespace rekey::bench::plan
