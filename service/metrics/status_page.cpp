// SPDX-License-Identifier: Apache-2.0
#include "metrics/status_page.h"

#include <algorithm>
#include <array>

namespace rekey::embedded {
extern const std::string_view kStatusHtml;
extern const std::string_view kStatusCss;
extern const std::string_view kStatusJs;
}  // namespace rekey::embedded

namespace rekey::metrics {
namespace {

struct Part {
  std::string_view path;
  std::string_view type;
  const std::string_view& text;
};

constexpr std::array kParts = {
    Part{"/", "text/html", embedded::kStatusHtml},
    Part{"/status.css", "text/css", embedded::kStatusCss},
    Part{"/status.js", "text/javascript", embedded::kStatusJs},
};

constexpr std::string_view kSecurityHeaders =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n";

}  // namespace

std::optional<std::string> status_page_response(std::string_view path) {
  const auto* part = std::ranges::find(kParts, path, &Part::path);
  if (part == kParts.end()) return std::nullopt;
  std::string response = "HTTP/1.1 200 OK\r\nContent-Type: ";
  response += part->type;
  response += "; charset=utf-8\r\nContent-Length: " + std::to_string(part->text.size()) +
              "\r\nCache-Control: no-cache\r\nConnection: close\r\n";
  response += kSecurityHeaders;
  response += "\r\n";
  response += part->text;
  return response;
}

}  // namespace rekey::metrics
