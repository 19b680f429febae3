// SPDX-License-Identifier: Apache-2.0
//
// The way to one server, for what calls its services. Brings gRPC's headers along.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <utility>

#include "rekey/status.h"
#include "rekeyctl/server_flags.h"
#include "security/tls_files.h"

namespace rekey::ctl {

/// client_credentials returns plaintext where `tls` names no files, else mutual TLS 1.3.
/// kInvalidArgument when a file is of no use; the message begins with its flag.
Status client_credentials(const security::TlsFiles& tls,
                          std::shared_ptr<grpc::ChannelCredentials>* out_credentials);

/// client_arguments returns what every channel to a rekeyd is made with. `server_name` is what its
/// certificate says; empty: the host of the address.
grpc::ChannelArguments client_arguments(const std::string& server_name);

/// Channel is over mutual TLS where the flags name certificates.
class Channel {
 public:
  /// open reads the TLS files, if any. No connection is made before the first call. `flags` have
  /// been checked. kInvalidArgument when a file is of no use.
  static Status open(const ServerFlags& flags, std::unique_ptr<Channel>* out_channel);

  [[nodiscard]] const std::shared_ptr<grpc::Channel>& get() const { return channel_; }
  /// status_of turns the end of a call into a Status that names the server. Its code is gRPC's.
  [[nodiscard]] Status status_of(const grpc::Status& end) const;
  /// broken is what a server did that breaks the contract.
  [[nodiscard]] Status broken(const std::string& message) const;

 private:
  Channel(std::string address, std::shared_ptr<grpc::Channel> channel, bool tls)
      : address_(std::move(address)), tls_(tls), channel_(std::move(channel)) {}

  std::string address_;
  bool tls_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace rekey::ctl
