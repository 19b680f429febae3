// SPDX-License-Identifier: Apache-2.0
#include "contexts/caller.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/channel_arguments.h>

#include <chrono>
#include <utility>

namespace rekey::bench {
namespace {

std::shared_ptr<grpc::Channel> plaintext_to(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(-1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

Status unusable(const std::string& method, const grpc::Status& status) {
  return {Code::kInternal, method + ": " + status.error_message()};
}

}  // namespace

Caller::Caller(ServerProcess* server) : server_(server), stub_(plaintext_to(server->address())) {}

Status Caller::call(const std::string& method, const grpc::ByteBuffer& request,
                    grpc::ByteBuffer* out_answer, double* out_seconds) {
  using Clock = std::chrono::steady_clock;
  grpc::ClientContext context;
  grpc::Status status;
  const Clock::time_point start = Clock::now();
  const auto reader = stub_.PrepareUnaryCall(&context, method, request, completions_.queue());
  reader->StartCall();
  reader->Finish(out_answer, &status, this);
  void* tag = nullptr;
  bool ok = false;
  if (Status s = completions_.next(&tag, &ok); !s.ok()) {
    context.TryCancel();
    std::ignore = completions_.next(&tag, &ok);
    return server_->explain({s.code(), method + ": " + s.message()});
  }
  *out_seconds = std::chrono::duration<double>(Clock::now() - start).count();
  if (status.ok()) return {};
  const Status failed = call_failed(status);
  return server_->explain({failed.code(), method + ": " + failed.message()});
}

Status Caller::call(const std::string& method, const google::protobuf::Message& request,
                    google::protobuf::Message* out_answer, double* out_seconds) {
  using Traits = grpc::SerializationTraits<google::protobuf::Message>;
  grpc::ByteBuffer octets;
  bool own_buffer = false;
  if (const auto s = Traits::Serialize(request, &octets, &own_buffer); !s.ok()) {
    return unusable(method, s);
  }
  grpc::ByteBuffer answer;
  if (Status s = call(method, octets, &answer, out_seconds); !s.ok()) return s;
  if (const auto s = Traits::Deserialize(&answer, out_answer); !s.ok()) return unusable(method, s);
  return {};
}

}  // namespace rekey::bench
