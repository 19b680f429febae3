// SPDX-License-Identifier: Apache-2.0
//
// The two text formats of waves and results. Waves: one AMS a line with the fields of ams_record.h.
// Results: see result_writer.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace rekey::wave {

enum class Format : std::uint8_t {
  kCsv,        ///< `csv`: RFC 4180 with a header line; a field holds no line break
  kJsonLines,  ///< `jsonl`: one JSON object a line
};

/// to_string returns the format's name as users write it: `csv` or `jsonl`.
std::string_view to_string(Format format);

/// format_from_string is the inverse of to_string; nothing when the name is unknown.
std::optional<Format> format_from_string(std::string_view name);

/// format_of_path goes by the file name's extension: `.csv`, `.jsonl` or `.ndjson`.
std::optional<Format> format_of_path(std::string_view path);

}  // namespace rekey::wave
