// SPDX-License-Identifier: Apache-2.0
#include "dispatch/machine.h"

#include <algorithm>
#include <cstdint>

#include "columns/input_columns.h"
#include "columns/result_columns.h"
#include "scheduler/work.h"

namespace rekey::dispatch {
namespace {

/// A batch that takes this long tells what an AMS costs well enough.
constexpr std::uint64_t kEnoughUs = 500;
constexpr std::uint32_t kMostItems = 65'536;
/// The shortest time of so many is what it takes when nothing interferes.
constexpr int kRounds = 3;
/// A GPU that has not answered for this long will not: its longest batch takes a small part of it.
constexpr std::uint64_t kGpuBatchUsMax = 10'000'000;

/// MadeUp is a batch of AMSs with one security association each where there are any.
class MadeUp {
 public:
  MadeUp(Profile profile, std::uint32_t items) {
    const bool teks = derived_keys(profile).contains(KeyKind::kTek);
    BatchInput input;
    input.profile = profile;
    columns_ = InputColumns(profile, input.options, items, teks ? items : 0);
    // Octets do not matter: no engine's time depends on them.
    const SecretBuffer zeros(kPmkOctets);
    const ConstOctets octets = zeros.octets();
    AmsOctets ams;
    ams.pmk = octets;
    ams.msid = octets.first(kMsidOctets);
    ams.bsid = octets.first(kBsidOctets);
    if (takes_nonce(profile, input.options)) ams.nonce = octets.first(kNonceOctets);
    ams.cmac_key_count = octets.first(kCmacKeyCountOctets);
    ams.ak_sn = octets.first(kAkSnOctets);
    ams.sa_count = teks ? 1 : 0;
    if (teks) ams.saids = octets.first(input.options.said_octets);
    for (std::uint32_t i = 0; i < items; ++i) columns_.append(ams);
    columns_.point_input(&input);
    good_ = check_batch(input, &batch_).ok();
    results_ = ResultColumns(batch_);
  }

  /// The shortest of several derivations; false when one fails.
  bool time(Engine& engine, const Clock& clock, std::uint64_t* out_us) {
    *out_us = scheduler::kNever;
    for (int round = 0; round < kRounds; ++round) {
      const std::uint64_t start_us = clock.now_us();
      if (!good_ || !engine.derive(batch_, results_.spans()).ok()) return false;
      *out_us = std::min(*out_us, clock.now_us() - start_us);
    }
    return true;
  }

 private:
  InputColumns columns_;
  CheckedBatch batch_;
  ResultColumns results_;
  bool good_ = false;
};

bool is_gpu(const Engine& engine) { return engine.name().starts_with("cuda"); }

}  // namespace

scheduler::CostModel measure(Engine& engine, Profile profile, const Clock& clock) {
  std::uint64_t one_us = 0;
  if (!MadeUp(profile, 1).time(engine, clock, &one_us)) return {};
  for (std::uint32_t items = 256;; items *= 4) {
    std::uint64_t us = 0;
    if (!MadeUp(profile, items).time(engine, clock, &us)) return {};
    if (us < kEnoughUs && items < kMostItems) continue;
    const auto more_us = static_cast<double>(us - std::min(us, one_us));
    return {static_cast<double>(one_us), more_us / (items - 1)};
  }
}

scheduler::Machine describe(const EnginePool& pool, const Clock& clock, unsigned cpu_slots) {
  constexpr std::uint32_t kCpu = 0;
  scheduler::Machine machine{.device_slots = {cpu_slots}, .engines = {}};
  for (std::size_t place = 0; place < pool.size(); ++place) {
    Engine& engine = pool.engine(place);
    scheduler::EngineSpec spec{
        .device = kCpu, .serving = pool.serves(place), .last_resort = &engine == &pool.stand_in()};
    if (is_gpu(engine)) {
      spec.device = static_cast<std::uint32_t>(machine.device_slots.size());
      spec.batch_us_max = kGpuBatchUsMax;
      // Each slot has a thread, which nothing would ever use where the GPU is not there.
      machine.device_slots.push_back(spec.serving ? 2 : 0);
    }
    if (spec.serving) {
      for (const Profile profile : kAllProfiles) {
        spec.costs[static_cast<std::size_t>(profile)] = measure(engine, profile, clock);
      }
    }
    machine.engines.push_back(spec);
  }
  return machine;
}

}  // namespace rekey::dispatch
