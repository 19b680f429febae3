// SPDX-License-Identifier: Apache-2.0
#include "wire/rows.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <span>
#include <string>

#include "wire/enums.h"
#include "wire/limits.h"
#include "wire/parsing.h"
#include "wire/request.h"
#include "wire/rows_answer.h"
#include "wire/wrong.h"

namespace rekey::wire {
namespace {

using google::protobuf::io::CodedInputStream;

Status malformed() {
  return Status::invalid_argument(
      "request: expected a DeriveRequest in Protocol Buffers, found other octets");
}

Status check_octets(std::string_view field, ConstOctets value, std::size_t expected) {
  if (value.size() == expected) return {};
  return wrong(field, std::to_string(expected) + " octets", std::to_string(value.size()));
}

Status check_at_most(std::string_view field, std::uint32_t value, std::uint32_t most) {
  if (value <= most) return {};
  return wrong(field, "0 to " + std::to_string(most), std::to_string(value));
}

/// RowCheck checks the rows of one request.
class RowCheck {
 public:
  RowCheck(Profile profile, const ProfileOptions& options)
      : nonce_octets_(takes_nonce(profile, options) ? kNonceOctets : 0),
        max_saids_(derived_keys(profile).contains(KeyKind::kTek) ? kMaxSasPerAms : 0),
        max_said_(options.said_octets == 2 ? 0xFFFF : 0xFF),
        profile_(profile) {}

  Status check(const InputRow& row, std::span<const std::uint32_t> saids) {
    if (Status s = check_octets("pmk", row.pmk, kPmkOctets); !s.ok()) return s;
    if (Status s = check_octets("msid", row.msid, kMsidOctets); !s.ok()) return s;
    if (Status s = check_octets("bsid", row.bsid, kBsidOctets); !s.ok()) return s;
    if (Status s = check_octets("nonce", row.nonce, nonce_octets_); !s.ok()) return s;
    if (Status s = check_at_most("cmac_key_count", row.cmac_key_count, kMaxCmacKeyCount); !s.ok()) {
      return s;
    }
    if (Status s = check_at_most("ak_sn", row.ak_sn, kMaxAkSn); !s.ok()) return s;
    return check_saids(saids);
  }

 private:
  Status check_saids(std::span<const std::uint32_t> saids) {
    if (saids.size() > max_saids_) {
      return wrong("saids",
                   max_saids_ == 0
                       ? "none (" + std::string(to_string(profile_)) + " derives no TEK)"
                       : "at most " + std::to_string(max_saids_),
                   std::to_string(saids.size()));
    }
    for (const std::uint32_t said : saids) {
      if (Status s = check_at_most("saids", said, max_said_); !s.ok()) return s;
    }
    return check_different(saids);
  }

  static Status check_different(std::span<const std::uint32_t> saids) {
    // Few are compared with each other; for many it takes a set, whose size is in the way of few.
    constexpr std::size_t kFew = 16;
    if (saids.size() <= kFew) {
      for (auto said = saids.begin(); said != saids.end(); ++said) {
        if (std::find(saids.begin(), said, *said) != said) return twice(*said);
      }
      return {};
    }
    // All values are known to be small enough to index it.
    std::bitset<65'536> seen;
    for (const std::uint32_t said : saids) {
      if (seen[said]) return twice(said);
      seen[said] = true;
    }
    return {};
  }

  static Status twice(std::uint32_t said) {
    return wrong("saids", "different values", std::to_string(said) + " twice");
  }

  std::size_t nonce_octets_;
  std::size_t max_saids_;
  std::uint32_t max_said_;
  Profile profile_;
};

/// append adds a row that was found good.
void append(const InputRow& row, std::span<const std::uint32_t> saids, std::size_t said_octets,
            InputColumns* out_columns) {
  const std::array cmac_key_count = {static_cast<std::uint8_t>(row.cmac_key_count >> 8),
                                     static_cast<std::uint8_t>(row.cmac_key_count)};
  const std::array ak_sn = {static_cast<std::uint8_t>(row.ak_sn)};
  std::array<std::uint8_t, kMaxSasPerAms * 2> said_column;  // what is used of it is written below
  std::size_t said_end = 0;
  for (const std::uint32_t said : saids) {
    if (said_octets == 2) said_column[said_end++] = static_cast<std::uint8_t>(said >> 8);
    said_column[said_end++] = static_cast<std::uint8_t>(said);
  }
  AmsOctets ams;
  ams.pmk = row.pmk;
  ams.msid = row.msid;
  ams.bsid = row.bsid;
  ams.nonce = row.nonce;
  ams.cmac_key_count = cmac_key_count;
  ams.ak_sn = ak_sn;
  ams.saids = ConstOctets(said_column).first(said_end);
  ams.sa_count = static_cast<std::uint8_t>(saids.size());
  out_columns->append(ams);
}

}  // namespace

Status RowsRequest::parse(google::protobuf::io::ZeroCopyInputStream* octets, std::size_t size) {
  CodedInputStream in(octets);
  const bool good = read_fields(&in, [&](std::uint32_t tag) {
    return tag == octets_tag(v1::DeriveRequest::kItemsFieldNumber)
               ? read_row(&in, size)
               : read_common_field(&in, tag, &rest_);
  });
  return good ? Status() : malformed();
}

bool RowsRequest::read_row(CodedInputStream* in, std::size_t size) {
  ConstOctets octets;
  if (!read_piece(in, size, &copied_, &octets)) return false;
  InputRow row;
  if (!parse_row(octets, in->RecursionBudget() - 1, &row, &saids_)) return false;
  // More are refused, whatever is in them.
  if (++count_ <= kMaxRequestItems) rows_.push_back(row);
  return true;
}

Status RowsRequest::check() {
  BatchInput input;
  if (Status s = profile_from_wire(rest_.profile(), kDefaultProfile, &input.profile); !s.ok()) {
    return s;
  }
  if (Status s = options_from_wire(rest_.options(), &input.options); !s.ok()) return s;
  if (Status s = check_options(input.profile, input.options); !s.ok()) return s;
  if (Status s = priority_from_wire(rest_.priority(), &priority_); !s.ok()) return s;
  if (Status s = check_request_items("items", count_); !s.ok()) return s;
  TekCounters tek_counters;
  if (Status s = tek_counters.load(rest_.tek_counters()); !s.ok()) return s;
  input.tek_counters = tek_counters.values();

  RowCheck row_check(input.profile, input.options);
  row_status_.clear();
  row_status_.reserve(rows_.size());
  std::size_t good_rows = 0;
  std::size_t sas = 0;
  for (const InputRow& row : rows_) {
    const auto saids = saids_of(row, saids_);
    row_status_.push_back(row_check.check(row, saids));
    if (!row_status_.back().ok()) continue;
    ++good_rows;
    sas += saids.size();
  }

  columns_ = InputColumns(input.profile, input.options, good_rows, sas);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    if (row_status_[i].ok()) {
      append(rows_[i], saids_of(rows_[i], saids_), input.options.said_octets, &columns_);
    }
  }
  columns_.point_input(&input);
  if (Status s = check_batch(input, &batch_); !s.ok()) return s;
  return check_request_teks("items.saids", sas, batch_.tek_counters().size(), kMaxRowTeks);
}

BatchResult RowsRequest::begin_results() {
  results_ = ResultColumns(batch_);
  return results_.spans();
}

v1::DeriveResponse RowsRequest::answer_head() const {
  v1::DeriveResponse head;
  head.set_profile(profile_to_wire(batch_.profile()));
  return head;
}

WipedOctets RowsRequest::answer(std::size_t room) const {
  return rows_answer({rows_, saids_, row_status_}, batch_, results_.spans(), room);
}

}  // namespace rekey::wire
