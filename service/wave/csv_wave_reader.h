// SPDX-License-Identifier: Apache-2.0
//
// A wave as CSV: a header line names the columns, in any order; then one AMS a line.
#pragma once

#include <vector>

#include "wave/wave_reader.h"
#include "wave/wiping_allocator.h"

namespace rekey::wave {

/// CsvWaveReader is made by make_wave_reader().
class CsvWaveReader final : public WaveReader {
 public:
  CsvWaveReader(const Rules& rules, Source& source) : WaveReader(rules, source) {}

 private:
  [[nodiscard]] bool expects_header() const override { return true; }
  Status parse_header(std::string_view line) override;
  Status parse_record(std::string_view line, AmsRecord* out_record) override;

  std::vector<Field> columns_;
  std::vector<SecretText> texts_;
};

}  // namespace rekey::wave
