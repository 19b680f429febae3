// SPDX-License-Identifier: Apache-2.0
//
// Reads a whole wave from text in memory.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wave/wave_reader.h"

namespace rekey::wave {

/// ReadAll is everything a reader gave.
struct ReadAll {
  std::vector<AmsRecord> records;
  std::vector<std::string> bad_lines;  ///< errors that could be passed over
  std::string failure;                 ///< the error that ended reading, if one did
};

inline ReadAll read_all(Format format, const Rules& rules, std::string_view text) {
  TextSource source(text);
  const auto reader = make_wave_reader(format, rules, source);
  ReadAll all;
  for (;;) {
    AmsRecord record;
    switch (reader->next(&record)) {
      case ReadOutcome::kRecord:
        all.records.push_back(record);
        break;
      case ReadOutcome::kBadLine:
        all.bad_lines.push_back(reader->error().message());
        break;
      case ReadOutcome::kFailed:
        all.failure = reader->error().message();
        return all;
      case ReadOutcome::kEnd:
        return all;
    }
  }
}

}  // namespace rekey::wave
