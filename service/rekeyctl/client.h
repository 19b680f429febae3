// SPDX-License-Identifier: Apache-2.0
//
// A server as rekeyctl sees it. gRPC stays behind this header.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "rekeyctl/capabilities.h"
#include "rekeyctl/deriver.h"

namespace rekey::ctl {

/// Rpc is the way AMSs are sent.
enum class Rpc : std::uint8_t {
  kStream,  ///< `stream`: DeriveStream, columns, several chunks on their way at once
  kBatch,   ///< `batch`: DeriveBatch, columns
  kRows,    ///< `rows`: Derive
};

/// Client talks to one server over a plaintext channel. Its errors have gRPC codes: kUnavailable
/// when the server cannot be reached or takes no calls, with a message that names the address.
class Client {
 public:
  /// No connection is made before the first call.
  explicit Client(const std::string& address);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  /// health asks grpc.health.v1 about the whole server. `*out_word` is the answer for people.
  Status health(bool* out_serving, std::string* out_word);
  Status capabilities(Capabilities* out_capabilities);
  Status self_test(std::vector<SelfTestResult>* out_results);
  /// make_deriver derives on the server. This client must outlive the deriver.
  std::unique_ptr<Deriver> make_deriver(Rpc rpc, Wanted wanted);

  class Channel;

 private:
  std::unique_ptr<Channel> channel_;
};

}  // namespace rekey::ctl
