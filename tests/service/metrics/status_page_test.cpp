// SPDX-License-Identifier: Apache-2.0
#include "metrics/status_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace rekey::metrics {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(StatusPage, HasEveryPartThatItsPageNames) {
  const std::string page = status_page_response("/").value_or("");
  EXPECT_THAT(page, HasSubstr("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"));
  EXPECT_THAT(page, HasSubstr("<link rel=\"stylesheet\" href=\"status.css\">"));
  EXPECT_THAT(page, HasSubstr("<script src=\"status.js\" defer></script>"));
  EXPECT_THAT(status_page_response("/status.css").value_or(""), HasSubstr("text/css"));
  EXPECT_THAT(status_page_response("/status.js").value_or(""), HasSubstr("fetch(\"metrics\""));
}

TEST(StatusPage, TrustsNothingButItself) {
  const std::string page = status_page_response("/").value_or("");
  EXPECT_THAT(page, HasSubstr("Content-Security-Policy: default-src 'none'; script-src 'self'; "));
  EXPECT_THAT(page, HasSubstr("frame-ancestors 'none'\r\n"));
  EXPECT_THAT(page, HasSubstr("X-Content-Type-Options: nosniff\r\n"));
  EXPECT_THAT(page, Not(HasSubstr("unsafe-inline")));
}

TEST(StatusPage, SaysHowLongItIs) {
  const std::string response = status_page_response("/status.js").value_or("");
  const std::size_t end = response.find("\r\n\r\n");
  ASSERT_NE(end, response.npos);
  EXPECT_THAT(response,
              HasSubstr("Content-Length: " + std::to_string(response.size() - end - 4) + "\r\n"));
}

TEST(StatusPage, LeavesEverythingElseToOthers) {
  for (const char* path : {"/metrics", "", "/status", "/../etc/passwd"}) {
    EXPECT_FALSE(status_page_response(path)) << path;
  }
}

}  // namespace
}  // namespace rekey::metrics
