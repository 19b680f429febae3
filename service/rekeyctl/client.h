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
#include "rekeyctl/server_flags.h"

namespace rekey::ctl {

class Channel;

/// Rpc is the way AMSs are sent.
enum class Rpc : std::uint8_t {
  kStream,  ///< `stream`: DeriveStream, columns, several chunks on their way at once
  kBatch,   ///< `batch`: DeriveBatch, columns
  kRows,    ///< `rows`: Derive
};

/// Client talks to one server, over mutual TLS where the flags name certificates. Its errors have
/// gRPC codes: kUnavailable when the server cannot be reached, refuses our certificate or takes no
/// calls, with a message that names the address.
class Client {
 public:
  /// open reads the TLS files, if any. No connection is made before the first call. `flags` have
  /// been checked. kInvalidArgument when a file is of no use.
  static Status open(const ServerFlags& flags, std::unique_ptr<Client>* out_client);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client();

  /// health asks grpc.health.v1 about the whole server. `*out_word` is the answer for people.
  Status health(bool* out_serving, std::string* out_word);
  Status capabilities(Capabilities* out_capabilities);
  Status self_test(std::vector<SelfTestResult>* out_results);
  /// metrics returns what Prometheus would scrape.
  Status metrics(std::string* out_text);
  /// drain has the server end once it has answered what it accepted.
  Status drain();
  /// pin_engine chooses the server's engine: `auto` or a name.
  Status pin_engine(const std::string& engine);
  /// make_deriver derives on the server. This client must outlive the deriver.
  std::unique_ptr<Deriver> make_deriver(Rpc rpc, Wanted wanted);

 private:
  explicit Client(std::unique_ptr<Channel> channel);

  std::unique_ptr<Channel> channel_;
};

}  // namespace rekey::ctl
