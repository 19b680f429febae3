// SPDX-License-Identifier: Apache-2.0
#include "dispatch/engine_pool.h"

#include <algorithm>

#include "rekey/engines.h"

namespace rekey::dispatch {
namespace {

EngineState state_after(const Status& admission) {
  if (admission.ok()) return EngineState::kServing;
  return admission.code() == Code::kUnavailable ? EngineState::kUnavailable : EngineState::kRefused;
}

}  // namespace

Status EnginePool::create(std::vector<std::unique_ptr<Engine>> engines,
                          std::unique_ptr<Engine> referee, std::string_view choice,
                          QuarantineHook on_quarantine, std::unique_ptr<EnginePool>* out_pool) {
  std::unique_ptr<EnginePool> pool(new EnginePool);
  pool->on_quarantine_ = std::move(on_quarantine);
  pool->referee_ = std::move(referee);
  for (std::unique_ptr<Engine>& engine : engines) {
    Status admission = admit(*engine);
    if (admission.ok() && engine->name() == kRefereeEngine) admission = admit(*pool->referee_);
    pool->entries_.push_back({std::move(engine), state_after(admission), admission.message()});
  }
  if (Status s = pool->pin(choice); !s.ok()) return s;
  pool->openssl_ = pool->find(kRefereeEngine);
  if (pool->openssl_ == nullptr || pool->openssl_->state != EngineState::kServing) {
    return {Code::kFailedPrecondition,
            "the referee, without which no key can be verified, cannot serve: " +
                (pool->openssl_ == nullptr ? "it is missing" : pool->openssl_->reason)};
  }
  *out_pool = std::move(pool);
  return {};
}

EnginePool::Entry* EnginePool::find(std::string_view name) {
  const auto found =
      std::ranges::find(entries_, name, [](const Entry& entry) { return entry.engine->name(); });
  return found == entries_.end() ? nullptr : &*found;
}

Status EnginePool::pin(std::string_view choice) {
  const std::lock_guard lock(mutex_);
  Entry* chosen = nullptr;
  if (choice != kAutoEngine) {
    chosen = find(choice);
    if (chosen == nullptr) {
      std::string names(kAutoEngine);
      for (const Entry& entry : entries_) names += ", " + std::string(entry.engine->name());
      return Status::invalid_argument("engine: expected one of " + names + ", found " +
                                      std::string(choice));
    }
    if (chosen->state != EngineState::kServing) {
      return {Code::kFailedPrecondition, "engine cannot serve: " + chosen->reason};
    }
  }
  chosen_ = chosen;
  return {};
}

const EnginePool::Entry* EnginePool::running_locked() const {
  if (openssl_->state != EngineState::kServing) return nullptr;
  if (chosen_ != nullptr && chosen_->state == EngineState::kServing) return chosen_;
  return &*std::ranges::find(entries_, EngineState::kServing, &Entry::state);
}

void EnginePool::listen(Listener listener) {
  const std::lock_guard lock(listener_mutex_);
  listener_ = std::move(listener);
}

bool EnginePool::serves(std::size_t place) const {
  const std::lock_guard lock(mutex_);
  return entries_[place].state == EngineState::kServing;
}

std::optional<std::size_t> EnginePool::chosen() const {
  const std::lock_guard lock(mutex_);
  if (chosen_ == nullptr) return std::nullopt;
  return static_cast<std::size_t>(chosen_ - entries_.data());
}

Engine* EnginePool::running() const {
  const std::lock_guard lock(mutex_);
  const Entry* entry = running_locked();
  return entry == nullptr ? nullptr : entry->engine.get();
}

void EnginePool::quarantine(const Engine& engine, std::string_view reason) {
  std::size_t place = 0;
  {
    const std::lock_guard lock(mutex_);
    const Engine* listed = &engine == referee_.get() ? openssl_->engine.get() : &engine;
    const auto entry =
        std::ranges::find(entries_, listed, [](const Entry& e) { return e.engine.get(); });
    if (entry == entries_.end() || entry->state != EngineState::kServing) return;
    entry->state = EngineState::kRefused;
    entry->reason = reason;
    place = static_cast<std::size_t>(entry - entries_.begin());
  }
  if (on_quarantine_) on_quarantine_(engine.name(), reason);
  const std::lock_guard lock(listener_mutex_);
  if (listener_) listener_(place);
}

bool EnginePool::probe(std::size_t place) {
  Entry& entry = entries_[place];
  for (const KnownAnswerResult& answer : run_answers(entry)) {
    if (!answer.status.ok()) return false;
  }
  {
    const std::lock_guard lock(mutex_);
    entry.state = EngineState::kServing;
    entry.reason.clear();
  }
  if (on_return_) on_return_(entry.engine->name());
  return true;
}

std::vector<KnownAnswerResult> EnginePool::run_answers(const Entry& entry) {
  if (&entry == openssl_) return run_known_answers(*entry.engine, *referee_);
  return run_known_answers(*entry.engine);
}

std::vector<SelfTestResult> EnginePool::self_test() {
  std::vector<SelfTestResult> results;
  for (const Entry& entry : entries_) {
    Engine& engine = *entry.engine;
    if (!engine.unavailable_reason().empty()) continue;
    for (KnownAnswerResult& answer : run_answers(entry)) {
      if (!answer.status.ok()) {
        quarantine(engine, "known answer " + answer.name + ": " + answer.status.message());
      }
      results.push_back({std::string(engine.name()), std::move(answer)});
    }
  }
  return results;
}

std::vector<EngineStatus> EnginePool::status() const {
  const std::lock_guard lock(mutex_);
  const Entry* running = running_locked();
  std::vector<EngineStatus> result;
  for (const Entry& entry : entries_) {
    result.push_back({std::string(entry.engine->name()), entry.engine->description(), entry.state,
                      entry.reason, &entry == running});
  }
  return result;
}

}  // namespace rekey::dispatch
