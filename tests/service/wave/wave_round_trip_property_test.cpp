// SPDX-License-Identifier: Apache-2.0
//
// What WaveWriter writes, the readers read back unchanged.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "service/wave/read_all.h"
#include "wave/scenario.h"
#include "wave/wave_writer.h"

namespace rekey::wave {
namespace {

Rules arbitrary_rules() {
  Rules rules;
  rules.profile =
      *rc::gen::elementOf(std::vector<Profile>(kAllProfiles.begin(), kAllProfiles.end()));
  if (rules.profile != Profile::kLegacy16e) {
    rules.options.said_octets = *rc::gen::element<std::uint8_t>(1, 2);
  }
  if (rules.profile == Profile::k16mPublished) {
    rules.options.msid_privacy_off = *rc::gen::arbitrary<bool>();
  }
  return rules;
}

RC_GTEST_PROP(WaveRoundTrip, EveryFieldSurvivesBothFormats, ()) {
  const Rules rules = arbitrary_rules();
  const Format format = *rc::gen::element(Format::kCsv, Format::kJsonLines);
  WaveGenerator generator(Scenario::kUniform, *rc::gen::arbitrary<std::uint64_t>(), rules);
  std::vector<AmsRecord> written;
  for (int i = *rc::gen::inRange(1, 20); i > 0; --i) {
    written.push_back(generator.next());
    // Any text but line breaks and other control characters can be a reference.
    written.back().reference = *rc::gen::container<std::string>(rc::gen::inRange(' ', '~'));
  }

  TextSink sink;
  WaveWriter writer(format, rules, sink);
  RC_ASSERT(writer.begin().ok());
  for (const AmsRecord& record : written) RC_ASSERT(writer.write(record).ok());

  const ReadAll read = read_all(format, rules, sink.text());
  RC_ASSERT(read.failure == "");
  RC_ASSERT(read.bad_lines.empty());
  RC_ASSERT(read.records.size() == written.size());
  for (std::size_t i = 0; i < written.size(); ++i) {
    RC_ASSERT(read.records[i].pmk == written[i].pmk);
    RC_ASSERT(read.records[i].msid == written[i].msid);
    RC_ASSERT(read.records[i].bsid == written[i].bsid);
    RC_ASSERT(read.records[i].nonce == written[i].nonce);
    RC_ASSERT(read.records[i].cmac_key_count == written[i].cmac_key_count);
    RC_ASSERT(read.records[i].ak_sn == written[i].ak_sn);
    RC_ASSERT(read.records[i].saids == written[i].saids);
    RC_ASSERT(read.records[i].reference == written[i].reference);
  }
}

// Whatever the text, the readers come to an end and say something for every line they refuse.
RC_GTEST_PROP(WaveRoundTrip, ReadersSurviveAnyText, (std::string text)) {
  const Rules rules = arbitrary_rules();
  for (const Format format : {Format::kCsv, Format::kJsonLines}) {
    const ReadAll read = read_all(format, rules, text);
    for (const std::string& error : read.bad_lines) RC_ASSERT(error.starts_with("line "));
    RC_ASSERT(read.records.empty());
  }
}

}  // namespace
}  // namespace rekey::wave
