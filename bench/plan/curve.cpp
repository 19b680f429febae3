// SPDX-License-Identifier: Apache-2.0
#include "plan/curve.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace rekey::bench::plan {

Curve::Curve(std::vector<CurvePoint> points) : points_(std::move(points)) {
  std::ranges::sort(points_, {}, &CurvePoint::x);
}

double Curve::at(double x) const {
  if (points_.empty()) return 0;
  if (points_.size() == 1 || x <= points_.front().x) return points_.front().y;
  auto right = std::ranges::lower_bound(points_, x, {}, &CurvePoint::x);
  if (right == points_.end()) --right;
  const CurvePoint& b = *right;
  const CurvePoint& a = *(right - 1);
  return a.y + (b.y - a.y) * (x - a.x) / (b.x - a.x);
}

double Curve::inverse(double y, double most) const {
  double low = 1;
  double high = std::max(1.0, std::floor(most));
  if (at(high) <= y) return high;
  while (high - low > 1) {
    const double middle = std::floor((low + high) / 2);
    (at(middle) <= y ? low : high) = middle;
  }
  return low;
}

Curve Curve::scaled(double factor) const {
  std::vector<CurvePoint> points = points_;
  for (CurvePoint& point : points) point.y *= factor;
  return Curve(std::move(points));
}

}  // namespace rekey::bench::plan
