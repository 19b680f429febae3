// SPDX-License-Identifier: Apache-2.0
#include "load/knee.h"

#include <algorithm>
#include <cmath>

namespace rekey::bench::load {
namespace {

constexpr double kSlowest = 1e-3;
constexpr double kFastest = 1e6;
constexpr double kClose = 1.05;

}  // namespace

const KneePoint* Knee::point() const {
  const auto found = std::ranges::find(curve, speed, &KneePoint::speed);
  return found == curve.end() ? nullptr : &*found;
}

KneePoint knee_point(double speed, const Counts& counts, std::chrono::nanoseconds p99_at_most) {
  const double seconds = std::chrono::duration<double>(counts.measured).count();
  KneePoint point;
  point.speed = speed;
  point.due_per_second = static_cast<double>(counts.due) / seconds;
  point.answered_per_second = static_cast<double>(counts.answers_while_measured()) / seconds;
  point.ams_per_second = static_cast<double>(counts.ams_while_measured()) / seconds;
  point.p50 = counts.latency.quantile(0.5);
  point.p99 = counts.latency.quantile(0.99);
  point.p999 = counts.latency.quantile(0.999);
  point.max = counts.latency.max();
  point.unanswered = counts.failed + counts.unsent;
  point.kept = counts.answered > 0 && point.unanswered == 0 && point.p99 <= p99_at_most;
  return point;
}

Status find_knee(const std::function<Status(double speed, KneePoint*)>& measure, Knee* out_knee) {
  Knee knee;
  double broken = 0;  // the lowest speed that broke the promise
  for (double speed = 1; speed >= kSlowest && speed <= kFastest;) {
    KneePoint point;
    if (Status s = measure(speed, &point); !s.ok()) return s;
    knee.curve.push_back(point);
    if (point.kept) {
      knee.speed = speed;
    } else {
      broken = speed;
    }
    if (broken == 0) {
      speed *= 2;
    } else if (knee.speed == 0) {
      speed /= 2;
    } else if (broken / knee.speed > kClose) {
      speed = std::sqrt(broken * knee.speed);
    } else {
      break;
    }
  }
  knee.bounded = broken > 0;
  std::ranges::sort(knee.curve, {}, &KneePoint::speed);
  *out_knee = std::move(knee);
  return {};
}

}  // namespace rekey::bench::load
