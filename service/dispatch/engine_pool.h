// SPDX-License-Identifier: Apache-2.0
//
// All engines of this process, and which of them may serve.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "rekey/engine.h"
#include "rekey/known_answers.h"
#include "rekey/status.h"

namespace rekey::dispatch {

enum class EngineState : std::uint8_t {
  kServing,
  kUnavailable,  ///< it cannot run on this machine
  kRefused,      ///< a known answer came out wrong, or a verification failed
};

/// EngineStatus is what operators see of an engine.
struct EngineStatus {
  std::string name;
  std::string description;
  EngineState state = EngineState::kUnavailable;
  std::string reason;      ///< why it is not serving
  bool preferred = false;  ///< derives the next batch
};

/// SelfTestResult is one known answer on one engine.
struct SelfTestResult {
  std::string engine;
  KnownAnswerResult answer;
};

/// Stands for "the fastest engine that serves".
inline constexpr std::string_view kAutoEngine = "auto";
/// The engine that the others are checked against.
inline constexpr std::string_view kRefereeEngine = "openssl";

/// EnginePool holds the engines. An engine that was refused stays refused until the process ends.
/// Thread-safe.
class EnginePool {
 public:
  /// Called with an engine's name and the reason, once for each engine that is refused while it
  /// serves.
  using QuarantineHook = std::function<void(std::string_view engine, std::string_view reason)>;

  /// create runs the known answers on every engine. `choice` is `auto` (the first serving one of
  /// `engines`, which come fastest first) or an engine's name. kInvalidArgument when there is no
  /// such engine; kFailedPrecondition with the reason when the chosen engine or the referee cannot
  /// serve: without the referee nothing can be verified.
  static Status create(std::vector<std::unique_ptr<Engine>> engines, std::string_view choice,
                       QuarantineHook on_quarantine, std::unique_ptr<EnginePool>* out_pool);

  /// running returns the engine for the next batch: the chosen one while it serves, then the
  /// fastest that does. Null when the referee was refused. Owned by the pool.
  [[nodiscard]] Engine* running() const;
  /// referee returns the OpenSSL engine. Owned by the pool.
  [[nodiscard]] Engine& referee() const { return *referee_->engine; }

  /// quarantine refuses an engine from now on.
  void quarantine(const Engine& engine, std::string_view reason);

  /// self_test runs the known answers on every engine that can run here, and quarantines those
  /// that fail.
  std::vector<SelfTestResult> self_test();

  [[nodiscard]] std::vector<EngineStatus> status() const;

 private:
  struct Entry {
    std::unique_ptr<Engine> engine;
    EngineState state = EngineState::kUnavailable;
    std::string reason;
  };

  EnginePool() = default;
  [[nodiscard]] const Entry* running_locked() const;

  mutable std::mutex mutex_;
  std::vector<Entry> entries_;  ///< fixed after create(), but for state and reason
  Entry* referee_ = nullptr;
  Entry* chosen_ = nullptr;  ///< null: auto
  QuarantineHook on_quarantine_;
};

}  // namespace rekey::dispatch
