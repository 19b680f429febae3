// SPDX-License-Identifier: Apache-2.0
//
// One stream, with a steady number of messages under way on it.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "service/completions.h"
#include "service/load.h"

namespace rekey::bench {

/// StreamLoad opens its stream at the first run and keeps it.
class StreamLoad final : public Load {
 public:
  StreamLoad(std::shared_ptr<grpc::Channel> channel, const std::string& method,
             const grpc::ByteBuffer& request, std::uint32_t in_flight);
  ~StreamLoad() override;

  Status run(std::chrono::nanoseconds length, const OnAnswer& on_answer, Slice* out_slice) override;

 private:
  /// What a completion is of.
  enum class Step : std::uint8_t { kStart, kWrite, kRead, kFinish };

  void begin(Step step);
  /// Waits for any step. One that failed ends the stream, whose error is returned.
  Status next(Step* out_step);
  Status end_of_stream();
  Status open();

  /// What completions point to.
  std::array<Step, 4> tags_ = {Step::kStart, Step::kWrite, Step::kRead, Step::kFinish};
  grpc::ByteBuffer request_;
  grpc::ByteBuffer answer_;
  std::uint32_t in_flight_;
  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  grpc::Status end_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  bool open_ = false;
  Completions completions_;  ///< the last, so that nothing is under way when the rest goes
};

}  // namespace rekey::bench
