// SPDX-License-Identifier: Apache-2.0
#include "service/unary_load.h"

#include <utility>

namespace rekey::bench {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

UnaryLoad::UnaryLoad(std::vector<std::shared_ptr<grpc::Channel>> channels, std::string method,
                     const grpc::ByteBuffer& request, std::uint32_t in_flight, Pace pace)
    : method_(std::move(method)), request_(request), pace_(pace) {
  for (auto& channel : channels) {
    stubs_.push_back(std::make_unique<grpc::GenericStub>(std::move(channel)));
    for (std::uint32_t i = 0; i < in_flight; ++i) {
      calls_.push_back(std::make_unique<Call>(stubs_.back().get()));
    }
  }
}

UnaryLoad::~UnaryLoad() {
  for (const auto& call : calls_) {
    if (call->context) call->context->TryCancel();
  }
}

Status UnaryLoad::run(std::chrono::nanoseconds length, const OnAnswer& on_answer,
                      Slice* out_slice) {
  *out_slice = {};
  const Clock::time_point start = Clock::now();
  const Clock::time_point end = start + length;
  Status status = pace_ == Pace::kSteady ? run_steady(end, on_answer, out_slice)
                                         : run_bursts(end, on_answer, out_slice);
  out_slice->seconds = seconds_since(start);
  return status;
}

void UnaryLoad::start(Call* call) {
  call->context.emplace();
  call->reader =
      call->stub->PrepareUnaryCall(&*call->context, method_, request_, completions_.queue());
  call->reader->StartCall();
  call->reader->Finish(&call->answer, &call->status, call);
}

Status UnaryLoad::take(const OnAnswer& on_answer, Slice* slice, Call** out_call) {
  void* tag = nullptr;
  bool ok = false;
  if (Status s = completions_.next(&tag, &ok); !s.ok()) return s;
  Call* call = static_cast<Call*>(tag);
  if (!call->status.ok()) return call_failed(call->status);
  if (on_answer) {
    if (Status s = on_answer(call->answer); !s.ok()) return s;
  }
  call->answer.Clear();
  ++slice->answers;
  *out_call = call;
  return {};
}

Status UnaryLoad::run_steady(Clock::time_point end, const OnAnswer& on_answer, Slice* slice) {
  for (const auto& call : calls_) start(call.get());
  for (std::size_t under_way = calls_.size(); under_way > 0;) {
    Call* call = calls_.front().get();
    if (Status s = take(on_answer, slice, &call); !s.ok()) return s;
    if (Clock::now() < end) {
      start(call);
    } else {
      --under_way;
    }
  }
  return {};
}

Status UnaryLoad::run_bursts(Clock::time_point end, const OnAnswer& on_answer, Slice* slice) {
  do {
    const Clock::time_point start_of_burst = Clock::now();
    for (const auto& call : calls_) start(call.get());
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      Call* call = nullptr;
      if (Status s = take(on_answer, slice, &call); !s.ok()) return s;
    }
    slice->burst_seconds.push_back(seconds_since(start_of_burst));
  } while (Clock::now() < end);
  return {};
}

}  // namespace rekey::bench
