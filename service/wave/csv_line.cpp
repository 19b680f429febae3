// SPDX-License-Identifier: Apache-2.0
#include "wave/csv_line.h"

#include <string>

namespace rekey::wave {
namespace {

/// Moves a quoted field, of which the opening quote is at the front of `*rest`, to `*out_field`.
Status take_quoted(std::size_t number, std::string_view* rest, SecretText* out_field) {
  const auto wrong = [&](std::string_view expected, std::string_view found) {
    return Status::invalid_argument("field " + std::to_string(number) + ": expected " +
                                    std::string(expected) + ", found " + std::string(found));
  };
  rest->remove_prefix(1);
  for (;;) {
    const std::size_t quote = rest->find('"');
    if (quote == std::string_view::npos) {
      return wrong("a closing quote", "the end of the line");
    }
    *out_field += rest->substr(0, quote);
    rest->remove_prefix(quote + 1);
    if (!rest->starts_with('"')) break;
    *out_field += '"';
    rest->remove_prefix(1);
  }
  if (rest->empty() || rest->starts_with(',')) return {};
  return wrong("a comma or the end of the line after the closing quote", "other text");
}

}  // namespace

Status split_csv_line(std::string_view line, std::vector<SecretText>* out_fields) {
  out_fields->clear();
  for (;;) {
    SecretText& field = out_fields->emplace_back();
    if (line.starts_with('"')) {
      if (Status s = take_quoted(out_fields->size(), &line, &field); !s.ok()) return s;
    } else {
      const std::size_t octets = std::min(line.find(','), line.size());
      field = line.substr(0, octets);
      line.remove_prefix(octets);
    }
    if (line.empty()) return {};
    line.remove_prefix(1);
  }
}

void append_csv_field(std::string_view text, SecretText* out_line) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    *out_line += text;
    return;
  }
  *out_line += '"';
  for (const char c : text) {
    if (c == '"') *out_line += '"';
    *out_line += c == '\r' || c == '\n' ? ' ' : c;
  }
  *out_line += '"';
}

}  // namespace rekey::wave
