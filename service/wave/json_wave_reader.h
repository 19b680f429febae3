// SPDX-License-Identifier: Apache-2.0
//
// A wave as JSON Lines: one object a line, its fields named as the columns of CSV; `saids` is a
// list of numbers, cmac_key_count and ak_sn are numbers, the rest are strings.
#pragma once

#include "wave/wave_reader.h"

namespace rekey::wave {

/// JsonWaveReader is made by make_wave_reader().
class JsonWaveReader final : public WaveReader {
 public:
  JsonWaveReader(const Rules& rules, Source& source) : WaveReader(rules, source) {}

 private:
  [[nodiscard]] bool expects_header() const override { return false; }
  Status parse_header(std::string_view) override { return {}; }
  Status parse_record(std::string_view line, AmsRecord* out_record) override;
};

}  // namespace rekey::wave
