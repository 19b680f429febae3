// SPDX-License-Identifier: Apache-2.0
#include "wire/rows_answer.h"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>

#include "columns/result_columns.h"
#include "wire/fields.h"

namespace rekey::wire {
namespace {

ConstOctets as_octets(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
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
  const v1::AmsInput& input;
  const Status& status;
  std::span<const std::uint16_t> tek_counters;
  BatchResult keys;  ///< of this AMS; empty when its status is bad

  template <typename Out>
  void put(Out* out) const {
    using Fields = v1::AmsKeys;
    if (!status.ok()) {
      out->number(Fields::kCodeFieldNumber, static_cast<std::uint32_t>(status.code()));
      out->octets(Fields::kMessageFieldNumber, as_octets(status.message()));
    }
    out->octets(Fields::kReferenceFieldNumber, as_octets(input.reference()));
    if (!status.ok()) return;
    out->octets(Fields::kMsidStarFieldNumber, keys.msid_star);
    out->octets(Fields::kAkFieldNumber, keys.ak);
    out->octets(Fields::kAkidFieldNumber, keys.akid);
    out->octets(Fields::kCmacKeyUFieldNumber, keys.cmac_key_u);
    out->octets(Fields::kCmacKeyDFieldNumber, keys.cmac_key_d);
    out->octets(Fields::kKekFieldNumber, keys.kek);
    std::size_t tek = 0;
    for (const std::uint32_t said : input.saids()) {
      for (const std::uint16_t counter : tek_counters) {
        put_message(Fields::kTeksFieldNumber,
                    Tek{said, counter, keys.teks.subspan(tek++ * kTekOctets, kTekOctets)}, out);
      }
    }
  }
};

/// Rows is v1::DeriveResponse.items.
struct Rows {
  const v1::DeriveRequest& request;
  std::span<const Status> row_status;
  const CheckedBatch& batch;
  const BatchResult& keys;

  template <typename Out>
  void put(Out* out) const {
    ItemRange good{.items = 1};
    for (std::size_t i = 0; i < row_status.size(); ++i) {
      const v1::AmsInput& input = request.items(static_cast<int>(i));
      Row row{input, row_status[i], batch.tek_counters(), {}};
      if (row.status.ok()) {
        good.sas = static_cast<std::size_t>(input.saids_size());
        row.keys = slice(keys, good, batch.tek_counters().size());
        ++good.first_item;
        good.first_sa += good.sas;
      }
      put_message(v1::DeriveResponse::kItemsFieldNumber, row, out);
    }
  }
};

}  // namespace

WipedOctets rows_answer(const v1::DeriveRequest& request, std::span<const Status> row_status,
                        const CheckedBatch& batch, const BatchResult& keys, std::size_t room) {
  const Rows rows{request, row_status, batch, keys};
  WipedOctets octets(room + size_of(rows));
  Writer writer(octets.octets().data() + room);
  rows.put(&writer);
  assert(writer.at() == octets.octets().data() + octets.size());
  return octets;
}

}  // namespace rekey::wire
