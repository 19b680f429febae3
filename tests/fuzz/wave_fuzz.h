// SPDX-License-Identifier: Apache-2.0
//
// Feeds text to a wave reader, for both formats.
#pragma once

#include <iterator>
#include <string_view>

#include "fuzz/fuzz_target.h"
#include "rekey/batch.h"
#include "wave/wave.h"
#include "wave/wave_reader.h"
#include "wave/wave_writer.h"

namespace rekey::fuzz {

/// The first octet of an input chooses the profile and its options; the rest is the text.
inline wave::Rules rules_of(std::uint8_t choice) {
  constexpr wave::Rules kRules[] = {
      {Profile::k16mDraft, {}},     {Profile::k16mDraft, {.said_octets = 2}},
      {Profile::k16mPublished, {}}, {Profile::k16mPublished, {.msid_privacy_off = true}},
      {Profile::kLegacy16e, {}},
  };
  return kRules[choice % std::size(kRules)];
}

/// A record that a reader accepts is written and read again: once more accepted, and the same.
inline void require_round_trip(wave::Format format, const wave::Rules& rules,
                               const wave::AmsRecord& record) {
  wave::TextSink sink;
  wave::WaveWriter writer(format, rules, sink);
  require(writer.begin().ok() && writer.write(record).ok(), "memory can be written");
  wave::TextSource source(sink.text());
  const auto reader = wave::make_wave_reader(format, rules, source);
  wave::AmsRecord again;
  require(reader->next(&again) == wave::ReadOutcome::kRecord, "what was written can be read");
  require(again.pmk == record.pmk && again.msid == record.msid && again.bsid == record.bsid &&
              again.nonce == record.nonce && again.cmac_key_count == record.cmac_key_count &&
              again.ak_sn == record.ak_sn && again.saids == record.saids &&
              again.reference == record.reference,
          "what was written reads the same");
}

/// Reads the text to its end. What the reader accepts makes a batch without a bad item.
inline void read_wave(wave::Format format, std::string_view input) {
  if (input.empty()) return;
  const wave::Rules rules = rules_of(static_cast<std::uint8_t>(input.front()));
  wave::TextSource source(input.substr(1));
  const auto reader = wave::make_wave_reader(format, rules, source);
  wave::Wave wave(rules);
  wave::AmsRecord record;
  for (;;) {
    const wave::ReadOutcome outcome = reader->next(&record);
    if (outcome == wave::ReadOutcome::kEnd) break;
    if (outcome == wave::ReadOutcome::kRecord) {
      if (wave.size() < 4) require_round_trip(format, rules, record);
      wave.append(record);
      continue;
    }
    require(!reader->error().ok() && !reader->error().message().empty(), "an error says why");
    if (outcome == wave::ReadOutcome::kFailed) break;
  }
  CheckedBatch batch;
  const Status checked =
      check_batch(wave.input(0, static_cast<std::uint32_t>(wave.size())), &batch);
  require(checked.ok() && batch.failed() == 0, "what a reader accepts can be derived");
}

}  // namespace rekey::fuzz
