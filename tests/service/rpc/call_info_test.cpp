// SPDX-License-Identifier: Apache-2.0
#include "rpc/call_info.h"

#include <gtest/gtest.h>

namespace rekey::rpc {
namespace {

TEST(HostOf, LeavesThePortOut) {
  EXPECT_EQ(host_of("ipv4:192.0.2.1:4711"), "192.0.2.1");
  EXPECT_EQ(host_of("ipv6:[2001:db8::1]:4711"), "[2001:db8::1]");
  EXPECT_EQ(host_of("ipv6:%5B2001:db8::1%5D:4711"), "%5B2001:db8::1%5D");
  EXPECT_EQ(host_of("unix:/run/rekeyd.sock"), "unix:/run/rekeyd.sock");
  EXPECT_EQ(host_of("ipv4:"), "");
  EXPECT_EQ(host_of(""), "");
}

}  // namespace
}  // namespace rekey::rpc
