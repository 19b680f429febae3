// SPDX-License-Identifier: Apache-2.0
#include "rekey/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "rekey/engines.h"
#include "support/batch_builder.h"
#include "support/engine_doubles.h"
#include "support/engine_fixture.h"
#include "support/engines.h"
#include "support/hex.h"
#include "support/owned_result.h"

namespace rekey {
namespace {

using ::testing::Each;

CheckedBatch checked(const test::BatchColumns& columns) {
  CheckedBatch batch;
  const Status status = check_batch(columns.input(), &batch);
  EXPECT_TRUE(status.ok()) << status.message();
  return batch;
}

bool all(ConstOctets octets, std::uint8_t value) {
  return std::ranges::all_of(octets, [value](std::uint8_t octet) { return octet == value; });
}

// ---- What Engine does for every engine. ----

TEST(Engine, RefusesResultColumnsOfTheWrongSize) {
  const auto engine = make_openssl_engine();
  for (Profile profile : {Profile::k16mDraft, Profile::kLegacy16e}) {
    const auto columns = test::BatchColumns::random({.variant = {profile, {}}, .count = 3}, 1);
    const CheckedBatch batch = checked(columns);
    const test::OwnedResult owned(batch);
    std::vector<std::uint8_t> memory(200, test::OwnedResult::kUnwritten);
    for (KeyKind kind : kAllKeyKinds) {
      const std::size_t right = batch.result_octets(kind);
      for (std::size_t wrong : {right + 1, right - 1, std::size_t{0}}) {
        if (wrong == right || wrong > memory.size()) continue;
        BatchResult result = owned.result();
        result.set_column(kind, Octets(memory).first(wrong));
        const Status status = engine->derive(batch, result);
        EXPECT_EQ(status.code(), Code::kInvalidArgument);
        EXPECT_EQ(status.message(), std::string(to_string(kind)) + ": expected " +
                                        std::to_string(right) + " octets, found " +
                                        std::to_string(wrong));
        for (KeyKind other : kAllKeyKinds) {
          EXPECT_TRUE(all(result.column(other), test::OwnedResult::kUnwritten));
        }
      }
    }
  }
}

TEST(Engine, ZeroesEverythingWhenItFails) {
  test::FailingEngine engine;
  const auto columns = test::BatchColumns::random({.count = 3}, 1);
  const CheckedBatch batch = checked(columns);
  const test::OwnedResult owned(batch);
  EXPECT_EQ(engine.derive(batch, owned.result()), Status(Code::kInternal, "out of order"));
  for (KeyKind kind : kAllKeyKinds) EXPECT_TRUE(all(owned.column(kind), 0)) << to_string(kind);

  std::vector<std::uint8_t> macs(16, 0xA5);
  const std::vector<std::uint8_t> key(16);
  EXPECT_EQ(engine.cmac({.count = 1, .keys = key, .messages = {}, .message_octets = 0}, macs),
            Status(Code::kInternal, "out of order"));
  EXPECT_THAT(macs, Each(0));
}

TEST(Engine, ZeroesEverythingWhenItIsUnavailable) {
  test::UnavailableEngine engine;
  const auto columns = test::BatchColumns::random({.count = 3}, 1);
  const CheckedBatch batch = checked(columns);
  const test::OwnedResult owned(batch);
  const Status unavailable(Code::kUnavailable, "unavailable: no such device");
  EXPECT_EQ(engine.derive(batch, owned.result()), unavailable);
  for (KeyKind kind : kAllKeyKinds) EXPECT_TRUE(all(owned.column(kind), 0)) << to_string(kind);

  std::vector<std::uint8_t> macs(16, 0xA5);
  const std::vector<std::uint8_t> key(16);
  EXPECT_EQ(engine.cmac({.count = 1, .keys = key, .messages = {}, .message_octets = 0}, macs),
            unavailable);
  EXPECT_THAT(macs, Each(0));
}

TEST(Engine, RefusesCmacColumnsOfTheWrongSize) {
  const auto engine = make_openssl_engine();
  const std::vector<std::uint8_t> octets(100);
  std::vector<std::uint8_t> memory(100, 0xA5);
  const auto message = [&](CmacBatch batch, std::size_t mac_octets) {
    const Status status = engine->cmac(batch, Octets(memory).first(mac_octets));
    EXPECT_EQ(status.code(), Code::kInvalidArgument);
    return status.message();
  };
  const auto first = [&](std::size_t size) { return ConstOctets(octets).first(size); };
  EXPECT_EQ(message({2, first(31), first(10), 5}, 32), "keys: expected 32 octets, found 31");
  EXPECT_EQ(message({2, first(32), first(9), 5}, 32), "messages: expected 2 x 5 octets, found 9");
  EXPECT_EQ(message({2, first(32), first(0), 5}, 32), "messages: expected 2 x 5 octets, found 0");
  EXPECT_EQ(message({2, first(32), first(1), 0}, 32), "messages: expected 2 x 0 octets, found 1");
  EXPECT_EQ(message({0, first(0), first(5), 5}, 0), "messages: expected 0 x 5 octets, found 5");
  EXPECT_EQ(message({2, first(32), first(10), 5}, 33), "macs: expected 32 octets, found 33");
  // 4 x 2^62 is 0 in 64 bits.
  EXPECT_EQ(message({4, first(64), first(0), std::size_t{1} << 62}, 64),
            "messages: expected 4 x 4611686018427387904 octets, found 0");
  EXPECT_THAT(memory, Each(0xA5));
}

// ---- What every engine does. ----

class EveryEngine : public test::EngineTest {};

TEST_P(EveryEngine, HasANameAndADescription) {
  EXPECT_TRUE(GetParam().name.starts_with(engine_->name()));
  EXPECT_FALSE(engine_->description().empty());
}

TEST_P(EveryEngine, DerivesNothingFromAnEmptyBatch) {
  for (const test::Variant& variant : test::all_variants()) {
    const auto columns = test::BatchColumns::random({.variant = variant, .count = 0}, 1);
    EXPECT_TRUE(engine_->derive(checked(columns), {}).ok());
  }
  EXPECT_TRUE(engine_->derive(CheckedBatch(), {}).ok());
  EXPECT_TRUE(engine_->cmac({}, {}).ok());
}

TEST_P(EveryEngine, ZeroesFailedItemsAndNoOthers) {
  for (const test::Variant& variant : test::all_variants()) {
    auto columns = test::BatchColumns::random(
        {.variant = variant, .count = 67, .sas = test::SaShape::kUnequal, .max_sas = 3}, 1);
    const CheckedBatch good = checked(columns);
    const test::OwnedResult expected(good);
    ASSERT_TRUE(engine_->derive(good, expected.result()).ok());

    // AK_SN of a failed item cannot show in a neighbour's keys, so these must stay as they were.
    for (std::size_t item : {0, 1, 30, 66}) columns.ak_sn[item] |= 0x80;
    const CheckedBatch batch = checked(columns);
    ASSERT_EQ(batch.failed(), 4U);
    const test::OwnedResult found(batch);
    ASSERT_TRUE(engine_->derive(batch, found.result()).ok());

    std::size_t first_tek = 0;
    for (std::size_t item = 0; item < batch.count(); ++item) {
      const bool failed = batch.codes()[item] != Code::kOk;
      for (KeyKind kind : kAllKeyKinds) {
        if (kind == KeyKind::kTek || !batch.outputs().contains(kind)) continue;
        const std::string zero(2 * key_octets(kind), '0');
        EXPECT_EQ(test::to_hex(found.key(kind, item)),
                  failed ? zero : test::to_hex(expected.key(kind, item)))
            << to_string(kind) << " of item " << item;
      }
      const std::size_t teks = batch.sa_count(item) * batch.tek_counters().size();
      for (std::size_t tek = first_tek; tek < first_tek + teks; ++tek) {
        EXPECT_EQ(test::to_hex(found.tek(tek)),
                  failed ? std::string(32, '0') : test::to_hex(expected.tek(tek)))
            << "TEK " << tek << " of item " << item;
      }
      first_tek += teks;
    }
  }
}

TEST_P(EveryEngine, ServesSeveralThreadsAtOnce) {
  struct Job {
    explicit Job(const test::Variant& variant)
        : columns(test::BatchColumns::random({.variant = variant, .count = 50}, 1)),
          batch(checked(columns)) {}
    test::BatchColumns columns;
    CheckedBatch batch;
    test::OwnedResult expected{batch}, found{batch};
    Status status;
  };
  std::vector<std::unique_ptr<Job>> jobs;
  for (const test::Variant& variant : test::all_variants()) {
    Job& job = *jobs.emplace_back(std::make_unique<Job>(variant));
    ASSERT_EQ(engine_->derive(job.batch, job.expected.result()), Status());
  }
  std::vector<std::thread> threads;
  for (const auto& job : jobs) {
    threads.emplace_back(
        [&job, this] { job->status = engine_->derive(job->batch, job->found.result()); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& job : jobs) {
    EXPECT_EQ(job->status, Status());
    EXPECT_EQ(test::first_difference(job->batch, job->expected, job->found), "");
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, EveryEngine, ::testing::ValuesIn(test::engines_under_test()),
                         ::testing::PrintToStringParamName());

}  // namespace
}  // namespace rekey
