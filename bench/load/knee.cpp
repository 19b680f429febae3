// SPDX-License-Identifier: Apache-2.0
#include "load/knee.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>

namespace rekey::bench::load {
namespace {

constexpr double kSlowest = 1e-3;
constexpr double kFastest = 1e6;
constexpr double kClose = 1.05;

/// The median of a member; of an even number of runs the worse one's, where more is worse.
template <typename Value>
Value median(const std::vector<KneePoint>& runs, Value KneePoint::*member) {
  std::vector<Value> values;
  std::ranges::transform(runs, std::back_inserter(values),
                         [&](const KneePoint& run) { return run.*member; });
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

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
  point.p99_min = point.p99_max = point.p99;
  point.kept = counts.answered > 0 && point.unanswered == 0 && point.p99 <= p99_at_most;
  return point;
}

KneePoint median_of(const std::vector<KneePoint>& runs) {
  KneePoint point = runs.front();
  for (double KneePoint::*member :
       {&KneePoint::due_per_second, &KneePoint::answered_per_second, &KneePoint::ams_per_second}) {
    point.*member = median(runs, member);
  }
  for (std::chrono::nanoseconds KneePoint::*member :
       {&KneePoint::p50, &KneePoint::p99, &KneePoint::p999, &KneePoint::max}) {
    point.*member = median(runs, member);
  }
  point.unanswered = median(runs, &KneePoint::unanswered);
  point.p99_min = std::ranges::min(runs, {}, &KneePoint::p99).p99;
  point.p99_max = std::ranges::max(runs, {}, &KneePoint::p99).p99;
  const auto kept = std::ranges::count(runs, true, &KneePoint::kept);
  point.kept = 2 * static_cast<std::size_t>(kept) > runs.size();
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
