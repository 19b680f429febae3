// SPDX-License-Identifier: Apache-2.0
#include "contexts/store/store_address.h"

#include <gmock/gmock.h>

#include <string>

namespace rekey::contexts {
namespace {

TEST(StoreAddressTest, IsWrittenAsItWasRead) {
  for (const std::string text : {"off", "memory", "rocksdb:/var/lib/rekeyd/contexts",
                                 "rocksdb:with:colon", "redis:127.0.0.1:6379", "redis:[::1]:7"}) {
    StoreAddress address;
    const Status status = StoreAddress::parse(text, &address);
    ASSERT_TRUE(status.ok()) << status.message();
    EXPECT_EQ(address.to_string(), text);
    EXPECT_EQ(address.is_sealed(), text.find(':') != std::string::npos) << text;
  }
}

TEST(StoreAddressTest, SaysWhatWasExpected) {
  for (const char* text : {"", "disk", "rocksdb", "rocksdb:", "redis", "Memory"}) {
    StoreAddress address;
    const Status status = StoreAddress::parse(text, &address);
    EXPECT_EQ(status.code(), Code::kInvalidArgument) << text;
    EXPECT_EQ(
        status.message(),
        std::string("expected off, memory, rocksdb:DIR or redis:HOST:PORT, found '") + text + "'");
  }
  StoreAddress address;
  EXPECT_THAT(StoreAddress::parse("redis:host", &address).message(),
              testing::HasSubstr("found 'host'"));
}

}  // namespace
}  // namespace rekey::contexts
