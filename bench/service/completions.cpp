// SPDX-License-Identifier: Apache-2.0
#include "service/completions.h"

#include <chrono>

namespace rekey::bench {
namespace {

constexpr std::chrono::seconds kPatience{30};

}  // namespace

Completions::~Completions() {
  queue_.Shutdown();
  void* tag = nullptr;
  bool ok = false;
  while (queue_.Next(&tag, &ok)) {
  }
}

Status Completions::next(void** out_tag, bool* out_ok) {
  const auto deadline = std::chrono::system_clock::now() + kPatience;
  if (queue_.AsyncNext(out_tag, out_ok, deadline) == grpc::CompletionQueue::GOT_EVENT) return {};
  return {Code::kUnavailable,
          "expected an answer within " + std::to_string(kPatience.count()) + " s, found none"};
}

Status call_failed(const grpc::Status& status) {
  return {static_cast<Code>(status.error_code()), "a call failed: " + status.error_message()};
}

}  // namespace rekey::bench
