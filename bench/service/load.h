// SPDX-License-Identifier: Apache-2.0
//
// The client: sends one message again and again to one server, on one thread, without reading what
// comes back, so that it costs the same whoever answers.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rekey/status.h"
#include "service/shape.h"
#include "service/tls_files.h"

namespace rekey::bench {

/// Target is whom a load asks, and how.
struct Target {
  std::string address;  ///< HOST:PORT
  std::string method;   ///< `/SERVICE/METHOD`
  TlsFiles tls;         ///< none: plaintext
};

/// Slice is what one slice of load saw.
struct Slice {
  double seconds = 0;                 ///< until the last answer
  std::uint64_t answers = 0;          ///< messages that were answered
  double server_cpu_seconds = 0;      ///< time that the server had of a core; whoever ran it says
  std::vector<double> burst_seconds;  ///< of a shape that times answers: each burst of all callers
};

/// Load holds the connections of a shape to a target.
class Load {
 public:
  using OnAnswer = std::function<Status(const grpc::ByteBuffer&)>;

  virtual ~Load() = default;

  /// open makes the load of a shape. `request` is sent as it is. kInvalidArgument when a file of
  /// the certificates cannot be read; whether the server is there shows in run().
  static Status open(const Shape& shape, const Target& target, const grpc::ByteBuffer& request,
                     std::unique_ptr<Load>* out_load);

  /// run asks for `length`, at least once, and waits for the last answer. `on_answer`, if any, sees
  /// every answer. Returns the first error of a call, or kUnavailable when nothing is answered for
  /// 30 s.
  virtual Status run(std::chrono::nanoseconds length, const OnAnswer& on_answer,
                     Slice* out_slice) = 0;
};

}  // namespace rekey::bench
