// SPDX-License-Identifier: Apache-2.0
//
// Reads a wave of AMSs from text, one at a time, so that a wave of any length fits in memory.
#pragma once

#include <cstdint>
#include <memory>

#include "rekey/status.h"
#include "wave/ams_record.h"
#include "wave/format.h"
#include "wave/line_reader.h"
#include "wave/source.h"

namespace rekey::wave {

enum class ReadOutcome : std::uint8_t {
  kRecord,   ///< one AMS was read
  kEnd,      ///< the wave is complete
  kBadLine,  ///< a line was refused; the reader can carry on with the next one
  kFailed,   ///< nothing (more) can be read
};

/// WaveReader gives one AMS after the other. Empty lines are passed over; a file without anything
/// but empty lines is an error.
class WaveReader {
 public:
  WaveReader(const WaveReader&) = delete;
  WaveReader& operator=(const WaveReader&) = delete;
  virtual ~WaveReader() = default;

  /// next reads one AMS into `*out_record`, which is valid after kRecord alone. After kBadLine and
  /// kFailed error() says what was wrong: the number of the line, the field, what was expected and
  /// what was found.
  ReadOutcome next(AmsRecord* out_record);

  [[nodiscard]] const Status& error() const { return error_; }
  /// The number of the line next() met last, counting from 1.
  [[nodiscard]] std::uint64_t line() const { return lines_.number(); }

 protected:
  WaveReader(const Rules& rules, Source& source) : rules_(rules), lines_(source) {}

  [[nodiscard]] const Rules& rules() const { return rules_; }

 private:
  virtual bool expects_header() const = 0;
  virtual Status parse_header(std::string_view line) = 0;
  virtual Status parse_record(std::string_view line, AmsRecord* out_record) = 0;

  ReadOutcome fail(ReadOutcome outcome, const Status& status);

  Rules rules_;
  LineReader lines_;
  bool anything_read_ = false;
  bool failed_ = false;
  Status error_;
};

/// make_wave_reader makes a reader of `format`. `source` must outlive it; `rules` say what each AMS
/// must have: see Rules.
std::unique_ptr<WaveReader> make_wave_reader(Format format, const Rules& rules, Source& source);

}  // namespace rekey::wave
