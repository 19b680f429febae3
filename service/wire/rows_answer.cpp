// SPDX-License-Identifier: Apache-2.0
#include "wire/rows_answer.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>

#include "columns/result_columns.h"

namespace rekey::wire {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedOutputStream;

ConstOctets as_octets(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Counts the octets of fields. Like Protocol Buffers, leaves out what is 0 or empty.
class Size {
 public:
  void number(int /*field*/, std::uint32_t value) {
    if (value != 0) octets_ += kTagOctets + CodedOutputStream::VarintSize32(value);
  }
  void octets(int field, ConstOctets value) {
    if (value.empty()) return;
    begin(field, value.size());
    octets_ += value.size();
  }
  /// begin is for what comes before a message of so many octets.
  void begin(int /*field*/, std::size_t octets) {
    octets_ += kTagOctets + CodedOutputStream::VarintSize32(static_cast<std::uint32_t>(octets));
  }
  [[nodiscard]] std::size_t octets() const { return octets_; }

 private:
  static constexpr std::size_t kTagOctets = 1;

  std::size_t octets_ = 0;
};

/// Writes what Size counts.
class Writer {
 public:
  explicit Writer(std::uint8_t* at) : at_(at) {}

  void number(int field, std::uint32_t value) {
    if (value == 0) return;
    at_ = WireFormatLite::WriteTagToArray(field, WireFormatLite::WIRETYPE_VARINT, at_);
    at_ = CodedOutputStream::WriteVarint32ToArray(value, at_);
  }
  void octets(int field, ConstOctets value) {
    if (value.empty()) return;
    begin(field, value.size());
    at_ = std::ranges::copy(value, at_).out;
  }
  void begin(int field, std::size_t octets) {
    at_ = WireFormatLite::WriteTagToArray(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED, at_);
    at_ = CodedOutputStream::WriteVarint32ToArray(static_cast<std::uint32_t>(octets), at_);
  }
  [[nodiscard]] const std::uint8_t* at() const { return at_; }

 private:
  std::uint8_t* at_;
};

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

  template <typename Message, typename Out>
  static void put_message(int field, const Message& message, Out* out) {
    Size size;
    message.put(&size);
    out->begin(field, size.octets());
    message.put(out);
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
      Row::put_message(v1::DeriveResponse::kItemsFieldNumber, row, out);
    }
  }
};

}  // namespace

WipedOctets rows_answer(const v1::DeriveRequest& request, std::span<const Status> row_status,
                        const CheckedBatch& batch, const BatchResult& keys) {
  const Rows rows{request, row_status, batch, keys};
  Size size;
  rows.put(&size);
  WipedOctets octets(size.octets());
  Writer writer(octets.octets().data());
  rows.put(&writer);
  assert(writer.at() == octets.octets().data() + octets.size());
  return octets;
}

}  // namespace rekey::wire
