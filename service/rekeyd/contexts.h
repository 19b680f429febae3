// SPDX-License-Identifier: Apache-2.0
//
// The service of key contexts, put together.
#pragma once

#include <functional>
#include <memory>
#include <thread>

#include "config/settings.h"
#include "contexts/event_feed.h"
#include "contexts/keeper.h"
#include "contexts/life_clock.h"
#include "contexts/store/context_store.h"
#include "contexts/store/sealed_store.h"
#include "dispatch/dispatcher.h"

namespace rekey::rekeyd {

/// ContextsParts is a store with everything above it.
class ContextsParts {
 public:
  /// open opens the store that the settings name, which is not `off`, and reads what it keeps.
  /// `on_store` is told whether the store serves, on any thread. `dispatcher` must outlive it.
  static Status open(const config::Settings& settings, dispatch::Dispatcher* dispatcher,
                     std::function<void(bool serves)> on_store,
                     std::unique_ptr<ContextsParts>* out_parts);

  /// reload takes over the sealing keys, and has what lies under older ones sealed anew. When an
  /// error is returned nothing has changed.
  Status reload(const config::Settings& settings);

  [[nodiscard]] contexts::Keeper* keeper() { return keeper_.get(); }
  [[nodiscard]] contexts::EventFeed* events() { return events_.get(); }

 private:
  ContextsParts() = default;

  Status open_store(const config::Settings& settings);
  void reseal();

  contexts::SystemLifeClock clock_;
  std::unique_ptr<contexts::ContextStore> store_;
  contexts::SealedStore* sealed_ = nullptr;  ///< store_, unless it is in memory
  std::jthread resealing_;
  std::unique_ptr<contexts::EventFeed> events_;
  std::unique_ptr<contexts::Keeper> keeper_;  ///< pokes the events
};

}  // namespace rekey::rekeyd
