// SPDX-License-Identifier: Apache-2.0
//
// Answers whose keys lie in memory of our own, as gRPC sends them.
#pragma once

#include <grpc/slice.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include <array>
#include <cstddef>
#include <utility>

#include "columns/wiped_octets.h"
#include "rpc/answer_head.h"

namespace rekey::rpc {

/// wiped_slice hands memory over to gRPC, which wipes it when nothing refers to it any more.
inline grpc::Slice wiped_slice(WipedOctets octets) {
  const std::size_t size = octets.size();
  return {grpc_slice_new_with_len(octets.release(), size, free_wiped), grpc::Slice::STEAL_REF};
}

/// answer_of returns the message that `head` and the octets of its other fields are together.
template <typename Response>
grpc::ByteBuffer answer_of(const AnswerHead<Response>& head, WipedOctets keys) {
  grpc_slice octets = grpc_slice_malloc(head.octets());
  head.write(GRPC_SLICE_START_PTR(octets));
  const std::array<grpc::Slice, 2> slices = {grpc::Slice(octets, grpc::Slice::STEAL_REF),
                                             wiped_slice(std::move(keys))};
  return {slices.data(), slices.size()};
}

}  // namespace rekey::rpc
