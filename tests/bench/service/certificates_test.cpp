// SPDX-License-Identifier: Apache-2.0
//
// A run over TLS, without rekeyd.
#include "service/certificates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "rekey/engines.h"
#include "service/echo_server.h"
#include "service/exchange.h"
#include "service/load.h"

namespace rekey::bench {
namespace {

using namespace std::chrono_literals;

/// What comes of asking an echo server once.
Status ask(const TlsFiles& server_tls, const TlsFiles& client_tls) {
  std::unique_ptr<EchoServer> server;
  if (Status s = EchoServer::start({.arena = false, .tls = server_tls}, &server); !s.ok()) return s;
  const auto referee = make_openssl_ecb_engine();
  std::unique_ptr<Exchange> exchange;
  if (Status s = Exchange::make(Rpc::kColumns, 3, *referee, &exchange); !s.ok()) return s;
  const Shape shape{"shape", Rpc::kColumns, 3, 0, 1, {}, {}};
  std::unique_ptr<Load> load;
  const Target target{server->address(), kRawUnaryMethod, client_tls};
  if (Status s = Load::open(shape, target, exchange->request(), &load); !s.ok()) return s;
  Slice slice;
  return load->run(1ms, {}, &slice);
}

TEST(Certificates, LetTheClientOfTheRunIn) {
  std::unique_ptr<Certificates> run;
  ASSERT_EQ(Certificates::make(&run), Status());
  EXPECT_EQ(ask(run->files().server, run->files().client), Status());
}

TEST(Certificates, LetNobodyElseIn) {
  std::unique_ptr<Certificates> run;
  std::unique_ptr<Certificates> other;
  ASSERT_EQ(Certificates::make(&run), Status());
  ASSERT_EQ(Certificates::make(&other), Status());
  EXPECT_EQ(ask(run->files().server, {}).code(), Code::kUnavailable);
  EXPECT_EQ(ask(run->files().server, other->files().client).code(), Code::kUnavailable);
}

TEST(Certificates, LieWhereOnlyThisUserReadsAndGoWithTheRun) {
  std::unique_ptr<Certificates> run;
  ASSERT_EQ(Certificates::make(&run), Status());
  const auto folder = std::filesystem::path(run->files().server.key).parent_path();
  EXPECT_EQ(std::filesystem::status(folder).permissions(), std::filesystem::perms::owner_all);
  run.reset();
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST(Credentials, NameAFileThatIsNotThere) {
  EXPECT_THAT(ask({"/nowhere/cert", "/nowhere/key", "/nowhere/ca"}, {}).message(),
              testing::HasSubstr("/nowhere/cert"));
}

}  // namespace
}  // namespace rekey::bench
