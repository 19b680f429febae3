// SPDX-License-Identifier: Apache-2.0
#include "wire/columns.h"

#include <algorithm>
#include <string>

#include "wire/enums.h"
#include "wire/limits.h"
#include "wire/request.h"

namespace rekey::wire {
namespace {

ConstOctets octets(const std::string& field) {
  return {reinterpret_cast<const std::uint8_t*>(field.data()), field.size()};
}

Octets sized(std::size_t size, std::string* field) {
  field->resize(size);
  return {reinterpret_cast<std::uint8_t*>(field->data()), size};
}

}  // namespace

Status check_columns(const v1::DeriveBatchRequest& request, ColumnsRequest* out_request) {
  BatchInput input;
  if (Status s = profile_from_wire(request.profile(), kDefaultProfile, &input.profile); !s.ok()) {
    return s;
  }
  if (Status s = options_from_wire(request.options(), &input.options); !s.ok()) return s;
  scheduler::Priority priority{};
  if (Status s = priority_from_wire(request.priority(), &priority); !s.ok()) return s;
  if (Status s = check_request_items("count", request.count()); !s.ok()) return s;
  TekCounters tek_counters;
  if (Status s = tek_counters.load(request.tek_counters()); !s.ok()) return s;
  for (const int number : request.outputs()) {
    KeyKind kind{};
    if (Status s = key_kind_from_wire(static_cast<v1::KeyKind>(number), &kind); !s.ok()) return s;
    input.outputs.insert(kind);
  }
  input.count = request.count();
  input.pmk = octets(request.pmk());
  input.msid = octets(request.msid());
  input.bsid = octets(request.bsid());
  input.nonce = octets(request.nonce());
  input.cmac_key_count = octets(request.cmac_key_count());
  input.ak_sn = octets(request.ak_sn());
  input.sa_counts = octets(request.sa_counts());
  input.saids = octets(request.saids());
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
  out_request->batch = std::move(batch);
  out_request->priority = priority;
  return {};
}

BatchResult begin_columns_response(const v1::DeriveBatchRequest& request, const CheckedBatch& batch,
                                   v1::DeriveBatchResponse* out_response) {
  out_response->set_profile(profile_to_wire(batch.profile()));
  out_response->set_sequence(request.sequence());
  out_response->set_count(batch.count());
  std::ranges::transform(batch.codes(), sized(batch.count(), out_response->mutable_codes()).begin(),
                         [](Code code) { return static_cast<std::uint8_t>(code); });

  const auto column = [&](KeyKind kind, std::string* field) {
    return sized(batch.result_octets(kind), field);
  };
  BatchResult result;
  result.msid_star = column(KeyKind::kMsidStar, out_response->mutable_msid_star());
  result.ak = column(KeyKind::kAk, out_response->mutable_ak());
  result.akid = column(KeyKind::kAkid, out_response->mutable_akid());
  result.cmac_key_u = column(KeyKind::kCmacKeyU, out_response->mutable_cmac_key_u());
  result.cmac_key_d = column(KeyKind::kCmacKeyD, out_response->mutable_cmac_key_d());
  result.kek = column(KeyKind::kKek, out_response->mutable_kek());
  result.teks = column(KeyKind::kTek, out_response->mutable_teks());
  return result;
}

}  // namespace rekey::wire
