// SPDX-License-Identifier: Apache-2.0
#include "service/shape.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace rekey::bench {
namespace {

TEST(Shape, EveryBarIsToAWayThatIsMeasured) {
  std::set<std::string> names;
  for (const Shape& shape : all_shapes()) {
    EXPECT_TRUE(names.insert(shape.name).second) << shape.name;
    EXPECT_FALSE(shape.bars.empty()) << shape.name;
    for (const Bar& bar : shape.bars) {
      EXPECT_NE(std::ranges::find(shape.ways, bar.to), shape.ways.end()) << shape.name;
      EXPECT_EQ(bar.measure != Measure::kRate, shape.times_answers()) << shape.name;
    }
  }
}

TEST(Shape, RatesMustReachABarAndTimesMustNotPassIt) {
  const Bar rate{Measure::kRate, EchoWay::kRaw, 0.85};
  EXPECT_TRUE(rate.met_by(0.85));
  EXPECT_FALSE(rate.met_by(0.84));
  const Bar time{Measure::kP50, EchoWay::kRaw, 1.5};
  EXPECT_TRUE(time.met_by(1.5));
  EXPECT_FALSE(time.met_by(1.51));
}

}  // namespace
}  // namespace rekey::bench
