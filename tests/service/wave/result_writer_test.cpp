// SPDX-License-Identifier: Apache-2.0
#include "wave/result_writer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace rekey::wave {
namespace {

/// Two AMSs of 16m-draft: the first with two SAs and recognisable octets, the second failed.
struct Example {
  Wave wave{Rules{}};
  DerivedKeys keys;

  Example() {
    AmsRecord record;
    record.msid = {0, 0x1b, 0x11, 0xc9, 0xd5, 0x0c};
    record.bsid = {0, 0, 0, 0, 0, 5};
    record.saids = {1, 9};
    record.reference = "say \"hi\", twice";
    record.line = 2;
    wave.append(record);
    record.saids = {1};
    record.reference = "";
    record.line = 0;
    wave.append(record);
    keys.allocate(wave, {KeyKind::kMsidStar, KeyKind::kAkid, KeyKind::kTek}, {0, 5});
    std::fill_n(keys.column(KeyKind::kMsidStar).begin(), 6, std::uint8_t{0xaa});
    std::fill_n(keys.column(KeyKind::kAkid).begin(), 8, std::uint8_t{0xbb});
    for (std::uint8_t tek = 0; tek < 4; ++tek) {
      std::fill_n(keys.column(KeyKind::kTek).begin() + tek * 16, 16, tek);
    }
    keys.set_failed(1, 3, "ak_sn: expected 0 to 15, found 16");
  }

  std::string write(Format format) const {
    TextSink sink;
    ResultWriter writer(format, Profile::k16mDraft, keys.outputs(), sink);
    EXPECT_TRUE(writer.begin().ok());
    EXPECT_TRUE(writer.write(wave, keys).ok());
    return std::string(sink.text());
  }
};

TEST(ResultWriter, WritesCsv) {
  EXPECT_EQ(Example().write(Format::kCsv),
            "profile,line,reference,msid,bsid,code,message,msid_star,akid,teks\n"
            "16m-draft,2,\"say \"\"hi\"\", twice\",001b11c9d50c,000000000005,0,,aaaaaaaaaaaa,"
            "bbbbbbbbbbbbbbbb,"
            "1:0:0:00000000000000000000000000000000;1:5:1:01010101010101010101010101010101;"
            "9:0:0:02020202020202020202020202020202;9:5:1:03030303030303030303030303030303\n"
            "16m-draft,,,001b11c9d50c,000000000005,3,\"ak_sn: expected 0 to 15, found 16\",,,\n");
}

TEST(ResultWriter, WritesJsonLines) {
  const std::string text = Example().write(Format::kJsonLines);
  const std::size_t end = text.find('\n');
  EXPECT_EQ(text.substr(0, end),
            R"({"profile":"16m-draft","line":2,"reference":"say \"hi\", twice",)"
            R"("msid":"001b11c9d50c","bsid":"000000000005","code":0,"msid_star":"aaaaaaaaaaaa",)"
            R"("akid":"bbbbbbbbbbbbbbbb","teks":[)"
            R"({"said":1,"counter":0,"eks":0,"key":"00000000000000000000000000000000"},)"
            R"({"said":1,"counter":5,"eks":1,"key":"01010101010101010101010101010101"},)"
            R"({"said":9,"counter":0,"eks":0,"key":"02020202020202020202020202020202"},)"
            R"({"said":9,"counter":5,"eks":1,"key":"03030303030303030303030303030303"}]})");
  EXPECT_EQ(text.substr(end + 1),
            R"({"profile":"16m-draft","msid":"001b11c9d50c","bsid":"000000000005","code":3,)"
            R"("message":"ak_sn: expected 0 to 15, found 16"})"
            "\n");
  EXPECT_TRUE(nlohmann::json::accept(text.substr(0, end)));
}

/// Fails after a number of octets.
class FullSink final : public Sink {
 public:
  Status write(std::string_view text) override {
    if (text.size() > room_) return {Code::kInternal, "full"};
    room_ -= text.size();
    return {};
  }
  Status flush() override { return {}; }

 private:
  std::size_t room_ = 100;
};

TEST(ResultWriter, PassesOnTheSinksError) {
  const Example example;
  FullSink sink;
  ResultWriter writer(Format::kJsonLines, Profile::k16mDraft, example.keys.outputs(), sink);
  EXPECT_EQ(writer.write(example.wave, example.keys).message(), "full");
}

}  // namespace
}  // namespace rekey::wave
