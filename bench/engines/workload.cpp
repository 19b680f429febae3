// SPDX-License-Identifier: Apache-2.0
#include "engines/workload.h"

#include <algorithm>
#include <random>

namespace rekey::bench {

Status Workload::make(Profile profile, std::uint32_t ams, std::uint64_t seed,
                      std::unique_ptr<Workload>* out_workload) {
  std::unique_ptr<Workload> workload(new Workload);
  std::mt19937_64 random(seed);
  const auto column = [&](std::size_t width) {
    SecretBuffer octets(width * ams);
    std::ranges::generate(octets.octets(), [&] { return static_cast<std::uint8_t>(random()); });
    return octets;
  };
  workload->pmk_ = column(kPmkOctets);
  workload->msid_ = column(kMsidOctets);
  workload->bsid_ = column(kBsidOctets);
  if (takes_nonce(profile, {})) workload->nonce_ = column(kNonceOctets);
  workload->cmac_key_count_ = column(kCmacKeyCountOctets);
  workload->ak_sn_ = column(kAkSnOctets);
  for (std::uint8_t& ak_sn : workload->ak_sn_.octets()) ak_sn &= kMaxAkSn;
  if (derived_keys(profile).contains(KeyKind::kTek)) workload->saids_ = column(1);

  BatchInput input;
  input.profile = profile;
  input.count = ams;
  input.pmk = workload->pmk_.octets();
  input.msid = workload->msid_.octets();
  input.bsid = workload->bsid_.octets();
  input.nonce = workload->nonce_.octets();
  input.cmac_key_count = workload->cmac_key_count_.octets();
  input.ak_sn = workload->ak_sn_.octets();
  input.saids = workload->saids_.octets();
  if (Status status = check_batch(input, &workload->batch_); !status.ok()) return status;
  *out_workload = std::move(workload);
  return {};
}

ResultColumns::ResultColumns(const CheckedBatch& batch, std::pmr::memory_resource* memory) {
  for (KeyKind kind : kAllKeyKinds) {
    auto& column = columns_[static_cast<std::size_t>(kind)];
    column = SecretBuffer(batch.result_octets(kind), memory);
    result_.set_column(kind, column.octets());
  }
}

std::string ResultColumns::first_difference(const ResultColumns& other) const {
  for (KeyKind kind : kAllKeyKinds) {
    const ConstOctets mine = result_.column(kind);
    const ConstOctets others = other.result_.column(kind);
    const auto difference = std::ranges::mismatch(mine, others).in1;
    if (difference == mine.end()) continue;
    const auto place = static_cast<std::size_t>(difference - mine.begin()) / key_octets(kind);
    return std::string(to_string(kind)) + " at place " + std::to_string(place);
  }
  return {};
}

}  // namespace rekey::bench
