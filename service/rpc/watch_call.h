// SPDX-License-Identifier: Apache-2.0
//
// One KeyContexts.Watch.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <deque>
#include <functional>
#include <mutex>
#include <vector>

#include "contexts/event_feed.h"
#include "rekey/v1/key_contexts.pb.h"
#include "rpc/call_info.h"

namespace rekey::rpc {

/// WatchCall writes events one after the other. Once it began it is ended on the feed's thread
/// alone, and deletes itself when gRPC is done with it.
class WatchCall final : public grpc::ServerWriteReactor<v1::ContextEvent>,
                        public contexts::Watcher {
 public:
  /// `feed` must outlive it; `on_done` is called last.
  WatchCall(contexts::EventFeed* feed, CallInfo info, std::function<void()> on_done);

  /// begin tells the client that it watches, and then what comes after the event numbered.
  void begin(std::uint64_t after);
  /// refuse ends a call that did not begin.
  void refuse(const grpc::Status& status);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  [[nodiscard]] Wish wish() override;
  void take(std::vector<contexts::ContextEvent> events) override;
  void end(End why) override;

 private:
  contexts::EventFeed* feed_;
  CallInfo info_;
  std::function<void()> on_done_;
  std::mutex mutex_;
  std::deque<v1::ContextEvent> pending_;  ///< the first is being written
  bool cancelled_ = false;
};

}  // namespace rekey::rpc
