// SPDX-License-Identifier: Apache-2.0
#include "rekeyd/daemon.h"

#include <grpcpp/security/server_credentials.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "rekey/engines.h"
#include "rpc/version.h"
#include "security/server_credentials.h"
#include "security/tls13.h"

namespace rekey::rekeyd {
namespace {

// Service managers kill what has not stopped after 30 s or more.
constexpr std::chrono::seconds kDrainLimit{25};

/// A GPU's second batch is merged, verified and answered while it derives the first; a CPU engine
/// derives one batch a core.
unsigned workers_for(const Engine& engine) {
  if (engine.name().starts_with("cuda")) return 2;
  return std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

Status Daemon::start(const config::Settings& settings) {
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
  deriver_ = std::make_unique<dispatch::Deriver>(pool_.get(), &clock_, &random_, settings.verify);
  dispatcher_ = std::make_unique<dispatch::Dispatcher>(deriver_.get(), &clock_, scheduler::Limits{},
                                                       workers_for(*pool_->running()));
  std::shared_ptr<grpc::ServerCredentials> credentials;
  if (Status s = make_credentials(settings, &credentials); !s.ok()) return s;
  if (Status s = rpc::Server::start(settings.listen.to_string(), credentials, dispatcher_.get(),
                                    pool_.get(), &server_);
      !s.ok()) {
    return s;
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
  *out_credentials = security::make_server_credentials(certificates_.get(), &access_);
  return {};
}

Status Daemon::reload(const config::Settings& settings) {
  // The one step that can fail comes first.
  if (certificates_ != nullptr && !settings.tls.none()) {
    if (Status s = certificates_->replace(settings.tls); !s.ok()) return s;
  }
  access_.replace(settings.roles);
  spdlog::set_level(spdlog::level::from_str(settings.log_level));
  return {};
}

bool Daemon::drain() {
  spdlog::info("draining: no new calls, answering what was accepted");
  if (!server_->drain(kDrainLimit)) {
    spdlog::error("calls were still open after {} s and have been cancelled", kDrainLimit.count());
    return false;
  }
  spdlog::info("drained");
  return true;
}

void Daemon::on_quarantine(std::string_view engine, std::string_view reason) {
  spdlog::error("engine {} is refused from now on: {}", engine, reason);
  report_if_unable();
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
