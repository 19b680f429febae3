// SPDX-License-Identifier: Apache-2.0
#include "dispatch/machine.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <vector>

#include "rekey/engines.h"
#include "service/support/engine_double.h"

namespace rekey::dispatch {
namespace {

using test::EngineDouble;

/// A clock that engines under test move.
class FakeClock final : public Clock {
 public:
  [[nodiscard]] std::uint64_t now_us() const override { return now; }
  std::atomic<std::uint64_t> now = 0;
};

TEST(Measure, FindsTheFixedTimeAndTheTimeForEachAms) {
  FakeClock clock;
  EngineDouble engine("double");
  engine.then = [&](const CheckedBatch& batch, const BatchResult&) {
    clock.now += 30 + batch.count() / 4;
    return Status();
  };
  for (const Profile profile : kAllProfiles) {
    const scheduler::CostModel cost = measure(engine, profile, clock);
    EXPECT_NEAR(cost.fixed_us(), 30, 1);
    EXPECT_NEAR(cost.ams_us(), 0.25, 0.01);
  }
}

TEST(Measure, OneStallDoesNotCount) {
  FakeClock clock;
  EngineDouble engine("double");
  int calls = 0;
  engine.then = [&](const CheckedBatch& batch, const BatchResult&) {
    clock.now += 30 + batch.count() / 4 + (calls++ % 3 == 0 ? 1'000'000 : 0);
    return Status();
  };
  EXPECT_NEAR(measure(engine, Profile::k16mDraft, clock).ams_us(), 0.25, 0.01);
}

TEST(Measure, AnEngineThatFailsIsGivenAGuess) {
  FakeClock clock;
  EngineDouble engine("double");
  engine.then = test::fail;
  EXPECT_GT(measure(engine, Profile::k16mDraft, clock).ams_us(), 0);
}

TEST(Describe, GpusAreDevicesAndAllOtherEnginesShareTheCpu) {
  std::vector<std::unique_ptr<Engine>> engines;
  for (const char* name : {"cuda", "cuda:1", "simd"}) {
    engines.push_back(std::make_unique<EngineDouble>(name));
  }
  static_cast<EngineDouble&>(*engines[1]).absent = "no such device";
  engines.push_back(make_openssl_ecb_engine());
  std::unique_ptr<EnginePool> pool;
  ASSERT_EQ(EnginePool::create(std::move(engines), make_openssl_engine(), kAutoEngine, {}, &pool),
            Status());
  const scheduler::Machine machine = describe(*pool, SteadyClock(), 5);
  EXPECT_EQ(machine.device_slots, (std::vector<std::uint32_t>{5, 2, 0}))
      << "a GPU that is not there needs no threads";
  ASSERT_EQ(machine.engines.size(), 4U);
  const std::uint32_t devices[] = {1, 2, 0, 0};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(machine.engines[i].device, devices[i]);
    EXPECT_EQ(machine.engines[i].serving, i != 1);
    EXPECT_EQ(machine.engines[i].last_resort, i == 3);
    EXPECT_EQ(machine.engines[i].batch_us_max > 0, i < 2) << "only a GPU may never answer";
  }
}

}  // namespace
}  // namespace rekey::dispatch
