// SPDX-License-Identifier: Apache-2.0
#include "wave/wave_reader.h"

#include <string>

#include "wave/csv_wave_reader.h"
#include "wave/json_wave_reader.h"

namespace rekey::wave {

ReadOutcome WaveReader::next(AmsRecord* out_record) {
  if (failed_) return ReadOutcome::kFailed;
  for (;;) {
    const bool header_due = !anything_read_ && expects_header();
    switch (lines_.next()) {
      case LineReader::Outcome::kEnd:
        if (anything_read_) return ReadOutcome::kEnd;
        error_ = Status::invalid_argument(std::string("expected ") +
                                          (header_due ? "a header line" : "at least one AMS") +
                                          ", found an empty file");
        failed_ = true;
        return ReadOutcome::kFailed;
      case LineReader::Outcome::kFailed:
        error_ = lines_.failure();
        failed_ = true;
        return ReadOutcome::kFailed;
      case LineReader::Outcome::kTooLong:
        anything_read_ = true;
        return fail(header_due ? ReadOutcome::kFailed : ReadOutcome::kBadLine,
                    Status::invalid_argument("expected at most " + std::to_string(kMaxLineOctets) +
                                             " octets, found a longer line"));
      case LineReader::Outcome::kLine:
        break;
    }
    if (lines_.line().empty()) continue;
    anything_read_ = true;
    if (header_due) {
      if (Status s = parse_header(lines_.line()); !s.ok()) return fail(ReadOutcome::kFailed, s);
      continue;
    }
    *out_record = {};
    out_record->line = lines_.number();
    if (Status s = parse_record(lines_.line(), out_record); !s.ok()) {
      return fail(ReadOutcome::kBadLine, s);
    }
    return ReadOutcome::kRecord;
  }
}

ReadOutcome WaveReader::fail(ReadOutcome outcome, const Status& status) {
  failed_ = outcome == ReadOutcome::kFailed;
  error_ = {status.code(), "line " + std::to_string(lines_.number()) + ": " + status.message()};
  return outcome;
}

std::unique_ptr<WaveReader> make_wave_reader(Format format, const Rules& rules, Source& source) {
  if (format == Format::kCsv) return std::make_unique<CsvWaveReader>(rules, source);
  return std::make_unique<JsonWaveReader>(rules, source);
}

}  // namespace rekey::wave
