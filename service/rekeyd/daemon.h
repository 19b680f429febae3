// SPDX-License-Identifier: Apache-2.0
//
// Everything rekeyd is made of, put together.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "audit/audit_log.h"
#include "config/settings.h"
#include "dispatch/clock.h"
#include "dispatch/deriver.h"
#include "dispatch/dispatcher.h"
#include "dispatch/engine_pool.h"
#include "dispatch/random.h"
#include "logging/call_log.h"
#include "metrics/exposition.h"
#include "metrics/metrics.h"
#include "rekey/worker_pool.h"
#include "rekeyd/contexts.h"
#include "rpc/call_observers.h"
#include "rpc/server.h"
#include "rpc/spare_readers.h"
#include "rpc/version.h"
#include "security/access.h"
#include "security/certificates.h"

namespace rekey::rekeyd {

/// Daemon serves from start() to drain().
class Daemon {
 public:
  /// `on_drain_asked` is called on any thread when an operator asks for a drain; it must not wait.
  explicit Daemon(std::function<void()> on_drain_asked)
      : on_drain_asked_(std::move(on_drain_asked)) {}

  /// start admits the engines and listens. An error says why that is impossible.
  Status start(const config::Settings& settings);

  /// reload takes over what can change while rekeyd runs, and opens the audit log anew. When an
  /// error is returned nothing has changed.
  Status reload(const config::Settings& settings);

  /// alive says whether some engine serves. It does not return while the queue or the engines are
  /// held up for good, which a watchdog then notices.
  [[nodiscard]] bool alive() const;

  /// drain answers what was accepted and stops. False when it had to give up on open calls.
  /// How long that may take is what is set now.
  bool drain(const config::Settings& settings);

 private:
  Status make_credentials(const config::Settings& settings,
                          std::shared_ptr<grpc::ServerCredentials>* out_credentials);
  Status start_observers(const config::Settings& settings);
  Status start_contexts(const config::Settings& settings);
  void observe_state();
  [[nodiscard]] std::string keys_refusal(const grpc::ServerContextBase& context) const;
  Status start_exposition(const net::HostPort& address);
  void on_quarantine(std::string_view engine, std::string_view reason);
  void on_return(std::string_view engine);
  void report_if_unable();
  [[nodiscard]] std::string engines_for_log() const;

  std::function<void()> on_drain_asked_;
  dispatch::SteadyClock clock_;
  dispatch::SystemRandom random_;
  std::unique_ptr<WorkerPool> simd_threads_;  ///< the engines use it
  // Observers come before what they observe, and go after it.
  std::unique_ptr<audit::AuditLog> audit_;  ///< null: none
  metrics::Metrics metrics_{rpc::kVersion};
  logging::CallLog call_log_;
  rpc::CallObservers observers_;
  std::unique_ptr<dispatch::EnginePool> pool_;
  std::unique_ptr<dispatch::Deriver> deriver_;
  std::unique_ptr<dispatch::Dispatcher> dispatcher_;
  std::unique_ptr<ContextsParts> contexts_;               ///< null: no KeyContexts
  std::unique_ptr<security::Certificates> certificates_;  ///< null: plaintext
  security::Access access_{{}};
  std::optional<rpc::SpareReaders> spare_readers_;
  std::unique_ptr<rpc::Server> server_;
  /// server_ for the workers, which may meet a bad engine while the server still starts.
  std::atomic<rpc::Server*> started_ = nullptr;
  /// Null: nobody may scrape. Goes first: a scrape asks all of the above.
  std::unique_ptr<metrics::Exposition> exposition_;
};

}  // namespace rekey::rekeyd
