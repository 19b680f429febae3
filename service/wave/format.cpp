// SPDX-License-Identifier: Apache-2.0
#include "wave/format.h"

namespace rekey::wave {

std::string_view to_string(Format format) {
  switch (format) {
    case Format::kCsv:
      return "csv";
    case Format::kJsonLines:
      return "jsonl";
  }
  return "unknown";
}

std::optional<Format> format_from_string(std::string_view name) {
  if (name == "csv") return Format::kCsv;
  if (name == "jsonl") return Format::kJsonLines;
  return std::nullopt;
}

std::optional<Format> format_of_path(std::string_view path) {
  if (path.ends_with(".csv")) return Format::kCsv;
  if (path.ends_with(".jsonl") || path.ends_with(".ndjson")) return Format::kJsonLines;
  return std::nullopt;
}

}  // namespace rekey::wave
