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
#include "rekey/v1/key_derivation.pb.h"

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

/// read_numbers adds what stands behind one tag of a repeated number of type `kType`: one of them,
/// or many packed.
template <google::protobuf::internal::WireFormatLite::FieldType kType, typename Number>
bool read_numbers(google::protobuf::io::CodedInputStream* in, std::uint32_t tag,
                  google::protobuf::RepeatedField<Number>* numbers) {
  using google::protobuf::internal::WireFormatLite;
  if (WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED) {
    return WireFormatLite::ReadPackedPrimitive<Number, kType>(in, numbers);
  }
  Number number{};
  if (!WireFormatLite::ReadPrimitive<Number, kType>(in, &number)) return false;
  numbers->Add(number);
  return true;
}

/// read_enumeration reads a value that may be any number.
template <typename Enumeration>
bool read_enumeration(google::protobuf::io::CodedInputStream* in, Enumeration* out_value) {
  using google::protobuf::internal::WireFormatLite;
  int number = 0;
  if (!WireFormatLite::ReadPrimitive<int, WireFormatLite::TYPE_ENUM>(in, &number)) return false;
  *out_value = static_cast<Enumeration>(number);
  return true;
}

/// read_common_field reads into `rest` what requests in rows and in columns both have, and passes
/// over what neither has.
template <typename Request>
bool read_common_field(google::protobuf::io::CodedInputStream* in, std::uint32_t tag,
                       Request* rest) {
  using google::protobuf::internal::WireFormatLite;
  v1::Profile profile{};
  v1::Priority priority{};
  switch (tag) {
    case number_tag(Request::kProfileFieldNumber):
      if (!read_enumeration(in, &profile)) return false;
      rest->set_profile(profile);
      return true;
    case number_tag(Request::kPriorityFieldNumber):
      if (!read_enumeration(in, &priority)) return false;
      rest->set_priority(priority);
      return true;
    case octets_tag(Request::kOptionsFieldNumber):
      return WireFormatLite::ReadMessage(in, rest->mutable_options());
    case octets_tag(Request::kTekCountersFieldNumber):
    case number_tag(Request::kTekCountersFieldNumber):
      return read_numbers<WireFormatLite::TYPE_UINT32>(in, tag, rest->mutable_tek_counters());
    default:
      return WireFormatLite::SkipField(in, tag);
  }
}

}  // namespace rekey::wire
