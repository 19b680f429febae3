// SPDX-License-Identifier: Apache-2.0
#include "rekeyd/daemon.h"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/security/auth_context.h>
#include <grpcpp/security/server_credentials.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <string_view>
#include <thread>
#include <vector>

#include "dispatch/machine.h"
#include "logging/logging.h"
#include "process/cores.h"
#include "rekey/engines.h"
#include "rpc/short_turns.h"
#include "rpc/version.h"
#include "security/server_credentials.h"
#include "security/tls13.h"

namespace rekey::rekeyd {
namespace {

/// The caller that was refused at the door.
class NamedOrigin final : public rpc::Origin {
 public:
  explicit NamedOrigin(std::string_view caller) : caller_(caller) {}
  [[nodiscard]] std::string caller() const override { return std::string(caller_); }
  [[nodiscard]] std::string traceparent() const override { return {}; }

 private:
  std::string_view caller_;
};

}  // namespace

Status Daemon::start(const config::Settings& settings) {
  if (Status s = start_observers(settings); !s.ok()) return s;
  const auto hook = [this](std::string_view engine, std::string_view reason) {
    on_quarantine(engine, reason);
  };
  if (Status s = WorkerPool::create(settings.simd_threads, &simd_threads_); !s.ok()) {
    return {s.code(), "--simd-threads: " + s.message()};
  }
  if (Status s = dispatch::EnginePool::create(make_engines(simd_threads_.get()),
                                              make_openssl_engine(), settings.engine, hook, &pool_);
      !s.ok()) {
    return s;
  }
  pool_->on_return([this](std::string_view engine) { on_return(engine); });
  deriver_ = std::make_unique<dispatch::Deriver>(pool_.get(), &clock_, &random_, settings.verify,
                                                 &metrics_);
  dispatcher_ = std::make_unique<dispatch::Dispatcher>(
      pool_.get(), deriver_.get(), &clock_, settings.limits,
      dispatch::describe(*pool_, clock_, /*cpu_slots*/ usable_cores()), settings.shares);
  if (settings.contexts_store.kind != contexts::StoreKind::kOff) {
    if (Status s = start_contexts(settings); !s.ok()) return s;
  }
  // gRPC starts its threads with the first thing that is asked of it. All of them are to have the
  // turns of those that read: one with longer turns would be put off by these in the middle of what
  // they wait for.
  rpc::ask_for_short_turns();
  spare_readers_.emplace();
  if (spare_readers_->spare() > 0) observers_.add(&*spare_readers_);
  std::shared_ptr<grpc::ServerCredentials> credentials;
  if (Status s = make_credentials(settings, &credentials); !s.ok()) return s;
  observe_state();
  rpc::Parts parts = {dispatcher_.get(), pool_.get(), &observers_, on_drain_asked_,
                      [this] { return metrics_.text(); }};
  if (contexts_ != nullptr) {
    parts.contexts = {contexts_->keeper(), contexts_->events(),
                      [this](const auto& context) { return keys_refusal(context); }};
  }
  if (Status s = rpc::Server::start(settings.listen.to_string(), credentials, parts, &server_);
      !s.ok()) {
    return s;
  }
  if (settings.metrics) {
    if (Status s = start_exposition(*settings.metrics); !s.ok()) return s;
  }
  started_ = server_.get();
  report_if_unable();
  net::HostPort bound = settings.listen;
  bound.port = static_cast<std::uint16_t>(server_->port());
  spdlog::info("rekeyd {} listening on {}; engines: {}; verify: {}", rpc::kVersion,
               bound.to_string(), engines_for_log(), config::to_string(settings.verify));
  if (certificates_ == nullptr && !settings.listen.is_loopback()) {
    spdlog::warn("keys cross the network in plaintext (--insecure)");
  }
  return {};
}

Status Daemon::start_observers(const config::Settings& settings) {
  // First the one that may hold answers back.
  if (!settings.audit.empty()) {
    Status s = audit::AuditLog::open(settings.audit, settings.audit_required, &audit_);
    if (!s.ok()) return s;
    observers_.add(audit_.get());
  }
  observers_.add(&metrics_);
  observers_.add(&call_log_);
  return {};
}

Status Daemon::start_contexts(const config::Settings& settings) {
  const auto on_store = [this](bool serves) {
    if (rpc::Server* server = started_; server != nullptr) server->set_contexts_serving(serves);
  };
  return ContextsParts::open(settings, dispatcher_.get(), on_store, &contexts_);
}

std::string Daemon::keys_refusal(const grpc::ServerContextBase& context) const {
  if (certificates_ == nullptr) return {};
  std::vector<std::string> names;
  const auto auth = context.auth_context();
  for (const char* property : {GRPC_X509_SAN_PROPERTY_NAME, GRPC_X509_CN_PROPERTY_NAME}) {
    for (const grpc::string_ref& name : auth->FindPropertyValues(property)) {
      names.emplace_back(name.data(), name.size());
    }
  }
  return access_.refusal("/rekey.v1.KeyDerivation/Derive",
                         std::vector<std::string_view>(names.begin(), names.end()));
}

void Daemon::observe_state() {
  metrics::Sources sources;
  sources.engines = [this] { return pool_->status(); };
  sources.load = [this] { return dispatcher_->load(); };
  sources.open_calls = [this] {
    const rpc::Server* server = started_;
    return server == nullptr ? 0 : server->open_calls();
  };
  if (contexts_ != nullptr) {
    sources.contexts = [this] { return contexts_->keeper()->counts(); };
  }
  if (certificates_ != nullptr) {
    sources.certificate_expiry = [this] { return static_cast<double>(certificates_->expiry()); };
  }
  metrics_.observe(std::move(sources));
}

Status Daemon::start_exposition(const net::HostPort& address) {
  if (Status s = metrics::Exposition::start(address, metrics_, &exposition_); !s.ok()) return s;
  const std::string bound = exposition_->address().to_string();
  spdlog::info("metrics at http://{}/metrics", bound);
  spdlog::info("status page at http://{}/", bound);
  if (!address.is_loopback()) {
    spdlog::warn("metrics can be read by whoever reaches {}", address.to_string());
  }
  return {};
}

Status Daemon::make_credentials(const config::Settings& settings,
                                std::shared_ptr<grpc::ServerCredentials>* out_credentials) {
  if (settings.tls.none()) {
    *out_credentials = grpc::InsecureServerCredentials();
    return {};
  }
  if (Status s = security::require_tls13(); !s.ok()) return s;
  const auto on_change = [](std::string_view refusal) {
    if (refusal.empty()) {
      spdlog::info("certificates: files have changed and are taken for new connections");
    } else {
      spdlog::error("certificates: files have changed and are refused, those before stay: {}",
                    refusal);
    }
  };
  if (Status s = security::Certificates::open(settings.tls, on_change, &certificates_); !s.ok()) {
    return s;
  }
  access_.replace(settings.roles);
  const auto on_refusal = [this](std::string_view rpc, std::string_view caller,
                                 const std::string& refusal) {
    spdlog::warn("refused: {}", refusal);
    // The rpc's name is the caller's choice: it makes no label.
    metrics_.refused_at_the_door();
    const NamedOrigin origin(caller);
    if (audit_ == nullptr) return;
    // It is refused whether or not the audit log can be written.
    std::ignore = audit_->answering({.rpc = rpc,
                                     .origin = &origin,
                                     .profile = std::nullopt,
                                     .code = grpc::StatusCode::PERMISSION_DENIED,
                                     .message = refusal,
                                     .served = {}});
  };
  *out_credentials = security::make_server_credentials(certificates_.get(), &access_, on_refusal);
  return {};
}

Status Daemon::reload(const config::Settings& settings) {
  // What can fail comes first. Opened anew, the audit log is the same one.
  if (audit_ != nullptr) {
    if (Status s = audit_->reopen(); !s.ok()) return s;
  }
  if (contexts_ != nullptr) {
    if (Status s = contexts_->reload(settings); !s.ok()) return s;
  }
  if (certificates_ != nullptr && !settings.tls.none()) {
    if (Status s = certificates_->replace(settings.tls); !s.ok()) return s;
  }
  access_.replace(settings.roles);
  dispatcher_->set_limits(settings.limits, settings.shares);
  logging::set_level(settings.log_level);
  return {};
}

bool Daemon::alive() const {
  std::ignore = dispatcher_->queued();
  return pool_->running() != nullptr;
}

bool Daemon::drain(const config::Settings& settings) {
  const std::chrono::seconds lame_duck{settings.lame_duck_s};
  const std::chrono::seconds limit{settings.drain_limit_s};
  if (lame_duck.count() > 0) {
    spdlog::info("not ready from now on; serving for {} s more", lame_duck.count());
  }
  spdlog::info("draining: no new calls, answering what was accepted");
  if (!server_->drain(lame_duck, limit)) {
    spdlog::error("calls were still open after {} s and have been cancelled", limit.count());
    return false;
  }
  spdlog::info("drained");
  return true;
}

void Daemon::on_quarantine(std::string_view engine, std::string_view reason) {
  spdlog::error("engine {} is refused: {}", engine, reason);
  metrics_.quarantined(engine);
  report_if_unable();
}

void Daemon::on_return(std::string_view engine) {
  spdlog::warn("engine {} has passed its known answers and serves again", engine);
  metrics_.returned(engine);
}

void Daemon::report_if_unable() {
  rpc::Server* server = started_;
  if (server == nullptr || pool_->running() != nullptr) return;
  spdlog::critical("no engine serves any more: the referee was refused");
  server->set_unable();
}

std::string Daemon::engines_for_log() const {
  std::string list;
  for (const dispatch::EngineStatus& engine : pool_->status()) {
    if (!list.empty()) list += ", ";
    list += engine.name;
    switch (engine.state) {
      case dispatch::EngineState::kServing:
        list += " serving (" + engine.description + (engine.preferred ? ", preferred)" : ")");
        break;
      case dispatch::EngineState::kUnavailable:
        list += " unavailable (" + engine.reason + ")";
        break;
      case dispatch::EngineState::kRefused:
        list += " refused (" + engine.reason + ")";
        break;
    }
  }
  return list;
}

}  // namespace rekey::rekeyd
