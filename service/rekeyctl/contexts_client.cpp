// SPDX-License-Identifier: Apache-2.0
#include "rekeyctl/contexts_client.h"

#include <string>
#include <utility>

#include "rekey/v1/key_contexts.grpc.pb.h"
#include "rekeyctl/channel.h"

namespace rekey::ctl {
namespace {

using Stub = v1::KeyContexts::Stub;

int items_of(const v1::GetRequest& request) { return request.msids_size(); }
int items_of(const v1::RemoveRequest& request) { return request.msids_size(); }
template <typename Request>
int items_of(const Request& request) {
  return request.items_size();
}

/// `Method` is the member of the stub that makes the call.
template <typename Request, typename Method>
Status call_on(const Channel& channel, Method method, const Request& request,
               v1::ContextsResponse* out_response) {
  grpc::ClientContext context;
  const auto stub = v1::KeyContexts::NewStub(channel.get());
  const Status status = channel.status_of(((*stub).*method)(&context, request, out_response));
  if (status.ok() && out_response->items_size() != items_of(request)) {
    return channel.broken("answer: items: expected " + std::to_string(items_of(request)) +
                          ", found " + std::to_string(out_response->items_size()));
  }
  return status;
}

}  // namespace

ContextsClient::ContextsClient(std::unique_ptr<Channel> channel) : channel_(std::move(channel)) {}
ContextsClient::~ContextsClient() = default;

Status ContextsClient::open(const ServerFlags& flags, std::unique_ptr<ContextsClient>* out_client) {
  std::unique_ptr<Channel> channel;
  if (Status s = Channel::open(flags, &channel); !s.ok()) return s;
  out_client->reset(new ContextsClient(std::move(channel)));
  return {};
}

Status ContextsClient::call(const v1::EstablishRequest& request,
                            v1::ContextsResponse* out_response) {
  return call_on(*channel_, &Stub::Establish, request, out_response);
}
Status ContextsClient::call(const v1::StartHandoverRequest& request,
                            v1::ContextsResponse* out_response) {
  return call_on(*channel_, &Stub::StartHandover, request, out_response);
}
Status ContextsClient::call(const v1::CompleteHandoverRequest& request,
                            v1::ContextsResponse* out_response) {
  return call_on(*channel_, &Stub::CompleteHandover, request, out_response);
}
Status ContextsClient::call(const v1::CancelHandoverRequest& request,
                            v1::ContextsResponse* out_response) {
  return call_on(*channel_, &Stub::CancelHandover, request, out_response);
}
Status ContextsClient::call(const v1::UpdateTekRequest& request,
                            v1::ContextsResponse* out_response) {
  return call_on(*channel_, &Stub::UpdateTek, request, out_response);
}
Status ContextsClient::call(const v1::ReauthenticateRequest& request,
                            v1::ContextsResponse* out_response) {
  return call_on(*channel_, &Stub::Reauthenticate, request, out_response);
}
Status ContextsClient::call(const v1::GetRequest& request, v1::ContextsResponse* out_response) {
  return call_on(*channel_, &Stub::Get, request, out_response);
}
Status ContextsClient::call(const v1::RemoveRequest& request, v1::ContextsResponse* out_response) {
  return call_on(*channel_, &Stub::Remove, request, out_response);
}

Status ContextsClient::watch(std::optional<std::uint64_t> after,
                             const std::function<bool(const v1::ContextEvent& event)>& on_event) {
  v1::WatchRequest request;
  if (after) request.set_after(*after);
  grpc::ClientContext context;
  const auto stub = v1::KeyContexts::NewStub(channel_->get());
  const auto stream = stub->Watch(&context, request);
  v1::ContextEvent event;
  bool wanted = true;
  while (wanted && stream->Read(&event)) wanted = on_event(event);
  if (!wanted) context.TryCancel();
  const grpc::Status end = stream->Finish();
  return wanted ? channel_->status_of(end) : Status();
}

}  // namespace rekey::ctl
