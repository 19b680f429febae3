// SPDX-License-Identifier: Apache-2.0
//
// What it takes to go through a message field by field, as Protocol Buffers do.
#pragma once

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/repeated_field.h>
#include <google/protobuf/wire_format_lite.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "columns/wiped_octets.h"
#include "rekey/octets.h"

namespace rekey::wire {

/// octets_tag is what stands before a field of octets, number_tag before one that is a number.
constexpr std::uint32_t octets_tag(int field) {
  using google::protobuf::internal::WireFormatLite;
  return WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
}
constexpr std::uint32_t number_tag(int field) {
  using google::protobuf::internal::WireFormatLite;
  return WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_VARINT);
}

/// read_fields calls `read_field(tag)` behind every tag of a message. False when one of them
/// returns false, or when there is anything but fields.
template <typename ReadField>
bool read_fields(google::protobuf::io::CodedInputStream* in, ReadField read_field) {
  // A longer tag is cut to 32 bits by ReadTag(): Protocol Buffers' own parser refuses it.
  constexpr int kMostTagOctets = 5;
  for (int at = in->CurrentPosition(); const std::uint32_t tag = in->ReadTag();
       at = in->CurrentPosition()) {
    if (in->CurrentPosition() - at > kMostTagOctets || !read_field(tag)) return false;
  }
  return in->ConsumedEntireMessage();
}

/// read_piece reads a field of octets of a message of `size` where it lies, or copies it where it
/// lies in pieces.
inline bool read_piece(google::protobuf::io::CodedInputStream* in, std::size_t size,
                       std::vector<WipedOctets>* copied, ConstOctets* out_piece) {
  int length = 0;
  if (!in->ReadVarintSizeAsInt(&length) || length < 0) return false;
  const auto octets = static_cast<std::size_t>(length);
  // What does not fit the message is not worth memory.
  if (octets > size - static_cast<std::size_t>(in->CurrentPosition())) return false;
  const void* here = nullptr;
  int available = 0;
  in->GetDirectBufferPointerInline(&here, &available);
  if (available >= length) {
    *out_piece = {static_cast<const std::uint8_t*>(here), octets};
    return in->Skip(length);
  }
  WipedOctets& copy = copied->emplace_back(octets);
  *out_piece = copy.octets();
  return in->ReadRaw(copy.octets().data(), length);
}

/// read_enumeration reads a number of which, like Protocol Buffers, it takes the last 32 bits.
inline bool read_enumeration(google::protobuf::io::CodedInputStream* in, int* out_number) {
  std::uint64_t number = 0;
  if (!in->ReadVarint64(&number)) return false;
  *out_number = static_cast<int>(number);
  return true;
}

/// read_numbers adds what stands behind one tag of a repeated number: one of them, or many packed.
inline bool read_numbers(google::protobuf::io::CodedInputStream* in, std::uint32_t tag,
                         google::protobuf::RepeatedField<std::uint32_t>* numbers) {
  using google::protobuf::internal::WireFormatLite;
  if (WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
    return WireFormatLite::ReadPackedPrimitive<std::uint32_t, WireFormatLite::TYPE_UINT32>(in,
                                                                                           numbers);
  }
  std::uint32_t number = 0;
  if (!in->ReadVarint32(&number)) return false;
  numbers->Add(number);
  return true;
}

}  // namespace rekey::wire
