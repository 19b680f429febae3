// SPDX-License-Identifier: Apache-2.0
#include "report/figures.h"

#include <gtest/gtest.h>

namespace rekey::bench::report {
namespace {

TEST(Figures, HaveFourDigitsAndGroups) {
  EXPECT_EQ(figure(0), "0");
  EXPECT_EQ(figure(27.5), "27.5");
  EXPECT_EQ(figure(0.0123456), "0.01235");
  EXPECT_EQ(figure(-0.5), "-0.5");
  EXPECT_EQ(figure(100), "100");
  EXPECT_EQ(figure(999.96), "1,000");
  EXPECT_EQ(figure(148'945.45), "148,945");
  EXPECT_EQ(figure(-1'234'567), "-1,234,567");
  EXPECT_EQ(figure(1e-9), "0");
  EXPECT_EQ(figure(-1e-9), "0");
}

TEST(Figures, OfDifferencesHaveASign) {
  EXPECT_EQ(signed_figure(3.25), "+3.25");
  EXPECT_EQ(signed_figure(-3.25), "-3.25");
  EXPECT_EQ(signed_figure(0), "0");
  EXPECT_EQ(signed_figure(1e-9), "0");
}

}  // namespace
}  // namespace rekey::bench::report
