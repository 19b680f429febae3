// SPDX-License-Identifier: Apache-2.0
#include "wire/columns.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <cassert>
#include <cstring>
#include <utility>

#include "wire/enums.h"
#include "wire/limits.h"
#include "wire/parsing.h"
#include "wire/request.h"

namespace rekey::wire {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;
using google::protobuf::io::CodedOutputStream;

using Response = v1::DeriveBatchResponse;

constexpr int field_of(KeyKind kind) {
  switch (kind) {
    case KeyKind::kMsidStar:
      return Response::kMsidStarFieldNumber;
    case KeyKind::kAk:
      return Response::kAkFieldNumber;
    case KeyKind::kAkid:
      return Response::kAkidFieldNumber;
    case KeyKind::kCmacKeyU:
      return Response::kCmacKeyUFieldNumber;
    case KeyKind::kCmacKeyD:
      return Response::kCmacKeyDFieldNumber;
    case KeyKind::kKek:
      return Response::kKekFieldNumber;
    case KeyKind::kTek:
      return Response::kTeksFieldNumber;
  }
  return 0;
}

Status malformed() {
  return Status::invalid_argument(
      "request: expected a DeriveBatchRequest in Protocol Buffers, found other octets");
}

/// A field of octets as the wire has it. Empty ones are left out.
std::size_t field_octets(std::size_t octets) {
  if (octets == 0) return 0;
  constexpr std::size_t kTagOctets = 1;
  return kTagOctets + CodedOutputStream::VarintSize32(static_cast<std::uint32_t>(octets)) + octets;
}

/// Begins a field at `*at`, moves that behind the field, and returns the field's octets.
Octets begin_field(int field, std::size_t octets, std::uint8_t** at) {
  if (octets == 0) return {};
  *at = WireFormatLite::WriteTagToArray(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED, *at);
  *at = CodedOutputStream::WriteVarint32ToArray(static_cast<std::uint32_t>(octets), *at);
  const Octets value{*at, octets};
  *at += octets;
  return value;
}

}  // namespace

std::uint32_t announced_count(google::protobuf::io::ZeroCopyInputStream* octets) {
  using Fields = v1::DeriveBatchRequest;
  CodedInputStream in(octets);
  std::uint32_t announced = 0;
  read_fields(&in, [&](std::uint32_t tag) {
    if (tag == number_tag(Fields::kCountFieldNumber)) {
      std::uint32_t count = 0;
      if (in.ReadVarint32(&count)) announced = count;
      return false;  // whatever follows
    }
    return WireFormatLite::GetTagFieldNumber(tag) < Fields::kPmkFieldNumber &&
           WireFormatLite::SkipField(&in, tag);
  });
  return announced;
}

Status ColumnsRequest::parse(google::protobuf::io::ZeroCopyInputStream* octets, std::size_t size) {
  CodedInputStream in(octets);
  const bool good = read_fields(&in, [&](std::uint32_t tag) {
    const int field = WireFormatLite::GetTagFieldNumber(tag);
    if (field < kFirstColumn || field > kLastColumn || tag != octets_tag(field)) {
      return read_rest(&in, tag);
    }
    return read_piece(&in, size, &copied_,
                      &columns_[static_cast<std::size_t>(field - kFirstColumn)]);
  });
  return good ? Status() : malformed();
}

bool ColumnsRequest::read_rest(CodedInputStream* in, std::uint32_t tag) {
  using Fields = v1::DeriveBatchRequest;
  std::uint32_t count = 0;
  std::uint64_t sequence = 0;
  switch (tag) {
    case number_tag(Fields::kCountFieldNumber):
      if (!in->ReadVarint32(&count)) return false;
      rest_.set_count(count);
      return true;
    case number_tag(Fields::kSequenceFieldNumber):
      if (!in->ReadVarint64(&sequence)) return false;
      rest_.set_sequence(sequence);
      return true;
    case octets_tag(Fields::kOutputsFieldNumber):
    case number_tag(Fields::kOutputsFieldNumber):
      return read_numbers<WireFormatLite::TYPE_ENUM>(in, tag, rest_.mutable_outputs());
    default:
      return read_common_field(in, tag, &rest_);
  }
}

Status ColumnsRequest::check() {
  using Request = v1::DeriveBatchRequest;
  BatchInput input;
  if (Status s = profile_from_wire(rest_.profile(), kDefaultProfile, &input.profile); !s.ok()) {
    return s;
  }
  if (Status s = options_from_wire(rest_.options(), &input.options); !s.ok()) return s;
  scheduler::Priority priority{};
  if (Status s = priority_from_wire(rest_.priority(), &priority); !s.ok()) return s;
  if (Status s = check_request_items("count", rest_.count()); !s.ok()) return s;
  TekCounters tek_counters;
  if (Status s = tek_counters.load(rest_.tek_counters()); !s.ok()) return s;
  for (const int number : rest_.outputs()) {
    KeyKind kind{};
    if (Status s = key_kind_from_wire(static_cast<v1::KeyKind>(number), &kind); !s.ok()) return s;
    input.outputs.insert(kind);
  }
  input.count = rest_.count();
  input.pmk = column(Request::kPmkFieldNumber);
  input.msid = column(Request::kMsidFieldNumber);
  input.bsid = column(Request::kBsidFieldNumber);
  input.nonce = column(Request::kNonceFieldNumber);
  input.cmac_key_count = column(Request::kCmacKeyCountFieldNumber);
  input.ak_sn = column(Request::kAkSnFieldNumber);
  input.sa_counts = column(Request::kSaCountsFieldNumber);
  input.saids = column(Request::kSaidsFieldNumber);
  input.tek_counters = tek_counters.values();

  CheckedBatch batch;
  if (Status s = check_batch(input, &batch); !s.ok()) return s;
  if (batch.outputs().contains(KeyKind::kTek)) {
    if (Status s = check_request_teks("saids", batch.total_sas(), batch.tek_counters().size(),
                                      kMaxRequestTeks);
        !s.ok()) {
      return s;
    }
  }
  batch_ = std::move(batch);
  priority_ = priority;
  return {};
}

ColumnsAnswer::ColumnsAnswer(const CheckedBatch& batch) {
  std::size_t size = field_octets(batch.count());
  for (const KeyKind kind : kAllKeyKinds) size += field_octets(batch.result_octets(kind));
  octets_ = WipedOctets(size);
  std::uint8_t* at = octets_.octets().data();
  static_assert(sizeof(Code) == 1);
  const Octets codes = begin_field(Response::kCodesFieldNumber, batch.count(), &at);
  if (!codes.empty()) std::memcpy(codes.data(), batch.codes().data(), codes.size());
  for (const KeyKind kind : kAllKeyKinds) {
    result_.set_column(kind, begin_field(field_of(kind), batch.result_octets(kind), &at));
  }
  assert(at == octets_.octets().data() + size);
}

v1::DeriveBatchResponse answer_head(const ColumnsRequest& request) {
  v1::DeriveBatchResponse head;
  head.set_profile(profile_to_wire(request.batch().profile()));
  head.set_sequence(request.sequence());
  head.set_count(request.batch().count());
  return head;
}

}  // namespace rekey::wire
