// SPDX-License-Identifier: Apache-2.0
#include "wave/scenario.h"

#include <algorithm>
#include <string>

namespace rekey::wave {
namespace {

struct Shape {
  std::string_view name;
  std::uint64_t count;
  std::size_t targets;  ///< 0: a BSID of its own for every AMS
  std::uint64_t sas_min;
  std::uint64_t sas_max;
};

constexpr Shape shape_of(Scenario scenario) {
  switch (scenario) {
    case Scenario::kAbsOutage:
      return {"abs-outage", 4'096, 6, 1, 4};
    case Scenario::kTrain:
      return {"train", 1'000, 1, 1, 2};
    case Scenario::kLeo:
      return {"leo", 30'000, 1, 1, 4};
    case Scenario::kUniform:
      break;
  }
  return {"uniform", 1'000, 0, 0, 8};
}

constexpr std::uint64_t kMostHandovers = 64;
constexpr std::uint8_t kLocallyAdministered = 0x02;
constexpr std::uint8_t kGroupAddress = 0x01;

}  // namespace

std::string_view to_string(Scenario scenario) { return shape_of(scenario).name; }

std::optional<Scenario> scenario_from_string(std::string_view name) {
  for (const Scenario scenario : kAllScenarios) {
    if (to_string(scenario) == name) return scenario;
  }
  return std::nullopt;
}

std::uint64_t default_count(Scenario scenario) { return shape_of(scenario).count; }

WaveGenerator::WaveGenerator(Scenario scenario, std::uint64_t seed, const Rules& rules)
    : scenario_(scenario), seed_(seed), rules_(rules), random_(seed) {
  targets_.resize(shape_of(scenario).targets);
  for (auto& bsid : targets_) random_.fill(bsid);
}

AmsRecord WaveGenerator::next() {
  const bool uniform = scenario_ == Scenario::kUniform;
  AmsRecord record;
  random_.fill(record.pmk.octets());
  random_.fill(record.msid);
  record.msid[0] =
      static_cast<std::uint8_t>((record.msid[0] | kLocallyAdministered) & ~kGroupAddress);
  if (uniform) {
    random_.fill(record.bsid);
  } else {
    record.bsid = targets_[random_.below(targets_.size())];
  }
  if (rules_.takes_nonce()) random_.fill(record.nonce);
  record.cmac_key_count = static_cast<std::uint16_t>(uniform ? random_.between(0, kMaxCmacKeyCount)
                                                             : random_.between(1, kMostHandovers));
  record.ak_sn = static_cast<std::uint8_t>(random_.between(0, kMaxAkSn));
  if (rules_.has_teks()) draw_saids(&record);
  ++made_;
  record.reference = "synthetic/" + std::string(to_string(scenario_)) + "/" +
                     std::to_string(seed_) + "/" + std::to_string(made_);
  return record;
}

void WaveGenerator::draw_saids(AmsRecord* record) {
  const Shape shape = shape_of(scenario_);
  const std::uint64_t sas = random_.between(shape.sas_min, shape.sas_max);
  while (record->saids.size() < sas) {
    const auto said = static_cast<std::uint16_t>(scenario_ == Scenario::kUniform
                                                     ? random_.between(0, rules_.max_said())
                                                     : record->saids.size() + 1);
    const auto& saids = record->saids;
    if (std::find(saids.begin(), saids.end(), said) == saids.end()) record->saids.push_back(said);
  }
}

Wave make_wave(Scenario scenario, std::uint64_t count, std::uint64_t seed, const Rules& rules) {
  WaveGenerator generator(scenario, seed, rules);
  Wave wave(rules);
  for (std::uint64_t i = 0; i < count; ++i) wave.append(generator.next());
  return wave;
}

}  // namespace rekey::wave
