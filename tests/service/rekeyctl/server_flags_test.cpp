// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/server_flags.h"

#include <gtest/gtest.h>

namespace rekey::ctl {
namespace {

TEST(ServerFlags, KeysCrossANetworkOnlyWhenAskedByName) {
  ServerFlags flags;
  EXPECT_TRUE(flags.check().ok());
  flags.server = "10.0.0.1:7316";
  EXPECT_EQ(flags.check().code(), Code::kInvalidArgument);
  flags.insecure = true;
  EXPECT_TRUE(flags.check().ok());
}

TEST(ServerFlags, TheTlsFilesBelongTogether) {
  ServerFlags flags;
  flags.server = "10.0.0.1:7316";
  flags.tls = {"client.pem", "client.key", "ca.pem"};
  EXPECT_TRUE(flags.check().ok());
  flags.tls.key.clear();
  EXPECT_EQ(flags.check().message(),
            "--tls-cert, --tls-key and --tls-ca: expected all three, found no --tls-key");
  flags.tls.key = "client.key";
  flags.insecure = true;
  EXPECT_EQ(flags.check().message(), "--insecure: expected no --tls-cert beside it");
}

TEST(ServerFlags, AServerNameNeedsTls) {
  ServerFlags flags;
  flags.server_name = "server.example";
  EXPECT_EQ(flags.check().message(),
            "--server-name: expected --tls-cert, --tls-key and --tls-ca beside it");
  flags.tls = {"client.pem", "client.key", "ca.pem"};
  EXPECT_TRUE(flags.check().ok());
}

TEST(ServerFlags, NeedsAPort) {
  ServerFlags flags;
  for (const char* address : {"localhost", "localhost:", ""}) {
    flags.server = address;
    EXPECT_EQ(flags.check().message(),
              "--server: expected HOST:PORT, such as 127.0.0.1:7316 or [::1]:7316, found '" +
                  flags.server + "'");
  }
}

}  // namespace
}  // namespace rekey::ctl
