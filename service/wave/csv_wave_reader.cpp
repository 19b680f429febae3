// SPDX-License-Identifier: Apache-2.0
#include "wave/csv_wave_reader.h"

#include <algorithm>
#include <string>

#include "wave/csv_line.h"
#include "wave/record_fields.h"

namespace rekey::wave {

Status CsvWaveReader::parse_header(std::string_view line) {
  if (Status s = split_csv_line(line, &texts_); !s.ok()) return s;
  for (std::size_t i = 0; i < texts_.size(); ++i) {
    const std::optional<Field> field = field_from_string(texts_[i]);
    if (!field) {
      return Status::invalid_argument(
          "header: expected the names pmk, msid, bsid, nonce, cmac_key_count, ak_sn, saids and "
          "reference, found " +
          quoted_name(texts_[i]) + " as column " + std::to_string(i + 1));
    }
    if (std::find(columns_.begin(), columns_.end(), *field) != columns_.end()) {
      return Status::invalid_argument("header: expected each column once, found " +
                                      std::string(to_string(*field)) + " twice");
    }
    columns_.push_back(*field);
  }
  for (const Field field : kAllFields) {
    const bool present = std::find(columns_.begin(), columns_.end(), field) != columns_.end();
    if (!present && rules().requires_field(field)) {
      return Status::invalid_argument(
          "header: expected a column " + std::string(to_string(field)) + ", found none (" +
          std::string(rekey::to_string(rules().profile)) + " needs it)");
    }
  }
  return {};
}

Status CsvWaveReader::parse_record(std::string_view line, AmsRecord* out_record) {
  if (Status s = split_csv_line(line, &texts_); !s.ok()) return s;
  if (texts_.size() != columns_.size()) {
    return Status::invalid_argument("expected " + std::to_string(columns_.size()) +
                                    " fields, found " + std::to_string(texts_.size()));
  }
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (Status s = set_field_from_text(rules(), columns_[i], texts_[i], out_record); !s.ok()) {
      return s;
    }
  }
  return {};
}

}  // namespace rekey::wave
