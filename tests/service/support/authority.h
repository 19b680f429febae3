// SPDX-License-Identifier: Apache-2.0
//
// Certificates for tests, made with the openssl command.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "security/tls_files.h"

namespace rekey::test {

/// Authority is a folder with an authority's certificate, removed at the end.
class Authority {
 public:
  explicit Authority(const std::string& name)
      : folder_(std::filesystem::path(testing::TempDir()) /
                ("authority-" + name + "-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
    openssl("req -x509 " + kNewKey + " -days 30 -subj /CN=" + name + " -keyout " + path("ca.key") +
            " -out " + path("ca.pem"));
  }
  ~Authority() { std::filesystem::remove_all(folder_); }
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  /// issue makes NAME.pem and NAME.key, valid from now for so many days; negative: expired.
  security::TlsFiles issue(const std::string& name, int days = 30) {
    std::ofstream(path("extensions")) << "subjectAltName=DNS:" << name << ",IP:127.0.0.1\n";
    openssl("req " + kNewKey + " -subj /CN=" + name + " -keyout " + path(name + ".key") + " -out " +
            path("request"));
    openssl("x509 -req -in " + path("request") + " -CA " + path("ca.pem") + " -CAkey " +
            path("ca.key") + " -CAcreateserial -days " + std::to_string(days) + " -extfile " +
            path("extensions") + " -out " + path(name + ".pem"));
    return {path(name + ".pem"), path(name + ".key"), path("ca.pem")};
  }

  [[nodiscard]] std::string path(const std::string& file) const { return folder_ / file; }

 private:
  static inline const std::string kNewKey = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";

  static void openssl(const std::string& arguments) {
    ASSERT_EQ(std::system(("openssl " + arguments + " 2>/dev/null").c_str()), 0) << arguments;
  }

  std::filesystem::path folder_;
};

}  // namespace rekey::test
