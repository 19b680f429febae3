// SPDX-License-Identifier: Apache-2.0
#include "report/figures.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace rekey::bench::report {
namespace {

constexpr int kDigits = 4;
constexpr int kMostDecimals = 6;

std::string grouped(std::string digits) {
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::size_t begin = digits.starts_with('-') ? 1 : 0;
  for (std::size_t i = point; i > begin + 3;) {
    i -= 3;
    digits.insert(i, 1, ',');
  }
  return digits;
}

}  // namespace

std::string figure(double value) {
  const int magnitude = value == 0 ? 0 : static_cast<int>(std::floor(std::log10(std::abs(value))));
  const int decimals = std::clamp(kDigits - 1 - magnitude, 0, kMostDecimals);
  char text[400];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  std::string digits = text;
  if (decimals > 0) {
    digits.erase(digits.find_last_not_of('0') + 1);
    if (digits.ends_with('.')) digits.pop_back();
  }
  return grouped(digits == "-0" ? "0" : digits);
}

std::string signed_figure(double value) {
  std::string text = figure(value);
  return value > 0 && text != "0" ? "+" + text : text;
}

}  // namespace rekey::bench::report
