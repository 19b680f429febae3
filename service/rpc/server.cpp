// SPDX-License-Identifier: Apache-2.0
#include "rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <thread>

#include "rpc/admin_service.h"
#include "rpc/key_derivation_service.h"
#include "scheduler/scheduler.h"
#include "wire/limits.h"

namespace rekey::rpc {
namespace {

// Every request that passes the wire's limits can be queued, and fits a batch that engines take.
constexpr scheduler::Limits kDefaultLimits;
static_assert(wire::kMaxRequestItems <= kDefaultLimits.batch_items);
static_assert(kDefaultLimits.batch_items <= kMaxBatchItems);
static_assert(wire::kMaxRequestMessageOctets + wire::kMaxRequestItems * wire::kItemColumnOctets +
                  wire::kMaxRequestTeks * kTekOctets <=
              kDefaultLimits.batch_octets);
static_assert(kDefaultLimits.batch_octets <= kMaxBatchTeks * kTekOctets);
static_assert(kDefaultLimits.batch_items <= kDefaultLimits.caller_items);
static_assert(kDefaultLimits.batch_octets <= kDefaultLimits.caller_octets);
static_assert(kDefaultLimits.caller_items <= kDefaultLimits.queue_items);
static_assert(kDefaultLimits.caller_octets <= kDefaultLimits.queue_octets);

// gRPC cancels calls that reach it after it was told to stop. For this long callers are told that
// the server drains, which they can act on.
constexpr std::chrono::milliseconds kNotice{300};

// Once our own calls have ended, only streams that never end by themselves are left: health watches
// and reflection.
constexpr std::chrono::milliseconds kForeignCallsGrace{500};

constexpr char kKeyDerivationName[] = "rekey.v1.KeyDerivation";
constexpr char kKeyContextsName[] = "rekey.v1.KeyContexts";
constexpr char kAdminName[] = "rekey.v1.Admin";

}  // namespace

class Server::Impl {
 public:
  explicit Impl(const Parts& parts)
      : key_derivation(parts.dispatcher, parts.observer),
        admin(parts.pool, parts.observer,
              {parts.on_drain_asked,
               [dispatcher = parts.dispatcher, pool = parts.pool] {
                 dispatcher->pin(pool->chosen());
               },
               parts.metrics_text}) {
    if (parts.contexts.keeper != nullptr) {
      key_contexts =
          std::make_unique<KeyContextsService>(parts.contexts, parts.dispatcher, parts.observer);
    }
  }

  KeyDerivationService key_derivation;
  AdminService admin;
  std::unique_ptr<KeyContextsService> key_contexts;  ///< null: there is none
  int port = 0;
  std::unique_ptr<grpc::Server> server;
};

Status Server::start(const std::string& address,
                     const std::shared_ptr<grpc::ServerCredentials>& credentials,
                     const Parts& parts, std::unique_ptr<Server>* out_server) {
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  auto impl = std::make_unique<Impl>(parts);
  grpc::ServerBuilder builder;
  // Two servers on one port would each get a share of the connections.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.SetMaxReceiveMessageSize(static_cast<int>(wire::kMaxRequestMessageOctets));
  builder.AddListeningPort(address, credentials, &impl->port);
  builder.RegisterService(&impl->key_derivation);
  builder.RegisterService(&impl->admin);
  if (impl->key_contexts != nullptr) builder.RegisterService(impl->key_contexts.get());
  impl->server = builder.BuildAndStart();
  if (impl->server == nullptr || impl->port == 0) {
    return {Code::kUnavailable,
            "cannot listen on " + address + ": the address is taken or not this machine's"};
  }
  impl->server->GetHealthCheckService()->SetServingStatus(kKeyDerivationName, true);
  impl->server->GetHealthCheckService()->SetServingStatus(kAdminName, true);
  if (impl->key_contexts != nullptr) {
    impl->server->GetHealthCheckService()->SetServingStatus(kKeyContextsName, true);
  }
  out_server->reset(new Server(std::move(impl)));
  return {};
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() { impl_->server->Shutdown(std::chrono::system_clock::now()); }

int Server::port() const { return impl_->port; }

std::uint64_t Server::open_calls() const { return impl_->key_derivation.open_calls().count(); }

void Server::set_unable() {
  impl_->server->GetHealthCheckService()->SetServingStatus(kKeyDerivationName, false);
  impl_->server->GetHealthCheckService()->SetServingStatus("", false);
  if (impl_->key_contexts != nullptr) set_contexts_serving(false);
}

void Server::set_contexts_serving(bool serving) {
  impl_->server->GetHealthCheckService()->SetServingStatus(kKeyContextsName, serving);
}

bool Server::drain(std::chrono::milliseconds lame_duck, std::chrono::milliseconds limit) {
  impl_->server->GetHealthCheckService()->Shutdown();
  std::this_thread::sleep_for(lame_duck);
  // Contexts first: what they have begun still derives.
  bool all_answered = true;
  if (impl_->key_contexts != nullptr) {
    impl_->key_contexts->begin_drain();
    std::this_thread::sleep_for(kNotice);
    all_answered = impl_->key_contexts->open_calls().wait_none(limit);
  }
  impl_->key_derivation.begin_drain();
  std::this_thread::sleep_for(kNotice);
  all_answered = impl_->key_derivation.open_calls().wait_none(limit) && all_answered;
  impl_->server->Shutdown(std::chrono::system_clock::now() + kForeignCallsGrace);
  return all_answered;
}

}  // namespace rekey::rpc
