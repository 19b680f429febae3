// SPDX-License-Identifier: Apache-2.0
//
// Has gRPC wipe the messages of unary calls when it is done with them.
#pragma once

#include <grpcpp/support/message_allocator.h>

#include "wire/wipe.h"

namespace rekey::rpc {

/// WipingAllocator makes messages whose key material is wiped on release.
template <typename Request, typename Response>
class WipingAllocator final : public grpc::MessageAllocator<Request, Response> {
 public:
  grpc::MessageHolder<Request, Response>* AllocateMessages() override { return new Holder; }

 private:
  class Holder final : public grpc::MessageHolder<Request, Response> {
   public:
    Holder() {
      this->set_request(&request_);
      this->set_response(&response_);
    }
    void Release() override {
      wire::wipe_secrets(&request_);
      wire::wipe_secrets(&response_);
      delete this;
    }

   private:
    Request request_;
    Response response_;
  };
};

}  // namespace rekey::rpc
