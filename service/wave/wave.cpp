// SPDX-License-Identifier: Apache-2.0
#include "wave/wave.h"

#include <cassert>

#include "rekey/secret.h"

namespace rekey::wave {
namespace {

template <typename Column>
void append_octets(ConstOctets octets, Column* column) {
  column->insert(column->end(), octets.begin(), octets.end());
}

void append_big_endian(std::uint16_t number, std::vector<std::uint8_t>* column) {
  column->push_back(static_cast<std::uint8_t>(number >> 8));
  column->push_back(static_cast<std::uint8_t>(number));
}

}  // namespace

void Wave::append(const AmsRecord& record) {
  append_octets(record.pmk.octets(), &pmks_);
  append_octets(record.msid, &msids_);
  append_octets(record.bsid, &bsids_);
  if (rules_.takes_nonce()) append_octets(record.nonce, &nonces_);
  append_big_endian(record.cmac_key_count, &cmac_key_counts_);
  ak_sns_.push_back(record.ak_sn);
  for (const std::uint16_t said : record.saids) {
    if (rules_.options.said_octets == 2) {
      append_big_endian(said, &saids_);
    } else {
      saids_.push_back(static_cast<std::uint8_t>(said));
    }
  }
  if (rules_.has_teks()) sa_counts_.push_back(static_cast<std::uint8_t>(record.saids.size()));
  first_sas_.push_back(first_sas_.back() + record.saids.size());
  references_.push_back(record.reference);
  lines_.push_back(record.line);
}

void Wave::clear() {
  wipe(pmks_);
  pmks_.clear();
  for (auto* column :
       {&msids_, &bsids_, &nonces_, &cmac_key_counts_, &ak_sns_, &sa_counts_, &saids_}) {
    column->clear();
  }
  first_sas_.assign(1, 0);
  references_.clear();
  lines_.clear();
}

BatchInput Wave::input(std::size_t first, std::uint32_t count) const {
  assert(first + count <= size());
  const auto part = [&](ConstOctets column, std::size_t width) {
    return column.empty() ? column : column.subspan(first * width, count * width);
  };
  const std::size_t said_octets = rules_.options.said_octets;
  BatchInput input;
  input.profile = rules_.profile;
  input.options = rules_.options;
  input.count = count;
  input.pmk = part(pmks_, kPmkOctets);
  input.msid = part(msids_, kMsidOctets);
  input.bsid = part(bsids_, kBsidOctets);
  input.nonce = part(nonces_, kNonceOctets);
  input.cmac_key_count = part(cmac_key_counts_, kCmacKeyCountOctets);
  input.ak_sn = part(ak_sns_, kAkSnOctets);
  input.sa_counts = part(sa_counts_, 1);
  input.saids =
      ConstOctets(saids_).subspan(first_sas_[first] * said_octets,
                                  (first_sas_[first + count] - first_sas_[first]) * said_octets);
  return input;
}

ConstOctets Wave::msid(std::size_t item) const {
  return ConstOctets(msids_).subspan(item * kMsidOctets, kMsidOctets);
}

ConstOctets Wave::bsid(std::size_t item) const {
  return ConstOctets(bsids_).subspan(item * kBsidOctets, kBsidOctets);
}

std::uint16_t Wave::said(std::size_t item, std::uint32_t sa) const {
  const std::size_t index = first_sas_[item] + sa;
  if (rules_.options.said_octets == 1) return saids_[index];
  return static_cast<std::uint16_t>(saids_[2 * index] << 8 | saids_[2 * index + 1]);
}

}  // namespace rekey::wave
