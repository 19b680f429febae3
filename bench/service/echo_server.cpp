// SPDX-License-Identifier: Apache-2.0
#include "service/echo_server.h"

#include <google/protobuf/arena.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <grpcpp/support/message_allocator.h>

#include <chrono>

#include "rekey/v1/key_derivation.grpc.pb.h"
#include "service/credentials.h"
#include "service/echo_copy.h"
#include "service/echo_stream.h"

namespace rekey::bench {
namespace {

constexpr int kMaxReceiveOctets = 64 << 20;

/// Makes the messages of a call on an arena of its own.
template <typename Request, typename Response>
class ArenaAllocator final : public grpc::MessageAllocator<Request, Response> {
 public:
  grpc::MessageHolder<Request, Response>* AllocateMessages() override { return new Holder; }

 private:
  class Holder final : public grpc::MessageHolder<Request, Response> {
   public:
    Holder() {
      this->set_request(google::protobuf::Arena::CreateMessage<Request>(&arena_));
      this->set_response(google::protobuf::Arena::CreateMessage<Response>(&arena_));
    }
    void Release() override { delete this; }

   private:
    google::protobuf::Arena arena_;
  };
};

class TypedEcho final : public v1::KeyDerivation::CallbackService {
 public:
  explicit TypedEcho(bool arena) {
    if (!arena) return;
    SetMessageAllocatorFor_Derive(&rows_allocator_);
    SetMessageAllocatorFor_DeriveBatch(&columns_allocator_);
  }

  grpc::ServerUnaryReactor* Derive(grpc::CallbackServerContext* context,
                                   const v1::DeriveRequest* request,
                                   v1::DeriveResponse* response) override {
    echo_rows(*request, response);
    return finished(context);
  }

  grpc::ServerUnaryReactor* DeriveBatch(grpc::CallbackServerContext* context,
                                        const v1::DeriveBatchRequest* request,
                                        v1::DeriveBatchResponse* response) override {
    echo_columns(*request, response);
    return finished(context);
  }

  grpc::ServerBidiReactor<v1::DeriveBatchRequest, v1::DeriveBatchResponse>* DeriveStream(
      grpc::CallbackServerContext*) override {
    return new EchoStream<grpc::ServerBidiReactor<v1::DeriveBatchRequest, v1::DeriveBatchResponse>,
                          v1::DeriveBatchRequest, v1::DeriveBatchResponse, echo_columns>;
  }

 private:
  static grpc::ServerUnaryReactor* finished(grpc::CallbackServerContext* context) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  ArenaAllocator<v1::DeriveRequest, v1::DeriveResponse> rows_allocator_;
  ArenaAllocator<v1::DeriveBatchRequest, v1::DeriveBatchResponse> columns_allocator_;
};

/// A generic service has streams alone: this one is a call of one message each way.
class RawUnary final : public grpc::ServerGenericBidiReactor {
 public:
  RawUnary() { StartRead(&request_); }

  void OnReadDone(bool ok) override {
    if (!ok) return Finish({grpc::StatusCode::INVALID_ARGUMENT, "expected a message, found none"});
    echo_raw(request_, &response_);
    StartWriteAndFinish(&response_, {}, grpc::Status::OK);
  }

  void OnDone() override { delete this; }

 private:
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

class Refused final : public grpc::ServerGenericBidiReactor {
 public:
  explicit Refused(const std::string& method) {
    Finish({grpc::StatusCode::UNIMPLEMENTED, "the echo server has no method " + method});
  }
  void OnDone() override { delete this; }
};

class RawEcho final : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    if (context->method() == kRawUnaryMethod) return new RawUnary;
    if (context->method() == kRawStreamMethod) {
      return new EchoStream<grpc::ServerGenericBidiReactor, grpc::ByteBuffer, grpc::ByteBuffer,
                            echo_raw>;
    }
    return new Refused(context->method());
  }
};

}  // namespace

class EchoServer::Impl {
 public:
  explicit Impl(bool arena) : typed(arena) {}

  TypedEcho typed;
  RawEcho raw;
  int port = 0;
  std::unique_ptr<grpc::Server> server;
};

Status EchoServer::start(const EchoOptions& options, std::unique_ptr<EchoServer>* out_server) {
  std::shared_ptr<grpc::ServerCredentials> credentials;
  if (Status s = server_credentials(options.tls, &credentials); !s.ok()) return s;
  auto impl = std::make_unique<Impl>(options.arena);
  grpc::ServerBuilder builder;
  builder.SetMaxReceiveMessageSize(kMaxReceiveOctets);
  builder.AddListeningPort("127.0.0.1:0", credentials, &impl->port);
  builder.RegisterService(&impl->typed);
  builder.RegisterCallbackGenericService(&impl->raw);
  impl->server = builder.BuildAndStart();
  if (impl->server == nullptr || impl->port == 0) {
    return {Code::kUnavailable, "the echo server cannot listen on 127.0.0.1"};
  }
  out_server->reset(new EchoServer(std::move(impl)));
  return {};
}

EchoServer::EchoServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

EchoServer::~EchoServer() { impl_->server->Shutdown(std::chrono::system_clock::now()); }

std::string EchoServer::address() const { return "127.0.0.1:" + std::to_string(impl_->port); }

}  // namespace rekey::bench
