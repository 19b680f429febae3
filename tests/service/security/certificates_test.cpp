// SPDX-License-Identifier: Apache-2.0
#include "security/certificates.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "service/support/authority.h"

namespace rekey::security {
namespace {

using test::Authority;

class CertificatesTest : public ::testing::Test {
 protected:
  CertificatesTest() {
    EXPECT_TRUE(Certificates::open(
                    files_, [this](std::string_view refusal) { changes_.emplace_back(refusal); },
                    &certificates_)
                    .ok());
  }

  /// The certificate that a handshake would begin with, or empty when it is the one before.
  std::string next() {
    std::string pem;
    certificates_->visit_if_new([&](const Identity& identity) { pem = identity.cert_pem(); });
    return pem;
  }

  static std::string read(const std::string& file) {
    std::ifstream stream(file);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  static void copy(const std::string& from, const std::string& to) {
    std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
  }

  Authority authority_{"one"};
  TlsFiles files_ = authority_.issue("server.example");
  TlsFiles renewed_ = authority_.issue("renewed.example");
  std::vector<std::string> changes_;
  std::unique_ptr<Certificates> certificates_;
};

TEST_F(CertificatesTest, TheFirstHandshakeGetsThemAndLaterOnesAreTheSame) {
  EXPECT_EQ(next(), read(files_.cert));
  EXPECT_EQ(next(), "");
  EXPECT_TRUE(changes_.empty());
}

TEST_F(CertificatesTest, ChangedFilesAreTakenAtTheNextHandshake) {
  next();
  copy(renewed_.key, files_.key);
  copy(renewed_.cert, files_.cert);
  EXPECT_EQ(next(), read(renewed_.cert));
  EXPECT_EQ(next(), "");
  EXPECT_EQ(changes_, std::vector<std::string>{""});
}

TEST_F(CertificatesTest, FilesThatDoNotFitChangeNothingAndAreReportedOnce) {
  next();
  copy(renewed_.cert, files_.cert);
  EXPECT_EQ(next(), "") << "the key is still the old one";
  EXPECT_EQ(next(), "");
  ASSERT_EQ(changes_.size(), 1U);
  EXPECT_NE(changes_[0].find("tls-key: expected"), std::string::npos);
  copy(renewed_.key, files_.key);
  EXPECT_EQ(next(), read(renewed_.cert));
  EXPECT_EQ(changes_.size(), 2U);
}

TEST_F(CertificatesTest, AVanishedFileChangesNothing) {
  next();
  std::filesystem::remove(files_.key);
  EXPECT_EQ(next(), "");
  ASSERT_EQ(changes_.size(), 1U);
  EXPECT_NE(changes_[0].find("tls-key: expected PEM"), std::string::npos);
}

TEST_F(CertificatesTest, OtherFilesReplaceTheseUnlessTheyAreWrong) {
  next();
  TlsFiles wrong = renewed_;
  wrong.key = files_.key;
  EXPECT_EQ(certificates_->replace(wrong).code(), Code::kInvalidArgument);
  EXPECT_EQ(next(), "");
  EXPECT_TRUE(certificates_->replace(renewed_).ok());
  EXPECT_EQ(next(), read(renewed_.cert));
}

}  // namespace
}  // namespace rekey::security
