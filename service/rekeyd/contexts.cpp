// SPDX-License-Identifier: Apache-2.0
#include "rekeyd/contexts.h"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>

#include "contexts/store/memory_store.h"

namespace rekey::rekeyd {
namespace {

/// How many events a store in memory keeps for those who watch again.
constexpr std::size_t kKeptEvents = 1 << 16;

Status open_store(const config::Settings&, std::unique_ptr<contexts::ContextStore>* out_store) {
  *out_store = contexts::make_memory_store(kKeptEvents);
  spdlog::warn("contexts: kept in memory, gone when rekeyd ends");
  return {};
}

}  // namespace

Status ContextsParts::open(const config::Settings& settings, dispatch::Dispatcher* dispatcher,
                           std::function<void(bool serves)> on_store,
                           std::unique_ptr<ContextsParts>* out_parts) {
  std::unique_ptr<ContextsParts> parts(new ContextsParts);
  if (Status s = open_store(settings, &parts->store_); !s.ok()) {
    return {s.code(), "--contexts-store: " + s.message()};
  }
  parts->events_ = std::make_unique<contexts::EventFeed>(parts->store_.get());
  contexts::Keeper::Hooks hooks;
  hooks.on_events = [events = parts->events_.get()] { events->poke(); };
  hooks.on_store = [on_store = std::move(on_store)](const std::string& reason) {
    if (reason.empty()) {
      spdlog::info("contexts: the store serves again");
    } else {
      spdlog::error("contexts: the store does not serve: {}", reason);
    }
    on_store(reason.empty());
  };
  hooks.on_damage = [](const std::string& name, const std::string& damage) {
    spdlog::error("contexts: the record of {} is no good: {}", name, damage);
  };
  contexts::Rules rules;
  rules.count_margin = settings.contexts_count_margin;
  parts->keeper_ = std::make_unique<contexts::Keeper>(parts->store_.get(), dispatcher,
                                                      &parts->clock_, rules, std::move(hooks));
  if (Status s = parts->keeper_->start(); !s.ok()) {
    return {s.code(), "--contexts-store: " + s.message()};
  }
  *out_parts = std::move(parts);
  return {};
}

}  // namespace rekey::rekeyd
