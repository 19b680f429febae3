// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/derive_wave.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <utility>
#include <vector>

#include "rekeyctl/local_engine.h"
#include "wave/scenario.h"

namespace rekey::ctl {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Le;

constexpr std::size_t kWindow = 3;

/// Derives nothing: gives chunks back with zero octets, and remembers how it was used.
class FakeDeriver final : public Deriver {
 public:
  explicit FakeDeriver(Wanted wanted) : wanted_(std::move(wanted)) {}

  [[nodiscard]] std::size_t window() const override { return kWindow; }
  Status submit(std::unique_ptr<Chunk> chunk) override {
    sizes.push_back(chunk->wave.size());
    teks.push_back(chunk->wave.total_sas() * wanted_.tek_counters.size());
    if (fail_submit) return {Code::kUnavailable, "gone"};
    chunk->keys.allocate(chunk->wave, wanted_.outputs, wanted_.tek_counters);
    chunk->engine = "fake";
    under_way_.push_back(std::move(chunk));
    most_under_way = std::max(most_under_way, under_way_.size());
    return {};
  }
  Status take(std::unique_ptr<Chunk>* out_chunk) override {
    if (fail_take) return {Code::kUnavailable, "gone"};
    *out_chunk = std::move(under_way_.front());
    under_way_.pop_front();
    return {};
  }

  std::vector<std::size_t> sizes;
  std::vector<std::size_t> teks;
  std::size_t most_under_way = 0;
  bool fail_submit = false;
  bool fail_take = false;

 private:
  Wanted wanted_;
  std::deque<std::unique_ptr<Chunk>> under_way_;
};

struct Fixture {
  wave::Rules rules;
  Wanted wanted{{KeyKind::kMsidStar}, {0, 1}};
  FakeDeriver deriver{wanted};
  wave::TextSink sink;
  wave::ResultWriter writer{wave::Format::kCsv, rules.profile, wanted.outputs, sink};
  DeriveWave wave{rules, wanted, deriver, nullptr, writer};

  /// The `line` column of what was written.
  [[nodiscard]] std::vector<int> lines() const {
    std::vector<int> lines;
    std::string_view text = sink.text();
    while (!text.empty()) {
      text.remove_prefix(text.find(',') + 1);
      lines.push_back(std::stoi(std::string(text.substr(0, text.find(',')))));
      text.remove_prefix(text.find('\n') + 1);
    }
    return lines;
  }
};

wave::AmsRecord record(int line, std::size_t sas) {
  wave::AmsRecord record;
  record.line = static_cast<std::uint64_t>(line);
  for (std::size_t sa = 0; sa < sas; ++sa) record.saids.push_back(static_cast<std::uint16_t>(sa));
  return record;
}

TEST(DeriveWave, NothingInNothingOut) {
  Fixture fixture;
  EXPECT_TRUE(fixture.wave.finish().ok());
  EXPECT_EQ(fixture.sink.text(), "");
  EXPECT_EQ(fixture.wave.totals().items, 0U);
}

TEST(DeriveWave, CutsAtTheItemLimitAndKeepsTheOrder) {
  Fixture fixture;
  const int count = static_cast<int>(5 * kChunkItems + 1);
  std::vector<int> expected;
  for (int i = 1; i <= count; ++i) {
    ASSERT_TRUE(fixture.wave.add(record(i, 1)).ok());
    expected.push_back(i);
  }
  ASSERT_TRUE(fixture.wave.finish().ok());
  EXPECT_THAT(fixture.deriver.sizes,
              ElementsAre(kChunkItems, kChunkItems, kChunkItems, kChunkItems, kChunkItems, 1));
  EXPECT_EQ(fixture.deriver.most_under_way, kWindow);
  EXPECT_EQ(fixture.lines(), expected);
  EXPECT_EQ(fixture.wave.totals().items, static_cast<std::uint64_t>(count));
  EXPECT_THAT(fixture.wave.totals().engines, ElementsAre("fake"));
}

TEST(DeriveWave, CutsAtTheTekLimit) {
  Fixture fixture;
  for (int i = 1; i <= 400; ++i) ASSERT_TRUE(fixture.wave.add(record(i, 255)).ok());
  ASSERT_TRUE(fixture.wave.finish().ok());
  EXPECT_THAT(fixture.deriver.teks, Each(Le(kChunkTeks)));
  EXPECT_EQ(fixture.deriver.sizes.size(), 4U);
  EXPECT_EQ(fixture.wave.totals().items, 400U);
}

TEST(DeriveWave, PassesErrorsOn) {
  {
    Fixture fixture;
    fixture.deriver.fail_submit = true;
    ASSERT_TRUE(fixture.wave.add(record(1, 1)).ok());
    EXPECT_EQ(fixture.wave.finish().message(), "gone");
    EXPECT_EQ(fixture.wave.finish().message(), "gone");
    EXPECT_EQ(fixture.wave.add(record(2, 1)).message(), "gone");
  }
  {
    Fixture fixture;
    fixture.deriver.fail_take = true;
    ASSERT_TRUE(fixture.wave.add(record(1, 1)).ok());
    EXPECT_EQ(fixture.wave.finish().message(), "gone");
  }
}

}  // namespace
}  // namespace rekey::ctl
