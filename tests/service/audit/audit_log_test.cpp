// SPDX-License-Identifier: Apache-2.0
#include "audit/audit_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

namespace rekey::audit {
namespace {

class Gateway final : public rpc::Origin {
 public:
  [[nodiscard]] std::string caller() const override { return "gateway.example"; }
  [[nodiscard]] std::string traceparent() const override { return "00-trace"; }
};

const Gateway kGateway;

rpc::CallRecord record() {
  rpc::CallRecord record{.rpc = "KeyDerivation.Derive",
                         .origin = &kGateway,
                         .profile = Profile::kLegacy16e,
                         .items = 7,
                         .failed = 2,
                         .message = "",
                         .served = {},
                         .duration_us = 90};
  record.served.engine = "simd";
  record.served.verified = true;
  return record;
}

class AuditLogTest : public ::testing::Test {
 protected:
  AuditLogTest() { std::filesystem::create_directories(folder_); }
  ~AuditLogTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<AuditLog> open(bool required = true) {
    std::unique_ptr<AuditLog> log;
    EXPECT_EQ(AuditLog::open(file_, required, &log).message(), "");
    return log;
  }

  static std::vector<std::string> lines(const std::string& file) {
    std::vector<std::string> lines;
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }

  std::string folder_ = testing::TempDir() + "audit-" + std::to_string(::getpid());
  std::string file_ = folder_ + "/audit.jsonl";
};

TEST_F(AuditLogTest, ALineSaysWhoWhatHowMuchAndHowItEnded) {
  EXPECT_EQ(line_of(record(), "2026-01-02T03:04:05.000006Z"),
            R"({"time":"2026-01-02T03:04:05.000006Z","who":"gateway.example",)"
            R"("rpc":"KeyDerivation.Derive","profile":"legacy-16e","items":7,"failed":2,"code":0,)"
            R"("engine":"simd","verified":true,"duration_us":90,"traceparent":"00-trace"})"
            "\n");
}

TEST_F(AuditLogTest, WhatACallerWritesCannotForgeALine) {
  rpc::CallRecord forged = record();
  forged.message = "x\"}\n{\"who\":\"\xff";
  const std::string line = line_of(forged, "t");
  EXPECT_EQ(std::ranges::count(line, '\n'), 1);
  EXPECT_TRUE(nlohmann::json::accept(line));
}

TEST_F(AuditLogTest, LinesAreAppendedWholeAndForTheOwnerAlone) {
  const auto log = open();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int line = 0; line < 250; ++line) EXPECT_TRUE(log->answering(record()).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(open()->answering(record()), Status()) << "a second one appends";
  const auto written = lines(file_);
  EXPECT_EQ(written.size(), 1001U);
  for (const std::string& line : written) ASSERT_TRUE(nlohmann::json::accept(line)) << line;
  struct stat about = {};
  ASSERT_EQ(stat(file_.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600U);
}

TEST_F(AuditLogTest, AFullDiskHoldsAnswersBackOnlyWhereLinesAreRequired) {
  file_ = "/dev/full";
  EXPECT_EQ(open(true)->answering(record()).code(), Code::kUnavailable);
  EXPECT_TRUE(open(false)->answering(record()).ok());
}

TEST_F(AuditLogTest, ReopenedItGoesOnInANewFile) {
  const auto log = open();
  ASSERT_TRUE(log->answering(record()).ok());
  std::filesystem::rename(file_, file_ + ".1");
  ASSERT_TRUE(log->answering(record()).ok());
  ASSERT_TRUE(log->reopen().ok());
  ASSERT_TRUE(log->answering(record()).ok());
  EXPECT_EQ(lines(file_ + ".1").size(), 2U);
  EXPECT_EQ(lines(file_).size(), 1U);
}

TEST_F(AuditLogTest, AFileThatCannotBeReopenedLeavesTheOneBefore) {
  const auto log = open();
  std::filesystem::rename(folder_, folder_ + ".moved");
  EXPECT_THAT(log->reopen().message(), ::testing::HasSubstr("audit: cannot write " + file_));
  EXPECT_TRUE(log->answering(record()).ok());
  std::filesystem::rename(folder_ + ".moved", folder_);
  EXPECT_EQ(lines(file_).size(), 1U);
}

TEST_F(AuditLogTest, AFileThatCannotBeOpenedIsNamed) {
  std::unique_ptr<AuditLog> log;
  const Status status = AuditLog::open("/no/such/audit.jsonl", true, &log);
  EXPECT_EQ(status.message(),
            "audit: cannot write /no/such/audit.jsonl: No such file or directory");
}

}  // namespace
}  // namespace rekey::audit
