// SPDX-License-Identifier: Apache-2.0
#include "service/echo_copy.h"

#include <grpc/slice.h>
#include <grpcpp/support/slice.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "rekey/octets.h"

namespace rekey::bench {
namespace {

constexpr std::size_t kTeksPerAms = 2;

/// Fills a field with `octets` octets of the source, which is repeated where it is shorter.
void fill(std::string_view source, std::size_t octets, std::string* field) {
  field->reserve(octets);
  while (!source.empty() && field->size() < octets) {
    field->append(source.substr(0, octets - field->size()));
  }
}

void echo_row(const v1::AmsInput& input, v1::AmsKeys* keys) {
  keys->set_reference(input.reference());
  fill(input.msid(), kMsidStarOctets, keys->mutable_msid_star());
  fill(input.pmk(), kAkOctets, keys->mutable_ak());
  fill(input.nonce(), kAkidOctets, keys->mutable_akid());
  fill(input.pmk(), kCmacKeyOctets, keys->mutable_cmac_key_u());
  fill(input.pmk(), kCmacKeyOctets, keys->mutable_cmac_key_d());
  for (const std::uint32_t said : input.saids()) {
    for (std::uint32_t counter = 0; counter < kTeksPerAms; ++counter) {
      v1::Tek* tek = keys->add_teks();
      tek->set_said(said);
      tek->set_counter(counter);
      tek->set_eks(counter);
      fill(input.pmk(), kTekOctets, tek->mutable_key());
    }
  }
}

}  // namespace

void echo_rows(const v1::DeriveRequest& request, v1::DeriveResponse* response) {
  response->set_profile(v1::PROFILE_16M_DRAFT);
  response->mutable_items()->Reserve(request.items_size());
  for (const v1::AmsInput& input : request.items()) echo_row(input, response->add_items());
}

void echo_columns(const v1::DeriveBatchRequest& request, v1::DeriveBatchResponse* response) {
  const std::size_t n = request.count();
  response->set_profile(v1::PROFILE_16M_DRAFT);
  response->set_sequence(request.sequence());
  response->set_count(request.count());
  fill(request.ak_sn(), n, response->mutable_codes());
  fill(request.msid(), n * kMsidStarOctets, response->mutable_msid_star());
  fill(request.pmk(), n * kAkOctets, response->mutable_ak());
  fill(request.nonce(), n * kAkidOctets, response->mutable_akid());
  fill(request.pmk(), n * kCmacKeyOctets, response->mutable_cmac_key_u());
  fill(request.pmk(), n * kCmacKeyOctets, response->mutable_cmac_key_d());
  fill(request.pmk(), n * kTeksPerAms * kTekOctets, response->mutable_teks());
}

void echo_raw(const grpc::ByteBuffer& request, grpc::ByteBuffer* response) {
  std::vector<grpc::Slice> slices;
  if (!request.Dump(&slices).ok()) return;
  const std::size_t octets = request.Length() * 9 / 4;
  grpc_slice answer = grpc_slice_malloc(octets);
  std::size_t written = 0;
  while (request.Length() > 0 && written < octets) {
    for (const grpc::Slice& slice : slices) {
      const std::size_t some = std::min(slice.size(), octets - written);
      std::memcpy(GRPC_SLICE_START_PTR(answer) + written, slice.begin(), some);
      written += some;
    }
  }
  const grpc::Slice owned(answer, grpc::Slice::STEAL_REF);
  *response = grpc::ByteBuffer(&owned, 1);
}

}  // namespace rekey::bench
