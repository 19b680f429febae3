// SPDX-License-Identifier: Apache-2.0
#include "load/null_server.h"

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <grpcpp/alarm.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <utility>

#include "rekey/v1/key_derivation.grpc.pb.h"
#include "service/echo_stream.h"
#include "wire/columns.h"
#include "wire/limits.h"
#include "wire/rows.h"

namespace rekey::bench::load {
namespace {

grpc::Status to_grpc(const Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()), status.message()};
}

/// Adds what lies on the wire to a message.
template <typename Message>
Status merge(const WipedOctets& octets, Message* message) {
  if (message->MergeFromString(
          {reinterpret_cast<const char*>(octets.octets().data()), octets.size()})) {
    return {};
  }
  return {Code::kInternal, "the answer cannot be read"};
}

/// Answers with keys of zeros.
Status answer_columns(const v1::DeriveBatchRequest& request, v1::DeriveBatchResponse* response) {
  const std::string octets = request.SerializeAsString();
  google::protobuf::io::ArrayInputStream in(octets.data(), static_cast<int>(octets.size()));
  wire::ColumnsRequest columns;
  if (Status s = columns.parse(&in, octets.size()); !s.ok()) return s;
  if (Status s = columns.check(); !s.ok()) return s;
  *response = wire::answer_head(columns);
  wire::ColumnsAnswer answer(columns.batch());
  for (const KeyKind kind : kAllKeyKinds) std::ranges::fill(answer.result().column(kind), 0);
  return merge(answer.take(), response);
}

Status answer_rows(const v1::DeriveRequest& request, v1::DeriveResponse* response) {
  const std::string octets = request.SerializeAsString();
  google::protobuf::io::ArrayInputStream in(octets.data(), static_cast<int>(octets.size()));
  wire::RowsRequest rows;
  if (Status s = rows.parse(&in, octets.size()); !s.ok()) return s;
  if (Status s = rows.check(); !s.ok()) return s;
  rows.begin_results();
  *response = rows.answer_head();
  return merge(rows.answer(), response);
}

/// On a stream a malformed request is answered with an empty message.
void answer_on_stream(const v1::DeriveBatchRequest& request, v1::DeriveBatchResponse* response) {
  if (!answer_columns(request, response).ok()) response->set_sequence(request.sequence());
}

class NullService final : public v1::KeyDerivation::CallbackService {
 public:
  grpc::ServerUnaryReactor* Derive(grpc::CallbackServerContext* context,
                                   const v1::DeriveRequest* request,
                                   v1::DeriveResponse* response) override {
    return finish(context, answer_rows(*request, response));
  }

  grpc::ServerUnaryReactor* DeriveBatch(grpc::CallbackServerContext* context,
                                        const v1::DeriveBatchRequest* request,
                                        v1::DeriveBatchResponse* response) override {
    return finish(context, answer_columns(*request, response));
  }

  grpc::ServerBidiReactor<v1::DeriveBatchRequest, v1::DeriveBatchResponse>* DeriveStream(
      grpc::CallbackServerContext*) override {
    return new EchoStream<grpc::ServerBidiReactor<v1::DeriveBatchRequest, v1::DeriveBatchResponse>,
                          v1::DeriveBatchRequest, v1::DeriveBatchResponse, answer_on_stream>;
  }

  void stall(Clock::time_point begin, std::chrono::milliseconds length) {
    stall_end_ = begin + length;
    stall_begin_ = begin;
  }

 private:
  grpc::ServerUnaryReactor* finish(grpc::CallbackServerContext* context, const Status& status) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    const Clock::time_point now = Clock::now();
    const Clock::time_point end = stall_end_;
    if (now < stall_begin_.load() || now >= end) {
      reactor->Finish(to_grpc(status));
      return reactor;
    }
    // An alarm holds no thread of gRPC's: the client in this process needs them.
    auto* alarm = new grpc::Alarm;
    alarm->Set(std::chrono::system_clock::now() +
                   std::chrono::duration_cast<std::chrono::microseconds>(end - now) +
                   std::chrono::milliseconds(1),
               [alarm, reactor, status](bool) {
                 reactor->Finish(to_grpc(status));
                 delete alarm;
               });
    return reactor;
  }

  std::atomic<Clock::time_point> stall_begin_{Clock::time_point::max()};
  std::atomic<Clock::time_point> stall_end_{Clock::time_point::min()};
};

}  // namespace

class NullServer::Impl {
 public:
  NullService service;
  int port = 0;
  std::unique_ptr<grpc::Server> server;
};

Status NullServer::start(std::unique_ptr<NullServer>* out_server) {
  auto impl = std::make_unique<Impl>();
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(static_cast<int>(wire::kMaxRequestMessageOctets));
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &impl->port);
  builder.RegisterService(&impl->service);
  impl->server = builder.BuildAndStart();
  if (impl->server == nullptr || impl->port == 0) {
    return {Code::kUnavailable, "the null server cannot listen on 127.0.0.1"};
  }
  out_server->reset(new NullServer(std::move(impl)));
  return {};
}

NullServer::NullServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

NullServer::~NullServer() { impl_->server->Shutdown(std::chrono::system_clock::now()); }

void NullServer::stall(Clock::time_point begin, std::chrono::milliseconds length) {
  impl_->service.stall(begin, length);
}

std::string NullServer::address() const { return "127.0.0.1:" + std::to_string(impl_->port); }

}  // namespace rekey::bench::load
