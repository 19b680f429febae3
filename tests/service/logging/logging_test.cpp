// SPDX-License-Identifier: Apache-2.0
#include "logging/logging.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <thread>

#include "logging/formatter.h"

namespace rekey::logging {
namespace {

constexpr char kTrace[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
constexpr char kTraceId[] = "4bf92f3577b34da6a3ce929d0e0e4736";

class LoggingTest : public ::testing::Test {
 protected:
  /// One message as a line of the log.
  static std::string line(Format format, const std::string& message) {
    std::ostringstream stream;
    spdlog::logger logger("test", std::make_shared<spdlog::sinks::ostream_sink_st>(stream));
    logger.set_formatter(make_formatter(format));
    logger.warn(message);
    return stream.str();
  }
};

TEST_F(LoggingTest, JsonIsOneObjectALineWhateverTheMessage) {
  const std::string message = "a \"quoted\"\nline \\ \x01 \xff";
  const std::string text = line(Format::kJson, message);
  EXPECT_EQ(std::ranges::count(text, '\n'), 1);
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["level"], "warning");
  EXPECT_THAT(json["message"].get<std::string>(), ::testing::StartsWith("a \"quoted\"\nline"));
  EXPECT_THAT(json["time"].get<std::string>(),
              ::testing::MatchesRegex("....-..-..T..:..:..\\....Z"));
  EXPECT_FALSE(json.contains("trace_id"));
}

TEST_F(LoggingTest, InsideATraceLinesCarryItsId) {
  {
    const TraceScope scope(kTrace);
    EXPECT_EQ(nlohmann::json::parse(line(Format::kJson, "m"))["trace_id"], kTraceId);
    EXPECT_THAT(line(Format::kText, "m"),
                ::testing::HasSubstr("m trace_id=" + std::string(kTraceId)));
    std::thread([] {
      EXPECT_THAT(line(Format::kText, "m"), ::testing::Not(::testing::HasSubstr("trace_id")));
    }).join();
  }
  EXPECT_THAT(line(Format::kText, "m"), ::testing::Not(::testing::HasSubstr("trace_id")));
  const TraceScope none("");
  EXPECT_THAT(line(Format::kText, "m"), ::testing::EndsWith("warning m\n"));
}

}  // namespace
}  // namespace rekey::logging
