// SPDX-License-Identifier: Apache-2.0
#include "wire/rows_answer.h"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "rekey/v1/key_derivation.pb.h"
#include "wire/fields.h"

namespace rekey::wire {
namespace {

ConstOctets as_octets(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The `place`-th value of a column; none where the column is not there.
ConstOctets part_of(ConstOctets column, std::size_t place, std::size_t width) {
  return column.empty() ? column : column.subspan(place * width, width);
}

/// Tek is one v1::Tek.
struct Tek {
  std::uint32_t said = 0;
  std::uint32_t counter = 0;
  ConstOctets key;

  template <typename Out>
  void put(Out* out) const {
    out->number(v1::Tek::kSaidFieldNumber, said);
    out->number(v1::Tek::kCounterFieldNumber, counter);
    out->number(v1::Tek::kEksFieldNumber, counter % 4);
    out->octets(v1::Tek::kKeyFieldNumber, key);
  }
};

/// Row is one v1::AmsKeys.
struct Row {
  const InputRow& input;
  std::span<const std::uint32_t> saids;
  const Status& status;
  std::span<const std::uint16_t> tek_counters;
  const BatchResult& keys;  ///< of all good rows
  std::size_t place = 0;    ///< among the good rows; of no meaning when its status is bad
  std::size_t first_tek = 0;

  template <typename Out>
  void put(Out* out) const {
    using Fields = v1::AmsKeys;
    if (!status.ok()) {
      out->number(Fields::kCodeFieldNumber, static_cast<std::uint32_t>(status.code()));
      out->octets(Fields::kMessageFieldNumber, as_octets(status.message()));
    }
    out->octets(Fields::kReferenceFieldNumber, as_octets(input.reference));
    if (!status.ok()) return;
    out->octets(Fields::kMsidStarFieldNumber, part_of(keys.msid_star, place, kMsidStarOctets));
    out->octets(Fields::kAkFieldNumber, part_of(keys.ak, place, kAkOctets));
    out->octets(Fields::kAkidFieldNumber, part_of(keys.akid, place, kAkidOctets));
    out->octets(Fields::kCmacKeyUFieldNumber, part_of(keys.cmac_key_u, place, kCmacKeyOctets));
    out->octets(Fields::kCmacKeyDFieldNumber, part_of(keys.cmac_key_d, place, kCmacKeyOctets));
    out->octets(Fields::kKekFieldNumber, part_of(keys.kek, place, kKekOctets));
    std::size_t tek = 0;
    for (const std::uint32_t said : saids) {
      for (const std::uint16_t counter : tek_counters) {
        out->message(Fields::kTeksFieldNumber,
                     Tek{said, counter, part_of(keys.teks, first_tek + tek++, kTekOctets)});
      }
    }
  }
};

/// Rows is v1::DeriveResponse.items.
struct Rows {
  const CheckedRows& request;
  const CheckedBatch& batch;
  const BatchResult& keys;

  template <typename Out>
  void put(Out* out) const {
    std::size_t place = 0;
    std::size_t first_tek = 0;
    for (std::size_t i = 0; i < request.rows.size(); ++i) {
      const InputRow& input = request.rows[i];
      const Row row{input,
                    saids_of(input, request.saids),
                    request.row_status[i],
                    batch.tek_counters(),
                    keys,
                    place,
                    first_tek};
      if (row.status.ok()) {
        ++place;
        first_tek += row.saids.size() * batch.tek_counters().size();
      }
      out->message(v1::DeriveResponse::kItemsFieldNumber, row);
    }
  }
};

}  // namespace

WipedOctets rows_answer(const CheckedRows& request, const CheckedBatch& batch,
                        const BatchResult& keys, std::size_t room) {
  const Rows rows{request, batch, keys};
  WipedOctets octets(room + size_of(rows));
  Writer writer(octets.octets().data() + room);
  rows.put(&writer);
  assert(writer.at() == octets.octets().data() + octets.size());
  return octets;
}

}  // namespace rekey::wire
