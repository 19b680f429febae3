// SPDX-License-Identifier: Apache-2.0
#include "support/batch_builder.h"

#include <sys/mman.h>

#include <cstddef>
#include <numeric>
#include <ostream>
#include <random>

namespace rekey::test {
namespace {

class Random {
 public:
  explicit Random(std::uint64_t seed) : generator_(seed) {}

  /// 0 to limit - 1.
  std::uint32_t below(std::uint32_t limit) {
    return static_cast<std::uint32_t>(generator_() % limit);
  }

  std::vector<std::uint8_t> octets(std::size_t size) {
    std::vector<std::uint8_t> octets(size);
    for (std::uint8_t& octet : octets) octet = static_cast<std::uint8_t>(below(256));
    return octets;
  }

  std::vector<std::uint8_t> column(std::size_t width, std::uint32_t count, bool shared) {
    return octets(width * (shared ? 1 : count));
  }

 private:
  std::mt19937_64 generator_;
};

bool has_teks(const BatchShape& shape) {
  return derived_keys(shape.variant.profile).contains(KeyKind::kTek);
}

/// Appends SAIDs of one AMS, all different: an odd stride meets every value of 8 or 16 bits.
void append_saids(Random& random, std::size_t said_octets, std::uint32_t sa_count, bool twice,
                  std::vector<std::uint8_t>* out_saids) {
  const std::uint32_t first = random.below(1 << 16);
  const std::uint32_t stride = random.below(1 << 16) | 1;
  for (std::uint32_t sa = 0; sa < sa_count; ++sa) {
    const bool repeats_first = twice && sa + 1 == sa_count;
    const std::uint32_t said = repeats_first ? first : first + sa * stride;
    if (said_octets == 2) out_saids->push_back(static_cast<std::uint8_t>(said >> 8));
    out_saids->push_back(static_cast<std::uint8_t>(said));
  }
}

ConstOctets or_unreadable(const std::vector<std::uint8_t>& column) {
  // An empty column of a real request points somewhere too; who reads there must not go unnoticed.
  static const void* const kPage = mmap(nullptr, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return column.empty() ? ConstOctets(static_cast<const std::uint8_t*>(kPage), 0) : column;
}

}  // namespace

std::vector<Variant> all_variants() {
  std::vector<Variant> variants = {{Profile::kLegacy16e, {}}};
  for (std::uint8_t said_octets : {std::uint8_t{1}, std::uint8_t{2}}) {
    for (bool choice : {false, true}) {
      variants.push_back({Profile::k16mDraft, {.nonce_first = choice, .said_octets = said_octets}});
      variants.push_back(
          {Profile::k16mPublished, {.said_octets = said_octets, .msid_privacy_off = choice}});
    }
  }
  return variants;
}

std::vector<KeySet> output_subsets(Profile profile) {
  std::vector<KeySet> subsets = {KeySet()};
  for (KeyKind kind : kAllKeyKinds) {
    if (!derived_keys(profile).contains(kind)) continue;
    const std::size_t without_kind = subsets.size();
    for (std::size_t i = 0; i < without_kind; ++i) {
      subsets.push_back(subsets[i]);
      subsets.back().insert(kind);
    }
  }
  subsets.erase(subsets.begin());
  return subsets;
}

std::ostream& operator<<(std::ostream& out, const BatchShape& shape) {
  const ProfileOptions& options = shape.variant.options;
  out << to_string(shape.variant.profile) << " nonce_first=" << options.nonce_first
      << " said_octets=" << int{options.said_octets}
      << " msid_privacy_off=" << options.msid_privacy_off << " count=" << shape.count << " shared=";
  if (shape.shared_pmk) out << "pmk,";
  if (shape.shared_msid) out << "msid,";
  if (shape.shared_bsid) out << "bsid,";
  if (shape.shared_nonce) out << "nonce,";
  if (shape.shared_cmac_key_count) out << "cmac_key_count,";
  if (shape.shared_ak_sn) out << "ak_sn,";
  out << " sas=";
  switch (shape.sas) {
    case SaShape::kOneByDefault:
      out << "default";
      break;
    case SaShape::kNone:
      out << "none";
      break;
    case SaShape::kEqual:
      out << shape.max_sas << " each";
      break;
    case SaShape::kUnequal:
      out << "0.." << shape.max_sas;
      break;
  }
  out << " tek_counters=" << shape.tek_counters << " outputs=";
  for (KeyKind kind : kAllKeyKinds) {
    if (shape.outputs.contains(kind)) out << to_string(kind) << ',';
  }
  return out << " bad_percent=" << shape.bad_percent;
}

BatchColumns BatchColumns::random(const BatchShape& shape, std::uint64_t seed) {
  Random random(seed);
  BatchColumns columns;
  columns.variant = shape.variant;
  columns.count = shape.count;
  columns.outputs = shape.outputs;
  columns.pmk = random.column(kPmkOctets, shape.count, shape.shared_pmk);
  columns.msid = random.column(kMsidOctets, shape.count, shape.shared_msid);
  columns.bsid = random.column(kBsidOctets, shape.count, shape.shared_bsid);
  if (takes_nonce(shape.variant.profile, shape.variant.options)) {
    columns.nonce = random.column(kNonceOctets, shape.count, shape.shared_nonce);
  }
  columns.cmac_key_count =
      random.column(kCmacKeyCountOctets, shape.count, shape.shared_cmac_key_count);
  columns.ak_sn = random.column(kAkSnOctets, shape.count, shape.shared_ak_sn);
  for (std::uint8_t& ak_sn : columns.ak_sn) ak_sn &= kMaxAkSn;

  const bool teks = has_teks(shape);
  if (teks) {
    const std::uint32_t first = random.below(kMaxTekCounter + 1);
    for (std::uint32_t i = 0; i < shape.tek_counters; ++i) {
      columns.tek_counters.push_back(static_cast<std::uint16_t>(first + i * 257));
    }
  }
  for (std::uint32_t item = 0; item < shape.count; ++item) {
    const bool bad = random.below(100) < shape.bad_percent;
    std::uint32_t sa_count = 0;
    if (teks) {
      if (shape.sas == SaShape::kOneByDefault) sa_count = 1;
      if (shape.sas == SaShape::kEqual) sa_count = shape.max_sas;
      if (shape.sas == SaShape::kUnequal) sa_count = random.below(shape.max_sas + 1);
      if (shape.sas != SaShape::kOneByDefault) {
        columns.sa_counts.push_back(static_cast<std::uint8_t>(sa_count));
      }
    }
    const bool twice = bad && sa_count >= 2;
    append_saids(random, shape.variant.options.said_octets, sa_count, twice, &columns.saids);
    if (bad && !twice && !shape.shared_ak_sn) columns.ak_sn[item] |= 0x10;
  }
  return columns;
}

BatchInput BatchColumns::input() const {
  BatchInput input;
  input.profile = variant.profile;
  input.options = variant.options;
  input.count = count;
  input.pmk = or_unreadable(pmk);
  input.msid = or_unreadable(msid);
  input.bsid = or_unreadable(bsid);
  input.nonce = or_unreadable(nonce);
  input.cmac_key_count = or_unreadable(cmac_key_count);
  input.ak_sn = or_unreadable(ak_sn);
  input.sa_counts = or_unreadable(sa_counts);
  input.saids = or_unreadable(saids);
  input.tek_counters = tek_counters;
  input.outputs = outputs;
  return input;
}

BatchColumns BatchColumns::item(std::size_t item) const {
  const auto value = [&](const std::vector<std::uint8_t>& column, std::size_t width) {
    const std::size_t first = column.size() == width ? 0 : item * width;
    return column.empty()
               ? column
               : std::vector(column.begin() + static_cast<std::ptrdiff_t>(first),
                             column.begin() + static_cast<std::ptrdiff_t>(first + width));
  };
  BatchColumns one;
  one.variant = variant;
  one.count = 1;
  one.outputs = outputs;
  one.tek_counters = tek_counters;
  one.pmk = value(pmk, kPmkOctets);
  one.msid = value(msid, kMsidOctets);
  one.bsid = value(bsid, kBsidOctets);
  one.nonce = value(nonce, kNonceOctets);
  one.cmac_key_count = value(cmac_key_count, kCmacKeyCountOctets);
  one.ak_sn = value(ak_sn, kAkSnOctets);
  if (sa_counts.empty()) {
    one.saids = value(saids, variant.options.said_octets);
    return one;
  }
  one.sa_counts = {sa_counts[item]};
  const auto said_octets = static_cast<std::ptrdiff_t>(variant.options.said_octets);
  const auto item_count = sa_counts.begin() + static_cast<std::ptrdiff_t>(item);
  const auto first = saids.begin() + said_octets * std::accumulate(sa_counts.begin(), item_count,
                                                                   std::ptrdiff_t{0});
  one.saids.assign(first, first + said_octets * *item_count);
  return one;
}

}  // namespace rekey::test
