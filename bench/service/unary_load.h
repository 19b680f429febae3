// SPDX-License-Identifier: Apache-2.0
//
// Unary calls: a steady number under way, or bursts that are timed.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/completions.h"
#include "service/load.h"

namespace rekey::bench {

class UnaryLoad final : public Load {
 public:
  enum class Pace : std::uint8_t {
    kSteady,  ///< whoever has an answer asks again
    kBursts,  ///< all ask, and ask again when all have their answers
  };

  /// `in_flight` calls at once on each channel.
  UnaryLoad(std::vector<std::shared_ptr<grpc::Channel>> channels, std::string method,
            const grpc::ByteBuffer& request, std::uint32_t in_flight, Pace pace);
  ~UnaryLoad() override;

  Status run(std::chrono::nanoseconds length, const OnAnswer& on_answer, Slice* out_slice) override;

 private:
  struct Call {
    explicit Call(grpc::GenericStub* asked) : stub(asked) {}

    grpc::GenericStub* stub;
    std::optional<grpc::ClientContext> context;
    std::unique_ptr<grpc::GenericClientAsyncResponseReader> reader;
    grpc::ByteBuffer answer;
    grpc::Status status;
  };

  void start(Call* call);
  /// Waits for an answer, checks it and counts it.
  Status take(const OnAnswer& on_answer, Slice* slice, Call** out_call);
  Status run_steady(std::chrono::steady_clock::time_point end, const OnAnswer& on_answer,
                    Slice* slice);
  Status run_bursts(std::chrono::steady_clock::time_point end, const OnAnswer& on_answer,
                    Slice* slice);

  std::string method_;
  grpc::ByteBuffer request_;
  Pace pace_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  std::vector<std::unique_ptr<Call>> calls_;
  Completions completions_;  ///< the last, so that nothing is under way when the rest goes
};

}  // namespace rekey::bench
