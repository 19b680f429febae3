// SPDX-License-Identifier: Apache-2.0
//
// What the echo server does instead of deriving: it copies octets of a request into an answer of
// the size that rekeyd's would have, under the default profile with one security association of two
// TEKs an AMS.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include "rekey/v1/key_derivation.pb.h"

namespace rekey::bench {

/// echo_rows gives every row of the answer the kinds of keys that rekeyd would give it.
void echo_rows(const v1::DeriveRequest& request, v1::DeriveResponse* response);

/// echo_columns fills the columns that rekeyd would fill.
void echo_columns(const v1::DeriveBatchRequest& request, v1::DeriveBatchResponse* response);

/// echo_raw copies a message of columns, unread, into one slice of 9/4 of its size: 44 octets of an
/// AMS become 99.
void echo_raw(const grpc::ByteBuffer& request, grpc::ByteBuffer* response);

}  // namespace rekey::bench
