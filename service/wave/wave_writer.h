// SPDX-License-Identifier: Apache-2.0
//
// Writes a wave as text that make_wave_reader() reads.
#pragma once

#include "rekey/status.h"
#include "wave/ams_record.h"
#include "wave/format.h"
#include "wave/sink.h"

namespace rekey::wave {

/// WaveWriter writes one AMS after the other: the fields the profile needs, and the reference.
class WaveWriter {
 public:
  /// `sink` must outlive the writer, and is not flushed by it.
  WaveWriter(Format format, const Rules& rules, Sink& sink)
      : format_(format), rules_(rules), sink_(sink) {}

  /// begin writes what stands before the first AMS. Errors as Sink::write().
  Status begin();
  /// write writes one AMS. Errors as Sink::write().
  Status write(const AmsRecord& record);

 private:
  void append_csv(const AmsRecord& record);
  void append_json(const AmsRecord& record);

  Format format_;
  Rules rules_;
  Sink& sink_;
  SecretText line_;
};

}  // namespace rekey::wave
