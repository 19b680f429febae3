// SPDX-License-Identifier: Apache-2.0
//
// A function through measured points.
#pragma once

#include <vector>

namespace rekey::bench::plan {

struct CurvePoint {
  double x = 0;
  double y = 0;
};

/// Curve is piecewise linear. Before its first point it is as at that point; beyond its last it
/// goes on as between the last two. Without points it is 0 everywhere.
class Curve {
 public:
  Curve() = default;
  /// `points` in any order, no two with one x.
  explicit Curve(std::vector<CurvePoint> points);

  [[nodiscard]] double at(double x) const;
  /// inverse returns the largest whole x from 1 to `most` whose y is at most `y`; 1 where there is
  /// none. The curve must not fall.
  [[nodiscard]] double inverse(double y, double most) const;
  [[nodiscard]] Curve scaled(double factor) const;
  [[nodiscard]] bool empty() const { return points_.empty(); }
  [[nodiscard]] const std::vector<CurvePoint>& points() const { return points_; }

 private:
  std::vector<CurvePoint> points_;
};

}  // namespace rekey::bench::plan
