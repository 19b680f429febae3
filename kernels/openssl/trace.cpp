// SPDX-License-Identifier: Apache-2.0
#include "rekey/trace.h"

#include <string>

#include "openssl/evp_mac_kdf.h"
#include "openssl/referee.h"

namespace rekey {
namespace {

/// The referee calls every TEK by the same name; the last steps are the TEKs.
void name_teks(const CheckedBatch& batch, const openssl::AmsInput& ams,
               std::vector<TraceStep>* steps) {
  const std::size_t said_octets = batch.options().said_octets;
  const std::size_t teks = ams.saids.size() / said_octets * ams.tek_counters.size();
  std::size_t step = steps->size() - teks;
  for (std::size_t s = 0; s < ams.saids.size(); s += said_octets) {
    unsigned said = 0;
    for (std::uint8_t octet : ams.saids.subspan(s, said_octets)) said = said << 8 | octet;
    for (std::uint16_t counter : ams.tek_counters) {
      (*steps)[step++].result_name =
          "TEK(SAID=" + std::to_string(said) + ", COUNTER_TEK=" + std::to_string(counter) + ")";
    }
  }
}

}  // namespace

Status trace_derivation(const CheckedBatch& batch, std::size_t item,
                        std::vector<TraceStep>* out_steps) {
  if (item >= batch.count()) {
    return Status::invalid_argument("item: expected less than " + std::to_string(batch.count()) +
                                    ", found " + std::to_string(item));
  }
  if (batch.codes()[item] != Code::kOk) {
    return {batch.codes()[item], "item " + std::to_string(item) + ": " + batch.item_message(item)};
  }
  const openssl::AmsInput ams = openssl::ams_input(batch, item, batch.sa_count(0, item));

  const openssl::Algorithms algorithms;
  std::vector<TraceStep> steps;
  openssl::EvpMacKdf kdf(algorithms, &steps);
  SecretBuffer teks(batch.sa_count(item) * batch.tek_counters().size() * kTekOctets);
  openssl::AmsKeys keys;
  keys.teks = teks.octets();
  derive_ams(kdf, batch.profile(), batch.options(), derived_keys(batch.profile()), ams, &keys);
  if (!kdf.status().ok()) return kdf.status();
  name_teks(batch, ams, &steps);
  for (TraceStep& step : steps) out_steps->push_back(std::move(step));
  return {};
}

}  // namespace rekey
