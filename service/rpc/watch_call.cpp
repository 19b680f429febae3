// SPDX-License-Identifier: Apache-2.0
#include "rpc/watch_call.h"

#include <utility>

#include "rpc/status.h"

namespace rekey::rpc {

WatchCall::WatchCall(contexts::EventFeed* feed, CallInfo info, std::function<void()> on_done)
    : feed_(feed), info_(std::move(info)), on_done_(std::move(on_done)) {}

void WatchCall::begin(std::uint64_t after) {
  // So that a client that waits for it misses nothing of what it does next.
  StartSendInitialMetadata();
  feed_->add(this, after);
}

void WatchCall::refuse(const grpc::Status& status) {
  Finish(info_.watch.answering(status, nullptr, {}));
}

contexts::Watcher::Wish WatchCall::wish() {
  const std::lock_guard lock(mutex_);
  if (!pending_.empty()) return Wish::kNothing;
  return cancelled_ ? Wish::kEnd : Wish::kEvents;
}

void WatchCall::take(std::vector<contexts::ContextEvent> events) {
  const v1::ContextEvent* first = nullptr;
  {
    const std::lock_guard lock(mutex_);
    for (const contexts::ContextEvent& event : events) {
      v1::ContextEvent& message = pending_.emplace_back();
      message.ParseFromString(event.octets);
      message.set_sequence(event.sequence);
    }
    first = &pending_.front();
  }
  StartWrite(first);
}

void WatchCall::OnWriteDone(bool ok) {
  const v1::ContextEvent* next = nullptr;
  {
    const std::lock_guard lock(mutex_);
    pending_.pop_front();
    if (!ok) cancelled_ = true;
    if (cancelled_) pending_.clear();
    if (!pending_.empty()) next = &pending_.front();
  }
  if (next != nullptr) {
    StartWrite(next);
  } else {
    feed_->poke();
  }
}

void WatchCall::OnCancel() {
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
  }
  feed_->poke();
}

void WatchCall::end(End why) {
  grpc::Status status{grpc::StatusCode::CANCELLED, "the caller has ended it"};
  if (why == End::kLost) {
    status = {grpc::StatusCode::OUT_OF_RANGE,
              "after: expected the sequence of an event that is kept, found one whose successors "
              "are gone or damaged, or none of this store: Get the contexts and watch from now on"};
  } else if (why == End::kDraining) {
    status = refusal({scheduler::Admission::kDraining});
  }
  Finish(info_.watch.answering(status, nullptr, {}));
}

void WatchCall::OnDone() {
  const std::function<void()> on_done = std::move(on_done_);
  delete this;
  on_done();
}

}  // namespace rekey::rpc
