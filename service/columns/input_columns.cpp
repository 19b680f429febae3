// SPDX-License-Identifier: Apache-2.0
#include "columns/input_columns.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "columns/cache_lines.h"

namespace rekey {
namespace {

bool derives_teks(Profile profile) { return derived_keys(profile).contains(KeyKind::kTek); }

void put(ConstOctets value, std::size_t offset, Octets column) {
  assert(offset + value.size() <= column.size());
  std::ranges::copy(value, column.begin() + static_cast<std::ptrdiff_t>(offset));
}

template <std::size_t Width>
void put_all(const Column<Width>& from, std::size_t count, std::size_t first, Octets to) {
  if (!from.shared) {
    put({from.data, count * Width}, first * Width, to);
    return;
  }
  for (std::size_t i = 0; i < count; ++i) put({from.data, Width}, (first + i) * Width, to);
}

}  // namespace

InputColumns::InputColumns(Profile profile, const ProfileOptions& options, std::size_t items,
                           std::size_t sas) {
  const bool teks = derives_teks(profile);
  const std::pair<Octets*, std::size_t> columns[] = {
      {&pmk_, items * kPmkOctets},
      {&msid_, items * kMsidOctets},
      {&bsid_, items * kBsidOctets},
      {&nonce_, takes_nonce(profile, options) ? items * kNonceOctets : 0},
      {&cmac_key_count_, items * kCmacKeyCountOctets},
      {&ak_sn_, items * kAkSnOctets},
      {&sa_counts_, teks ? items : 0},
      {&saids_, sas * options.said_octets},
  };
  std::size_t octets = 0;
  for (const auto& [column, size] : columns) octets += in_cache_lines(size);
  memory_ = columns_memory(octets);
  std::size_t first = 0;
  for (const auto& [column, size] : columns) {
    *column = memory_.octets().subspan(first, size);
    first += in_cache_lines(size);
  }
}

void InputColumns::append(const AmsOctets& ams) {
  put(ams.pmk, items_ * kPmkOctets, pmk_);
  put(ams.msid, items_ * kMsidOctets, msid_);
  put(ams.bsid, items_ * kBsidOctets, bsid_);
  if (nonce_.size() > 0) put(ams.nonce, items_ * kNonceOctets, nonce_);
  put(ams.cmac_key_count, items_ * kCmacKeyCountOctets, cmac_key_count_);
  put(ams.ak_sn, items_ * kAkSnOctets, ak_sn_);
  if (sa_counts_.size() > 0) sa_counts_[items_] = ams.sa_count;
  put(ams.saids, said_octets_, saids_);
  said_octets_ += ams.saids.size();
  ++items_;
}

void InputColumns::append_all(const CheckedBatch& batch) {
  const std::size_t count = batch.count();
  put_all(batch.pmk(), count, items_, pmk_);
  put_all(batch.msid(), count, items_, msid_);
  put_all(batch.bsid(), count, items_, bsid_);
  if (nonce_.size() > 0) put_all(batch.nonce(), count, items_, nonce_);
  put_all(batch.cmac_key_count(), count, items_, cmac_key_count_);
  put_all(batch.ak_sn(), count, items_, ak_sn_);
  if (sa_counts_.size() > 0) {
    for (std::size_t i = 0; i < count; ++i) {
      sa_counts_[items_ + i] = static_cast<std::uint8_t>(batch.sa_count(i));
    }
  }
  put(batch.saids(), said_octets_, saids_);
  said_octets_ += batch.saids().size();
  items_ += count;
}

void InputColumns::point_input(BatchInput* out_input) const {
  out_input->count = static_cast<std::uint32_t>(items_);
  out_input->pmk = pmk_.first(items_ * kPmkOctets);
  out_input->msid = msid_.first(items_ * kMsidOctets);
  out_input->bsid = bsid_.first(items_ * kBsidOctets);
  if (nonce_.size() > 0) out_input->nonce = nonce_.first(items_ * kNonceOctets);
  out_input->cmac_key_count = cmac_key_count_.first(items_ * kCmacKeyCountOctets);
  out_input->ak_sn = ak_sn_.first(items_ * kAkSnOctets);
  if (sa_counts_.size() > 0) out_input->sa_counts = sa_counts_.first(items_);
  out_input->saids = saids_.first(said_octets_);
}

BatchInput same_kind(const CheckedBatch& batch) {
  BatchInput input;
  input.profile = batch.profile();
  input.options = batch.options();
  // A checked batch spells out the default counters also where the profile may not be given any.
  if (derives_teks(batch.profile())) input.tek_counters = batch.tek_counters();
  input.outputs = batch.outputs();
  return input;
}

AmsOctets ams_octets(const CheckedBatch& batch, std::size_t item, std::size_t first_sa) {
  const std::size_t said_octets = batch.options().said_octets;
  const std::uint32_t sa_count = batch.sa_count(item);
  const Column<kNonceOctets> nonce = batch.nonce();
  AmsOctets ams;
  ams.pmk = {batch.pmk().at(item), kPmkOctets};
  ams.msid = {batch.msid().at(item), kMsidOctets};
  ams.bsid = {batch.bsid().at(item), kBsidOctets};
  if (nonce.data != nullptr) ams.nonce = {nonce.at(item), kNonceOctets};
  ams.cmac_key_count = {batch.cmac_key_count().at(item), kCmacKeyCountOctets};
  ams.ak_sn = {batch.ak_sn().at(item), kAkSnOctets};
  ams.saids = batch.saids().subspan(first_sa * said_octets, sa_count * said_octets);
  ams.sa_count = static_cast<std::uint8_t>(sa_count);
  return ams;
}

}  // namespace rekey
