// SPDX-License-Identifier: Apache-2.0
#include "net/host_port.h"

#include <gtest/gtest.h>

namespace rekey::net {
namespace {

TEST(HostPort, ReadsAndWritesHostAndPort) {
  for (const char* text :
       {"127.0.0.1:7316", "localhost:0", "[::1]:65535", "0.0.0.0:1", "gateway-7.example:7316"}) {
    HostPort address;
    ASSERT_TRUE(HostPort::parse(text, &address).ok()) << text;
    EXPECT_EQ(address.to_string(), text);
  }
}

TEST(HostPort, RefusesWhatIsNotHostAndPort) {
  for (const char* text : {"", ":", "7316", "localhost", "localhost:", ":7316", "localhost:http",
                           "localhost:65536", "localhost:-1", "localhost:73 16", "::1:7316",
                           "[::1]", "[]:7316", "[localhost]:7316", "unix:/tmp/socket"}) {
    HostPort address;
    const Status status = HostPort::parse(text, &address);
    EXPECT_EQ(status.code(), Code::kInvalidArgument) << text;
    EXPECT_NE(status.message().find("found '" + std::string(text) + "'"), std::string::npos);
  }
}

TEST(HostPort, KnowsLoopback) {
  const auto is_loopback = [](const char* text) {
    HostPort address;
    EXPECT_TRUE(HostPort::parse(text, &address).ok());
    return address.is_loopback();
  };
  for (const char* text : {"localhost:1", "127.0.0.1:1", "127.255.1.2:1", "[::1]:1"}) {
    EXPECT_TRUE(is_loopback(text)) << text;
  }
  for (const char* text : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "128.0.0.1:1", "localhost.evil:1",
                           "127.0.0.1.evil:1", "gateway:1"}) {
    EXPECT_FALSE(is_loopback(text)) << text;
  }
}

}  // namespace
}  // namespace rekey::net
