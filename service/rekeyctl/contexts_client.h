// SPDX-License-Identifier: Apache-2.0
//
// The service of key contexts as rekeyctl sees it. gRPC stays behind this header.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "rekey/status.h"
#include "rekey/v1/key_contexts.pb.h"
#include "rekeyctl/server_flags.h"

namespace rekey::ctl {

class Channel;

/// ContextsClient talks to one server; errors are those of Client.
class ContextsClient {
 public:
  /// open is as Client::open().
  static Status open(const ServerFlags& flags, std::unique_ptr<ContextsClient>* out_client);
  ContextsClient(const ContextsClient&) = delete;
  ContextsClient& operator=(const ContextsClient&) = delete;
  ~ContextsClient();

  /// call makes the call that takes this request. kInternal when the answer has not one item for
  /// each of the request.
  Status call(const v1::EstablishRequest& request, v1::ContextsResponse* out_response);
  Status call(const v1::StartHandoverRequest& request, v1::ContextsResponse* out_response);
  Status call(const v1::CompleteHandoverRequest& request, v1::ContextsResponse* out_response);
  Status call(const v1::CancelHandoverRequest& request, v1::ContextsResponse* out_response);
  Status call(const v1::UpdateTekRequest& request, v1::ContextsResponse* out_response);
  Status call(const v1::ReauthenticateRequest& request, v1::ContextsResponse* out_response);
  Status call(const v1::GetRequest& request, v1::ContextsResponse* out_response);
  Status call(const v1::RemoveRequest& request, v1::ContextsResponse* out_response);

  /// watch gives each event to `on_event` until that says false, or the server ends it. `after` is
  /// as in the contract.
  Status watch(std::optional<std::uint64_t> after,
               const std::function<bool(const v1::ContextEvent& event)>& on_event);

 private:
  explicit ContextsClient(std::unique_ptr<Channel> channel);

  std::unique_ptr<Channel> channel_;
};

}  // namespace rekey::ctl
