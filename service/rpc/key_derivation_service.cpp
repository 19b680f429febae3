// SPDX-License-Identifier: Apache-2.0
#include "rpc/key_derivation_service.h"

#include "rpc/status.h"
#include "rpc/unary_call.h"

namespace rekey::rpc {

KeyDerivationService::KeyDerivationService(dispatch::Dispatcher* dispatcher, CallObserver* observer)
    : dispatcher_(dispatcher), observer_(observer) {}

grpc::ServerUnaryReactor* KeyDerivationService::Derive(grpc::CallbackServerContext* context,
                                                       const grpc::ByteBuffer* request,
                                                       grpc::ByteBuffer* response) {
  return new RowsCall(dispatcher_, &open_calls_, info(*context, "KeyDerivation.Derive"), *request,
                      response);
}

grpc::ServerUnaryReactor* KeyDerivationService::DeriveBatch(grpc::CallbackServerContext* context,
                                                            const grpc::ByteBuffer* request,
                                                            grpc::ByteBuffer* response) {
  return new ColumnsCall(dispatcher_, &open_calls_, info(*context, "KeyDerivation.DeriveBatch"),
                         *request, response);
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* KeyDerivationService::DeriveStream(
    grpc::CallbackServerContext* context) {
  open_calls_.opened();
  auto* stream = new StreamCall(dispatcher_, info(*context, "KeyDerivation.DeriveStream"),
                                behind_messages_of(context->c_call()), [this](StreamCall* done) {
                                  {
                                    const std::lock_guard lock(mutex_);
                                    streams_.erase(done);
                                  }
                                  open_calls_.closed();
                                });
  const std::lock_guard lock(mutex_);
  streams_.insert(stream);
  if (draining_) stream->end(refusal({scheduler::Admission::kDraining}));
  return stream;
}

CallInfo KeyDerivationService::info(grpc::CallbackServerContext& context,
                                    std::string_view rpc) const {
  return call_info(context, *dispatcher_, CallWatch(observer_, &context, rpc));
}

void KeyDerivationService::begin_drain() {
  dispatcher_->begin_drain();
  const std::lock_guard lock(mutex_);
  draining_ = true;
  for (StreamCall* stream : streams_) stream->end(refusal({scheduler::Admission::kDraining}));
}

}  // namespace rekey::rpc
