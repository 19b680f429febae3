// SPDX-License-Identifier: Apache-2.0
//
// A request in columns, by way of its octets on the wire.
#pragma once

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <cstdint>
#include <string>
#include <utility>

#include "rekey/v1/key_derivation.pb.h"
#include "wire/columns.h"

namespace rekey::test {

/// ParsedColumns parses and checks a message of `octets`, which gRPC hands over in pieces of at
/// most `piece` octets.
struct ParsedColumns {
  explicit ParsedColumns(std::string message_octets, int piece = -1)
      : octets(std::move(message_octets)) {
    google::protobuf::io::ArrayInputStream in(octets.data(), static_cast<int>(octets.size()),
                                              piece);
    status = request.parse(&in, octets.size());
    if (status.ok()) status = request.check();
  }
  explicit ParsedColumns(const v1::DeriveBatchRequest& message, int piece = -1)
      : ParsedColumns(message.SerializeAsString(), piece) {}
  ParsedColumns(const ParsedColumns&) = delete;
  ParsedColumns& operator=(const ParsedColumns&) = delete;

  std::string octets;
  wire::ColumnsRequest request;
  Status status;
};

/// message_of puts an answer together as a client would read it.
inline v1::DeriveBatchResponse message_of(const wire::ColumnsRequest& request,
                                          wire::ColumnsAnswer answer) {
  const WipedOctets columns = answer.take();
  std::string octets = wire::answer_head(request).SerializeAsString();
  octets.append(reinterpret_cast<const char*>(columns.octets().data()), columns.size());
  v1::DeriveBatchResponse message;
  if (!message.ParseFromString(octets)) message.set_count(UINT32_MAX);
  return message;
}

}  // namespace rekey::test
