// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bitset>
#include <cassert>
#include <numeric>
#include <string>

#include "batch/check_parts.h"
#include "rekey/batch.h"

namespace rekey {
namespace {

Status check_columns(const BatchInput& input) {
  if (Status s = check_column("pmk", input.pmk, kPmkOctets, input.count); !s.ok()) return s;
  if (Status s = check_column("msid", input.msid, kMsidOctets, input.count); !s.ok()) return s;
  if (Status s = check_column("bsid", input.bsid, kBsidOctets, input.count); !s.ok()) return s;
  if (takes_nonce(input.profile, input.options)) {
    if (Status s = check_column("nonce", input.nonce, kNonceOctets, input.count); !s.ok()) return s;
  } else if (!input.nonce.empty()) {
    return wrong("nonce",
                 "0 octets (" + std::string(to_string(input.profile)) +
                     (input.options.msid_privacy_off ? " with msid_privacy_off" : "") +
                     " takes no nonce)",
                 octets_text(input.nonce.size()));
  }
  if (Status s =
          check_column("cmac_key_count", input.cmac_key_count, kCmacKeyCountOctets, input.count);
      !s.ok()) {
    return s;
  }
  return check_column("ak_sn", input.ak_sn, kAkSnOctets, input.count);
}

/// Sas says how many security associations a batch has.
struct Sas {
  std::uint32_t each = 0;  ///< without a counts column
  std::uint32_t total = 0;
};

Status check_sas(const BatchInput& input, bool profile_has_teks, bool teks_wanted, Sas* out_sas) {
  const std::size_t counts = input.sa_counts.size();
  const std::size_t found = input.saids.size();
  if (!profile_has_teks && counts + found > 0) {
    return wrong(found == 0 ? "sa_counts" : "saids",
                 "0 octets (" + std::string(to_string(input.profile)) + " derives no TEK)",
                 octets_text(found == 0 ? counts : found));
  }
  if (counts != 0 && counts != input.count) {
    return wrong("sa_counts", octets_text(input.count) + " or none (one SA each)",
                 octets_text(counts));
  }
  Sas sas;
  if (counts != 0) {
    sas.total = std::accumulate(input.sa_counts.begin(), input.sa_counts.end(), std::uint32_t{0});
  } else {
    sas.each = found == 0 && !teks_wanted ? 0 : 1;
    sas.total = sas.each * input.count;
  }
  const std::size_t said_octets = input.options.said_octets;
  const std::size_t expected = sas.total * said_octets;
  if (found != expected) {
    return wrong("saids",
                 octets_text(expected) + " (" + std::to_string(sas.total) + " SAs x " +
                     std::to_string(said_octets) + ")",
                 octets_text(found));
  }
  *out_sas = sas;
  return {};
}

/// SAIDs of one AMS. A set of the values met so far finds a duplicate in one pass.
class DuplicateSaids {
 public:
  explicit DuplicateSaids(std::size_t said_octets) : said_octets_(said_octets) {}

  /// The position of the first SAID that stands earlier too, or `count`.
  std::size_t find(const std::uint8_t* saids, std::size_t count) {
    std::size_t duplicate = count;
    for (std::size_t i = 0; i < count && duplicate == count; ++i) {
      const std::size_t value = said(saids, i);
      if (seen_[value]) duplicate = i;
      seen_[value] = true;
    }
    for (std::size_t i = 0; i < count; ++i) seen_[said(saids, i)] = false;
    return duplicate;
  }

  [[nodiscard]] std::size_t said(const std::uint8_t* saids, std::size_t i) const {
    return said_octets_ == 1 ? saids[i]
                             : static_cast<std::size_t>(saids[2 * i] << 8 | saids[2 * i + 1]);
  }

 private:
  std::size_t said_octets_;
  std::bitset<65'536> seen_;
};

}  // namespace

Status check_batch(const BatchInput& input, CheckedBatch* out_batch) {
  if (input.count > kMaxBatchItems) {
    return wrong("count", "at most " + std::to_string(kMaxBatchItems), std::to_string(input.count));
  }
  if (Status s = check_profile(input.profile); !s.ok()) return s;
  if (Status s = check_options(input.profile, input.options); !s.ok()) return s;
  if (Status s = check_outputs(input.profile, input.outputs); !s.ok()) return s;
  const bool profile_has_teks = derived_keys(input.profile).contains(KeyKind::kTek);
  if (Status s = check_tek_counters(input.profile, input.tek_counters); !s.ok()) return s;
  if (Status s = check_columns(input); !s.ok()) return s;

  CheckedBatch batch;
  batch.input_ = input;
  if (input.outputs.empty()) batch.input_.outputs = derived_keys(input.profile);
  const bool teks_wanted = batch.outputs().contains(KeyKind::kTek);

  const std::span<const std::uint16_t> counters = tek_counters_or_default(input.tek_counters);
  std::ranges::copy(counters, batch.tek_counters_.begin());
  batch.tek_counters_size_ = counters.size();

  Sas sas;
  if (Status s = check_sas(input, profile_has_teks, teks_wanted, &sas); !s.ok()) return s;
  if (teks_wanted) {
    if (Status s = check_tek_total("saids", sas.total, counters.size()); !s.ok()) return s;
  }
  batch.default_sa_count_ = sas.each;
  batch.total_sas_ = sas.total;
  batch.check_items();
  *out_batch = std::move(batch);
  return {};
}

void CheckedBatch::check_items() {
  codes_.assign(count(), Code::kOk);
  // Most batches are good as far as a look at whole columns tells.
  const auto most = [](ConstOctets column) { return *std::ranges::max_element(column); };
  if (count() == 0) return;
  const unsigned most_sas = sa_counts().empty() ? default_sa_count_ : most(sa_counts());
  if (most_sas <= 1 && most(input_.ak_sn) <= kMaxAkSn) return;
  DuplicateSaids duplicates(options().said_octets);
  const std::uint8_t* own_saids = saids().data();
  for (std::size_t item = 0; item < count(); ++item) {
    const std::size_t own_count = sa_count(item);
    const bool twice = own_count > 1 && duplicates.find(own_saids, own_count) != own_count;
    if (*ak_sn().at(item) > kMaxAkSn || twice) {
      codes_[item] = Code::kInvalidArgument;
      ++failed_;
    }
    own_saids += own_count * options().said_octets;
  }
}

std::string CheckedBatch::item_message(std::size_t item) const {
  if (codes_[item] == Code::kOk) return {};
  if (const unsigned found = *ak_sn().at(item); found > kMaxAkSn) {
    return "ak_sn: expected 0 to " + std::to_string(kMaxAkSn) + ", found " + std::to_string(found);
  }
  const std::size_t first_said = sa_count(0, item);
  DuplicateSaids duplicates(options().said_octets);
  const std::uint8_t* own_saids = saids().data() + first_said * options().said_octets;
  const std::size_t duplicate = duplicates.find(own_saids, sa_count(item));
  return "saids: expected different values, found " +
         std::to_string(duplicates.said(own_saids, duplicate)) + " twice";
}

CheckedBatch CheckedBatch::part(std::uint32_t first, std::uint32_t items) const {
  assert(first + std::uint64_t{items} <= count());
  CheckedBatch part;
  part.input_ = input_;
  part.input_.count = items;
  const auto cut = [&](ConstOctets* column, std::size_t width) {
    if (column->size() > width) *column = column->subspan(first * width, items * width);
  };
  cut(&part.input_.pmk, kPmkOctets);
  cut(&part.input_.msid, kMsidOctets);
  cut(&part.input_.bsid, kBsidOctets);
  cut(&part.input_.nonce, kNonceOctets);
  cut(&part.input_.cmac_key_count, kCmacKeyCountOctets);
  cut(&part.input_.ak_sn, kAkSnOctets);
  const std::size_t said_octets = options().said_octets;
  const std::size_t first_sa = sa_count(0, first);
  part.total_sas_ = static_cast<std::uint32_t>(sa_count(first, items));
  if (!input_.sa_counts.empty()) part.input_.sa_counts = input_.sa_counts.subspan(first, items);
  part.input_.saids = input_.saids.subspan(first_sa * said_octets, part.total_sas_ * said_octets);
  part.default_sa_count_ = default_sa_count_;
  part.tek_counters_ = tek_counters_;
  part.tek_counters_size_ = tek_counters_size_;
  part.codes_.assign(codes_.begin() + first, codes_.begin() + first + items);
  part.failed_ = items - static_cast<std::uint32_t>(std::ranges::count(part.codes_, Code::kOk));
  return part;
}

std::size_t CheckedBatch::result_octets(KeyKind kind) const {
  if (!outputs().contains(kind)) return 0;
  if (kind == KeyKind::kTek) return std::size_t{total_sas_} * tek_counters_size_ * kTekOctets;
  return std::size_t{count()} * key_octets(kind);
}

}  // namespace rekey
