// SPDX-License-Identifier: Apache-2.0
//
// A request in rows, by way of its octets on the wire.
#pragma once

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <string>
#include <utility>

#include "rekey/v1/key_derivation.pb.h"
#include "wire/rows.h"

namespace rekey::test {

/// ParsedRows parses and checks a message of `octets`, which gRPC hands over in pieces of at most
/// `piece` octets.
struct ParsedRows {
  explicit ParsedRows(std::string message_octets, int piece = -1)
      : octets(std::move(message_octets)) {
    google::protobuf::io::ArrayInputStream in(octets.data(), static_cast<int>(octets.size()),
                                              piece);
    status = request.parse(&in, octets.size());
    if (status.ok()) status = request.check();
  }
  explicit ParsedRows(const v1::DeriveRequest& message, int piece = -1)
      : ParsedRows(message.SerializeAsString(), piece) {}
  ParsedRows(const ParsedRows&) = delete;
  ParsedRows& operator=(const ParsedRows&) = delete;

  std::string octets;
  wire::RowsRequest request;
  Status status;
};

}  // namespace rekey::test
