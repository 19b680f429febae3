// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/server_flags.h"

#include <gtest/gtest.h>

namespace rekey::ctl {
namespace {

TEST(ServerFlags, KnowsLoopback) {
  for (const char* address : {"localhost:1", "127.0.0.1:7316", "127.9.9.9:1", "[::1]:1"}) {
    EXPECT_TRUE(is_loopback(address)) << address;
  }
  for (const char* address : {"10.0.0.1:1", "localhost.example.com:1", "127.0.0.1.example.com:1",
                              "[::2]:1", "0.0.0.0:1", "[::]:1", "127.1:1", "localhost", "", ":1"}) {
    EXPECT_FALSE(is_loopback(address)) << address;
  }
}

TEST(ServerFlags, KeysCrossANetworkOnlyWhenAskedByName) {
  ServerFlags flags;
  EXPECT_TRUE(flags.check().ok());
  flags.server = "10.0.0.1:7316";
  EXPECT_EQ(flags.check().code(), Code::kInvalidArgument);
  flags.insecure = true;
  EXPECT_TRUE(flags.check().ok());
}

TEST(ServerFlags, NeedsAPort) {
  ServerFlags flags;
  for (const char* address : {"localhost", "localhost:", ""}) {
    flags.server = address;
    EXPECT_EQ(flags.check().message(), "--server: expected HOST:PORT, found " + flags.server);
  }
}

}  // namespace
}  // namespace rekey::ctl
