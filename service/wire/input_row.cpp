// SPDX-License-Identifier: Apache-2.0
#include "wire/input_row.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/stubs/common.h>

#include "rekey/v1/key_derivation.pb.h"
#include "wire/parsing.h"

namespace rekey::wire {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

/// Reads octets where they lie: in one piece.
bool read_octets(CodedInputStream* in, ConstOctets* out_octets) {
  int length = 0;
  if (!in->ReadVarintSizeAsInt(&length)) return false;
  const void* here = nullptr;
  int available = 0;
  in->GetDirectBufferPointerInline(&here, &available);
  if (length > available) return false;
  *out_octets = {static_cast<const std::uint8_t*>(here), static_cast<std::size_t>(length)};
  return in->Skip(length);
}

bool read_text(CodedInputStream* in, std::string_view* out_text) {
  ConstOctets octets;
  if (!read_octets(in, &octets)) return false;
  *out_text = {reinterpret_cast<const char*>(octets.data()), octets.size()};
  return google::protobuf::internal::IsStructurallyValidUTF8(out_text->data(),
                                                             static_cast<int>(out_text->size()));
}

bool read_field(CodedInputStream* in, std::uint32_t tag, InputRow* row, Numbers* saids) {
  using Fields = v1::AmsInput;
  switch (tag) {
    case octets_tag(Fields::kPmkFieldNumber):
      return read_octets(in, &row->pmk);
    case octets_tag(Fields::kMsidFieldNumber):
      return read_octets(in, &row->msid);
    case octets_tag(Fields::kBsidFieldNumber):
      return read_octets(in, &row->bsid);
    case octets_tag(Fields::kNonceFieldNumber):
      return read_octets(in, &row->nonce);
    case number_tag(Fields::kCmacKeyCountFieldNumber):
      return in->ReadVarint32(&row->cmac_key_count);
    case number_tag(Fields::kAkSnFieldNumber):
      return in->ReadVarint32(&row->ak_sn);
    case octets_tag(Fields::kSaidsFieldNumber):
    case number_tag(Fields::kSaidsFieldNumber):
      return read_numbers<WireFormatLite::TYPE_UINT32>(in, tag, saids);
    case octets_tag(Fields::kReferenceFieldNumber):
      return read_text(in, &row->reference);
    default:
      return WireFormatLite::SkipField(in, tag);
  }
}

}  // namespace

bool parse_row(ConstOctets octets, int recursion_limit, InputRow* out_row, Numbers* saids) {
  CodedInputStream in(octets.data(), static_cast<int>(octets.size()));
  in.SetRecursionLimit(recursion_limit);
  out_row->first_said = saids->size();
  const bool good =
      read_fields(&in, [&](std::uint32_t tag) { return read_field(&in, tag, out_row, saids); });
  out_row->saids = saids->size() - out_row->first_said;
  return good;
}

}  // namespace rekey::wire
