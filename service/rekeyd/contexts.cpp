// SPDX-License-Identifier: Apache-2.0
#include "rekeyd/contexts.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>

#include "contexts/store/memory_store.h"
#include "contexts/store/redis_store.h"
#include "contexts/store/rocksdb_store.h"
#include "contexts/store/sealing_keys.h"

namespace rekey::rekeyd {
namespace {

/// How many events a store keeps for those who watch again.
constexpr std::size_t kKeptEvents = 1 << 18;
/// Beyond this a Redis server is not there.
constexpr std::chrono::seconds kRedisTimeout{2};
constexpr std::chrono::seconds kResealAgain{60};

Status open_below(const contexts::StoreAddress& address,
                  std::unique_ptr<contexts::ContextStore>* out_store) {
  if (address.kind == contexts::StoreKind::kRocksdb) {
    return contexts::open_rocksdb_store(address.directory, kKeptEvents, out_store);
  }
  return contexts::open_redis_store(address.server, kKeptEvents, kRedisTimeout, out_store);
}

}  // namespace

Status ContextsParts::open_store(const config::Settings& settings) {
  const contexts::StoreAddress& address = settings.contexts_store;
  if (!address.is_sealed()) {
    store_ = contexts::make_memory_store(kKeptEvents);
    spdlog::warn("contexts: kept in memory, gone when rekeyd ends");
    return {};
  }
  contexts::SealingKeys keys;
  if (Status s = contexts::SealingKeys::read_set(settings.contexts_key_file, &keys); !s.ok()) {
    return s;
  }
  const std::string key = contexts::to_string(keys.all().front().id);
  std::unique_ptr<contexts::ContextStore> below;
  if (Status s = open_below(address, &below); !s.ok()) return s;
  std::unique_ptr<contexts::SealedStore> sealed;
  if (Status s = contexts::SealedStore::open(std::move(below), std::move(keys), &sealed); !s.ok()) {
    return s;
  }
  sealed_ = sealed.get();
  store_ = std::move(sealed);
  spdlog::info("contexts: kept in {}, sealed under key {}", address.to_string(), key);
  reseal();
  return {};
}

Status ContextsParts::reload(const config::Settings& settings) {
  if (sealed_ == nullptr) return {};
  contexts::SealingKeys keys;
  if (Status s = contexts::SealingKeys::read_set(settings.contexts_key_file, &keys); !s.ok()) {
    return s;
  }
  const std::string key = contexts::to_string(keys.all().front().id);
  // Under the keys it began with, it would keep take_keys() waiting.
  resealing_ = {};
  Status status = sealed_->take_keys(std::move(keys));
  if (status.ok()) spdlog::info("contexts: sealed under key {} from now on", key);
  reseal();
  return status;
}

void ContextsParts::reseal() {
  resealing_ = std::jthread([store = sealed_](const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    contexts::SealedStore::Resealed resealed;
    for (;;) {
      const Status status = store->reseal(stop, &resealed);
      if (stop.stop_requested()) return;
      if (status.ok()) break;
      spdlog::error("contexts: cannot seal records anew, will try again: {}", status.message());
      std::unique_lock lock(mutex);
      stopped.wait_for(lock, stop, kResealAgain, [] { return false; });
    }
    if (resealed.records > 0) {
      spdlog::info(
          "contexts: sealed {} records anew; older keys may go when all rekeyds on this store "
          "have sealed under the new one",
          resealed.records);
    }
    if (resealed.unopened > 0) {
      spdlog::error("contexts: no key opens {} records, which stay as they are", resealed.unopened);
    }
  });
}

Status ContextsParts::open(const config::Settings& settings, dispatch::Dispatcher* dispatcher,
                           std::function<void(bool serves)> on_store,
                           std::unique_ptr<ContextsParts>* out_parts) {
  std::unique_ptr<ContextsParts> parts(new ContextsParts);
  if (Status s = parts->open_store(settings); !s.ok()) {
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
