// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/top_view.h"

#include <gtest/gtest.h>

namespace rekey::ctl {
namespace {

TEST(TopView, ShowsRatesOfTheIntervalAndTheStateNow) {
  MetricsSample before;
  MetricsSample now;
  const std::string state =
      "rekeyd_build_info{version=\"1.2.3\"} 1\nrekeyd_queued_requests 4\n"
      "rekeyd_engine_serving{engine=\"simd\"} 1\nrekeyd_engine_preferred{engine=\"simd\"} 1\n"
      "rekeyd_engine_serving{engine=\"cuda\"} 0\nrekeyd_engine_refused{engine=\"cuda\"} 1\n"
      "rekeyd_engine_serving{engine=\"gone\"} 0\nrekeyd_engine_refused{engine=\"gone\"} 0\n"
      "rekeyd_engine_quarantines_total{engine=\"cuda\"} 1\n"
      "rekeyd_rejections_total{cause=\"overload\"} 6\nrekeyd_rejections_total{cause=\"role\"} 0\n";
  ASSERT_TRUE(MetricsSample::parse("rekeyd_items_total{outcome=\"derived\",profile=\"p\"} 1000\n"
                                   "rekeyd_rejections_total{cause=\"overload\"} 2\n",
                                   &before)
                  .ok());
  ASSERT_TRUE(
      MetricsSample::parse(state + "rekeyd_items_total{outcome=\"derived\",profile=\"p\"} 2001000\n"
                                   "rekeyd_items_total{outcome=\"failed\",profile=\"p\"} 7\n"
                                   "rekeyd_requests_total{code=\"OK\"} 10\n"
                                   "rekeyd_request_seconds_bucket{le=\"0.002\"} 10\n"
                                   "rekeyd_request_seconds_bucket{le=\"+Inf\"} 10\n"
                                   "rekeyd_request_seconds_count 10\n",
                           &now)
          .ok());
  EXPECT_EQ(top_view("host:1", before, now, 2),
            "rekeyd 1.2.3 at host:1\n"
            "\n"
            "AMSs a second           1,000,000\n"
            "requests a second       5\n"
            "refused a second        2\n"
            "request time            p50 1 ms   p99 1.98 ms\n"
            "queue age               -\n"
            "engine time of a batch  -\n"
            "AMSs of a batch         -\n"
            "waiting requests        4\n"
            "engines                 cuda REFUSED, gone absent, simd serves (preferred)\n"
            "quarantines             1\n"
            "refused since the start overload 6\n");
}

}  // namespace
}  // namespace rekey::ctl
