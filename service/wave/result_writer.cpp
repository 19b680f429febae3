// SPDX-License-Identifier: Apache-2.0
#include "wave/result_writer.h"

#include <string>
#include <string_view>

#include "wave/csv_line.h"
#include "wave/hex.h"
#include "wave/json_text.h"

namespace rekey::wave {
namespace {

struct Tek {
  std::string said;
  std::string counter;
  std::string eks;
  ConstOctets key;
};

/// Calls `write` with every TEK of one AMS and whether it is the first.
template <typename Write>
void for_each_tek(const Wave& wave, const DerivedKeys& keys, std::size_t item, const Write& write) {
  const ConstOctets teks = keys.teks(wave, item);
  std::size_t offset = 0;
  for (std::uint32_t sa = 0; sa < wave.sa_count(item); ++sa) {
    for (const std::uint16_t counter : keys.tek_counters()) {
      write(Tek{std::to_string(wave.said(item, sa)), std::to_string(counter),
                std::to_string(counter % 4), teks.subspan(offset, kTekOctets)},
            offset == 0);
      offset += kTekOctets;
    }
  }
}

}  // namespace

Status ResultWriter::begin() {
  if (format_ != Format::kCsv) return {};
  line_ = "profile,line,reference,msid,bsid,code,message";
  for (const KeyKind kind : kAllKeyKinds) {
    if (!outputs_.contains(kind)) continue;
    line_ += ',';
    line_ += to_string(kind);
  }
  line_ += '\n';
  return sink_.write(line_);
}

Status ResultWriter::write(const Wave& wave, const DerivedKeys& keys) {
  for (std::size_t item = 0; item < wave.size(); ++item) {
    line_.clear();
    if (format_ == Format::kCsv) {
      append_csv(wave, keys, item);
    } else {
      append_json(wave, keys, item);
    }
    line_ += '\n';
    if (Status s = sink_.write(line_); !s.ok()) return s;
  }
  return {};
}

void ResultWriter::append_csv(const Wave& wave, const DerivedKeys& keys, std::size_t item) {
  line_ += to_string(profile_);
  line_ += ',';
  if (wave.line(item) != 0) line_ += std::to_string(wave.line(item));
  line_ += ',';
  append_csv_field(wave.reference(item), &line_);
  line_ += ',';
  append_hex(wave.msid(item), &line_);
  line_ += ',';
  append_hex(wave.bsid(item), &line_);
  line_ += ',';
  line_ += std::to_string(keys.code(item));
  line_ += ',';
  append_csv_field(keys.message(item), &line_);
  for (const KeyKind kind : kAllKeyKinds) {
    if (!outputs_.contains(kind)) continue;
    line_ += ',';
    if (keys.code(item) != 0) continue;
    if (kind != KeyKind::kTek) {
      append_hex(keys.key(kind, item), &line_);
      continue;
    }
    for_each_tek(wave, keys, item, [&](const Tek& tek, bool first) {
      if (!first) line_ += ';';
      for (const std::string& number : {tek.said, tek.counter, tek.eks}) {
        line_ += number;
        line_ += ':';
      }
      append_hex(tek.key, &line_);
    });
  }
}

void ResultWriter::append_json(const Wave& wave, const DerivedKeys& keys, std::size_t item) {
  const auto name = [&](std::string_view text) {
    line_ += line_.empty() ? "{\"" : ",\"";
    line_ += text;
    line_ += "\":";
  };
  name("profile");
  append_json_string(to_string(profile_), &line_);
  if (wave.line(item) != 0) {
    name("line");
    line_ += std::to_string(wave.line(item));
  }
  if (!wave.reference(item).empty()) {
    name("reference");
    append_json_string(wave.reference(item), &line_);
  }
  name("msid");
  append_json_hex(wave.msid(item), &line_);
  name("bsid");
  append_json_hex(wave.bsid(item), &line_);
  name("code");
  line_ += std::to_string(keys.code(item));
  if (keys.code(item) != 0) {
    name("message");
    append_json_string(keys.message(item), &line_);
    line_ += '}';
    return;
  }
  for (const KeyKind kind : kAllKeyKinds) {
    if (!outputs_.contains(kind)) continue;
    name(to_string(kind));
    if (kind != KeyKind::kTek) {
      append_json_hex(keys.key(kind, item), &line_);
      continue;
    }
    line_ += '[';
    for_each_tek(wave, keys, item, [&](const Tek& tek, bool first) {
      if (!first) line_ += ',';
      line_ += "{\"said\":";
      line_ += tek.said;
      line_ += ",\"counter\":";
      line_ += tek.counter;
      line_ += ",\"eks\":";
      line_ += tek.eks;
      line_ += ",\"key\":";
      append_json_hex(tek.key, &line_);
      line_ += '}';
    });
    line_ += ']';
  }
  line_ += '}';
}

}  // namespace rekey::wave
