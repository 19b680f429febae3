// SPDX-License-Identifier: Apache-2.0
//
// Has gRPC wipe the messages of unary calls when it is done with them.
#pragma once

#include <google/protobuf/arena.h>
#include <grpcpp/support/message_allocator.h>

#include "rpc/message_arena.h"
#include "wire/wipe.h"

namespace rekey::rpc {

/// WipingAllocator makes messages whose key material is wiped on release. The messages of a call
/// lie on an arena of its own, which goes as a whole.
template <typename Request, typename Response>
class WipingAllocator final : public grpc::MessageAllocator<Request, Response> {
 public:
  grpc::MessageHolder<Request, Response>* AllocateMessages() override { return new Holder; }

 private:
  using Arena = google::protobuf::Arena;

  class Holder final : public grpc::MessageHolder<Request, Response> {
   public:
    Holder() : arena_(message_arena()) {
      this->set_request(Arena::CreateMessage<Request>(&arena_));
      this->set_response(Arena::CreateMessage<Response>(&arena_));
    }
    void Release() override {
      wire::wipe_secrets(this->request());
      wire::wipe_secrets(this->response());
      delete this;
    }

   private:
    Arena arena_;
  };
};

}  // namespace rekey::rpc
