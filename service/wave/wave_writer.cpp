// SPDX-License-Identifier: Apache-2.0
#include "wave/wave_writer.h"

#include <array>
#include <string>
#include <string_view>

#include "wave/csv_line.h"
#include "wave/hex.h"
#include "wave/json_text.h"

namespace rekey::wave {
namespace {

constexpr std::array kColumnOrder = {Field::kReference, Field::kPmk,   Field::kMsid,
                                     Field::kBsid,      Field::kNonce, Field::kCmacKeyCount,
                                     Field::kAkSn,      Field::kSaids};
static_assert(kColumnOrder.size() == kAllFields.size());

bool is_written(const Rules& rules, Field field) {
  return field == Field::kReference || rules.requires_field(field);
}

ConstOctets octets_of(const AmsRecord& record, Field field) {
  switch (field) {
    case Field::kPmk:
      return record.pmk.octets();
    case Field::kMsid:
      return record.msid;
    case Field::kBsid:
      return record.bsid;
    case Field::kNonce:
      return record.nonce;
    default:
      return {};
  }
}

void append_saids(const AmsRecord& record, char separator, SecretText* line) {
  for (std::size_t i = 0; i < record.saids.size(); ++i) {
    if (i > 0) *line += separator;
    *line += std::to_string(record.saids[i]);
  }
}

}  // namespace

Status WaveWriter::begin() {
  if (format_ != Format::kCsv) return {};
  line_.clear();
  for (const Field field : kColumnOrder) {
    if (!is_written(rules_, field)) continue;
    if (!line_.empty()) line_ += ',';
    line_ += to_string(field);
  }
  line_ += '\n';
  return sink_.write(line_);
}

Status WaveWriter::write(const AmsRecord& record) {
  line_.clear();
  if (format_ == Format::kCsv) {
    append_csv(record);
  } else {
    append_json(record);
  }
  line_ += '\n';
  return sink_.write(line_);
}

void WaveWriter::append_csv(const AmsRecord& record) {
  std::string_view separator;
  for (const Field field : kColumnOrder) {
    if (!is_written(rules_, field)) continue;
    line_ += separator;
    separator = ",";
    switch (field) {
      case Field::kReference:
        append_csv_field(record.reference, &line_);
        break;
      case Field::kCmacKeyCount:
        line_ += std::to_string(record.cmac_key_count);
        break;
      case Field::kAkSn:
        line_ += std::to_string(record.ak_sn);
        break;
      case Field::kSaids:
        append_saids(record, ';', &line_);
        break;
      default:
        append_hex(octets_of(record, field), &line_);
    }
  }
}

void WaveWriter::append_json(const AmsRecord& record) {
  char separator = '{';
  for (const Field field : kColumnOrder) {
    if (!is_written(rules_, field)) continue;
    line_ += separator;
    separator = ',';
    append_json_string(to_string(field), &line_);
    line_ += ':';
    switch (field) {
      case Field::kReference:
        append_json_string(record.reference, &line_);
        break;
      case Field::kCmacKeyCount:
        line_ += std::to_string(record.cmac_key_count);
        break;
      case Field::kAkSn:
        line_ += std::to_string(record.ak_sn);
        break;
      case Field::kSaids:
        line_ += '[';
        append_saids(record, ',', &line_);
        line_ += ']';
        break;
      default:
        append_json_hex(octets_of(record, field), &line_);
    }
  }
  line_ += '}';
}

}  // namespace rekey::wave
