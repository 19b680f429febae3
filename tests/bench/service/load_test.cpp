// SPDX-License-Identifier: Apache-2.0
//
// The client and the echo server, in one process.
#include "service/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "bench/service/wire_messages.h"
#include "rekey/engines.h"
#include "rekey/v1/key_derivation.pb.h"
#include "service/echo_server.h"
#include "service/exchange.h"

namespace rekey::bench {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

class LoadTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(EchoServer::start({.arena = true, .tls = {}}, &server_), Status());
    address_ = server_->address();
  }

  /// Opens a load of 3 AMSs a message.
  void open(Rpc rpc, const std::string& method, std::uint32_t callers, std::uint32_t in_flight) {
    const auto referee = make_openssl_ecb_engine();
    ASSERT_EQ(Exchange::make(rpc, 3, *referee, &exchange_), Status());
    const Shape shape{"shape", rpc, 3, callers, in_flight, {}, {}};
    ASSERT_EQ(Load::open(shape, {address_, method, {}}, exchange_->request(), &load_), Status());
  }

  std::unique_ptr<EchoServer> server_;
  std::string address_;
  std::unique_ptr<Exchange> exchange_;
  std::unique_ptr<Load> load_;
};

TEST_F(LoadTest, KeepsUnaryCallsUnderWay) {
  open(Rpc::kRows, "/rekey.v1.KeyDerivation/Derive", 0, 4);
  std::uint64_t seen = 0;
  const auto look = [&](const grpc::ByteBuffer& answer) {
    ++seen;
    EXPECT_EQ(parsed<v1::DeriveResponse>(answer).items_size(), 3);
    return Status();
  };
  Slice slice;
  ASSERT_EQ(load_->run(20ms, look, &slice), Status());
  EXPECT_EQ(slice.answers, seen);
  EXPECT_GE(slice.answers, 4U);
  EXPECT_GE(slice.seconds, 0.02);
  EXPECT_TRUE(slice.burst_seconds.empty());
}

TEST_F(LoadTest, TimesBurstsOfManyCallers) {
  open(Rpc::kColumns, kRawUnaryMethod, 5, 1);
  Slice slice;
  ASSERT_EQ(load_->run(20ms, {}, &slice), Status());
  EXPECT_EQ(slice.answers, 5 * slice.burst_seconds.size());
  for (const double seconds : slice.burst_seconds) {
    EXPECT_GT(seconds, 0);
    EXPECT_LE(seconds, slice.seconds);
  }
}

TEST_F(LoadTest, KeepsMessagesUnderWayOnAStreamFromSliceToSlice) {
  for (const char* method : {"/rekey.v1.KeyDerivation/DeriveStream", kRawStreamMethod}) {
    open(Rpc::kStream, method, 0, 8);
    for (int round = 0; round < 3; ++round) {
      std::uint64_t seen = 0;
      const auto look = [&](const grpc::ByteBuffer& answer) {
        ++seen;
        EXPECT_GE(answer.Length(), 3U * 99);
        return Status();
      };
      Slice slice;
      ASSERT_EQ(load_->run(5ms, look, &slice), Status()) << method;
      EXPECT_EQ(slice.answers, seen);
      EXPECT_GE(slice.answers, 1U);
    }
  }
}

TEST_F(LoadTest, ReturnsWhatIsWrongWithAnAnswer) {
  for (const Rpc rpc : {Rpc::kColumns, Rpc::kStream}) {
    open(rpc, rpc == Rpc::kStream ? kRawStreamMethod : kRawUnaryMethod, 0, 2);
    Slice slice;
    const Status wrong(Code::kInternal, "wrong");
    EXPECT_EQ(load_->run(
                  1s, [&](const grpc::ByteBuffer&) { return wrong; }, &slice),
              wrong);
  }
}

TEST_F(LoadTest, SaysWhyACallFailed) {
  for (const Rpc rpc : {Rpc::kColumns, Rpc::kStream}) {
    open(rpc, "/none/None", 0, 2);
    Slice slice;
    EXPECT_THAT(load_->run(1s, {}, &slice).message(),
                HasSubstr("the echo server has no method /none/None"));
  }
}

TEST_F(LoadTest, SaysThatNobodyListens) {
  server_.reset();
  for (const Rpc rpc : {Rpc::kColumns, Rpc::kStream}) {
    open(rpc, kRawUnaryMethod, 0, 2);
    Slice slice;
    EXPECT_EQ(load_->run(1s, {}, &slice).code(), Code::kUnavailable);
  }
}

}  // namespace
}  // namespace rekey::bench
