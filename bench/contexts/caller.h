// SPDX-License-Identifier: Apache-2.0
//
// Calls a server, one call after the other, and times each.
#pragma once

#include <google/protobuf/message.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/support/byte_buffer.h>

#include <string>

#include "rekey/status.h"
#include "service/completions.h"
#include "service/server_process.h"

namespace rekey::bench {

/// Caller has one plaintext connection to one server.
class Caller {
 public:
  /// `server` must outlive it.
  explicit Caller(ServerProcess* server);

  /// call sends octets to `/SERVICE/METHOD` and waits for the answer. `*out_seconds` is the time
  /// between, without that of writing and reading messages. Errors say how the server ended, if it
  /// did; kUnavailable when nothing comes for 30 s.
  Status call(const std::string& method, const grpc::ByteBuffer& request,
              grpc::ByteBuffer* out_answer, double* out_seconds);
  /// The same with messages.
  Status call(const std::string& method, const google::protobuf::Message& request,
              google::protobuf::Message* out_answer, double* out_seconds);

 private:
  ServerProcess* server_;
  grpc::GenericStub stub_;
  Completions completions_;
};

}  // namespace rekey::bench
