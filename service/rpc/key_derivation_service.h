// SPDX-License-Identifier: Apache-2.0
//
// service KeyDerivation of the wire contract.
#pragma once

#include <mutex>
#include <string_view>
#include <unordered_set>

#include "dispatch/dispatcher.h"
#include "rekey/v1/key_derivation.grpc.pb.h"
#include "rpc/call_info.h"
#include "rpc/call_observer.h"
#include "rpc/open_calls.h"
#include "rpc/stream_call.h"

namespace rekey::rpc {

/// Requests and answers are ours to take apart and to put together.
using KeyDerivationBase = v1::KeyDerivation::WithRawCallbackMethod_Derive<
    v1::KeyDerivation::WithRawCallbackMethod_DeriveBatch<
        v1::KeyDerivation::WithRawCallbackMethod_DeriveStream<v1::KeyDerivation::Service>>>;

/// KeyDerivationService turns calls into jobs. No call takes a thread of its own.
class KeyDerivationService final : public KeyDerivationBase {
 public:
  /// `dispatcher` and `observer`, which may be null, must outlive this object.
  KeyDerivationService(dispatch::Dispatcher* dispatcher, CallObserver* observer);

  grpc::ServerUnaryReactor* Derive(grpc::CallbackServerContext* context,
                                   const grpc::ByteBuffer* request,
                                   grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* DeriveBatch(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* request,
                                        grpc::ByteBuffer* response) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* DeriveStream(
      grpc::CallbackServerContext* context) override;

  /// begin_drain refuses new calls and has every stream end once what it sent is answered.
  void begin_drain();

  /// open_calls counts the calls of this service.
  [[nodiscard]] OpenCalls& open_calls() { return open_calls_; }

 private:
  [[nodiscard]] CallInfo info(grpc::CallbackServerContext& context, std::string_view rpc) const;

  dispatch::Dispatcher* dispatcher_;
  CallObserver* observer_;
  OpenCalls open_calls_;
  std::mutex mutex_;
  std::unordered_set<StreamCall*> streams_;
  bool draining_ = false;
};

}  // namespace rekey::rpc
