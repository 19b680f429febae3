// SPDX-License-Identifier: Apache-2.0
#include "security/tls_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/support/authority.h"

namespace rekey::security {
namespace {

using test::Authority;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class TlsFilesTest : public ::testing::Test {
 protected:
  void expect_refused(const TlsFiles& files, const std::string& begins, const std::string& found) {
    Identity identity;
    const Status status = Identity::load(files, &identity);
    EXPECT_EQ(status.code(), Code::kInvalidArgument);
    EXPECT_THAT(status.message(), StartsWith(begins));
    EXPECT_THAT(status.message(), HasSubstr(found));
    EXPECT_TRUE(identity.key_pem().empty());
  }

  Authority authority_{"one"};
  TlsFiles good_ = authority_.issue("server.example");
};

TEST_F(TlsFilesTest, GoodFilesAreTakenAsTheyAre) {
  Identity identity;
  EXPECT_EQ(Identity::load(good_, &identity).message(), "");
  EXPECT_THAT(identity.cert_pem(), HasSubstr("BEGIN CERTIFICATE"));
  EXPECT_THAT(identity.key_pem(), HasSubstr("BEGIN PRIVATE KEY"));
  EXPECT_THAT(identity.ca_pem(), HasSubstr("BEGIN CERTIFICATE"));
}

TEST_F(TlsFilesTest, AMissingFileIsNamed) {
  TlsFiles files = good_;
  files.key = authority_.path("none.key");
  expect_refused(files, "tls-key: expected PEM in " + files.key, "No such file");
  files.key = authority_.path("");
  expect_refused(files, "tls-key: expected PEM in", "no file");
}

TEST_F(TlsFilesTest, WhatIsNoPemIsNamed) {
  const std::string text = authority_.path("text");
  std::ofstream(text) << "not PEM\n";
  expect_refused({text, good_.key, good_.ca}, "tls-cert: expected a PEM certificate", "found none");
  expect_refused({good_.cert, text, good_.ca}, "tls-key: expected a PEM private key", "found none");
  expect_refused({good_.cert, good_.key, text}, "tls-ca: expected PEM certificates", "found none");
}

TEST_F(TlsFilesTest, TheKeyMustBeTheCertificates) {
  const TlsFiles other = authority_.issue("other.example");
  expect_refused({good_.cert, other.key, good_.ca}, "tls-key: expected the private key of",
                 "found another one");
}

TEST_F(TlsFilesTest, AnExpiredCertificateIsRefused) {
  expect_refused(authority_.issue("old.example", -1),
                 "tls-cert: expected a certificate that is valid today", "expired");
}

TEST_F(TlsFilesTest, AKeyUnderAPassphraseIsRefusedWithoutAsking) {
  const std::string locked = authority_.path("locked.key");
  ASSERT_EQ(
      std::system(("openssl pkey -aes128 -passout pass:secret -in " + good_.key + " -out " + locked)
                      .c_str()),
      0);
  expect_refused({good_.cert, locked, good_.ca}, "tls-key: expected a PEM private key without",
                 "found none");
}

TEST_F(TlsFilesTest, NoErrorHoldsWhatIsInTheKey) {
  std::ofstream(good_.key, std::ios::app) << "MARKER\n";
  Identity identity;
  const TlsFiles other = authority_.issue("third.example");
  const Status status = Identity::load({other.cert, good_.key, other.ca}, &identity);
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(status.message(), ::testing::Not(HasSubstr("MARKER")));
}

}  // namespace
}  // namespace rekey::security
