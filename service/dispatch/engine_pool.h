// SPDX-License-Identifier: Apache-2.0
//
// All engines of this process, and which of them may serve.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
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

// Who verifies whom. `openssl` is two engines (rekey/engines.h), which operators see as one: they
// are admitted, refused and self-tested together. The *stand-in* is the fast one: it serves where
// no better engine does, and does again what another engine got wrong. The *referee* is EVP_MAC. An
// engine is never verified by itself, so the referee verifies the stand-in; and since nobody
// verifies the referee, its keys never leave.

/// EnginePool holds the engines. One that was refused while it served comes back when it passes its
/// known answers again; the stand-in and the referee do not: once one of them was wrong, somebody
/// must look. Thread-safe.
class EnginePool {
 public:
  /// Called with an engine's name and the reason, once for each engine that is refused while it
  /// serves.
  using QuarantineHook = std::function<void(std::string_view engine, std::string_view reason)>;
  /// Called with an engine's place after it was refused while it served.
  using Listener = std::function<void(std::size_t engine)>;

  /// create runs the known answers on every engine. `engines` come fastest first; the stand-in is
  /// the one called kRefereeEngine. `choice` is `auto` (the first of them that serves) or an
  /// engine's name. kInvalidArgument when there is no such engine; kFailedPrecondition with the
  /// reason when the chosen engine, the stand-in or the referee cannot serve: without them nothing
  /// can be verified.
  static Status create(std::vector<std::unique_ptr<Engine>> engines,
                       std::unique_ptr<Engine> referee, std::string_view choice,
                       QuarantineHook on_quarantine, std::unique_ptr<EnginePool>* out_pool);

  /// pin changes the choice: `auto`, or an engine's name. The errors are create's.
  Status pin(std::string_view choice);

  /// on_return has `hook` called with the name of each engine that was refused while it served and
  /// serves again. To be called once, before engines are probed.
  void on_return(std::function<void(std::string_view engine)> hook) {
    on_return_ = std::move(hook);
  }

  /// listen has `listener` told from now on, instead of the one before. Once this returns, that one
  /// is not called any more. It may be called on any thread, and must not call listen().
  void listen(Listener listener);

  /// size returns how many engines there are, the fastest kind first; engine() returns one of them.
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] Engine& engine(std::size_t place) const { return *entries_[place].engine; }
  [[nodiscard]] bool serves(std::size_t place) const;
  /// chosen returns the place of the engine that was named; nothing where it was `auto`.
  [[nodiscard]] std::optional<std::size_t> chosen() const;

  /// running returns the chosen engine while it serves, then the first that does. Null when the
  /// stand-in or the referee was refused. Owned by the pool.
  [[nodiscard]] Engine* running() const;
  /// stand_in returns the fast OpenSSL engine. Owned by the pool.
  [[nodiscard]] Engine& stand_in() const { return *openssl_->engine; }
  /// referee returns the OpenSSL engine that verifies the stand-in. Owned by the pool.
  [[nodiscard]] Engine& referee() const { return *referee_; }

  /// quarantine refuses an engine from now on; the stand-in and the referee with each other.
  void quarantine(const Engine& engine, std::string_view reason);

  /// probe runs the known answers on an engine that was refused while it served, and lets it serve
  /// again when all of them are right. Returns whether they were.
  bool probe(std::size_t place);

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
  [[nodiscard]] Entry* find(std::string_view name);
  [[nodiscard]] const Entry* running_locked() const;
  [[nodiscard]] std::vector<KnownAnswerResult> run_answers(const Entry& entry);

  std::mutex listener_mutex_;  ///< held while the listener is called
  Listener listener_;
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;  ///< fixed after create(), but for state and reason
  Entry* openssl_ = nullptr;    ///< the stand-in's, whose state is the referee's too
  std::unique_ptr<Engine> referee_;
  Entry* chosen_ = nullptr;  ///< null: auto
  QuarantineHook on_quarantine_;
  std::function<void(std::string_view engine)> on_return_;
};

}  // namespace rekey::dispatch
