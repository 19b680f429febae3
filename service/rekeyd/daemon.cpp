// SPDX-License-Identifier: Apache-2.0
#include "rekeyd/daemon.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "dispatch/machine.h"
#include "rekey/engines.h"
#include "rpc/version.h"

namespace rekey::rekeyd {
namespace {

// Service managers kill what has not stopped after 30 s or more.
constexpr std::chrono::seconds kDrainLimit{25};

/// One batch a core.
unsigned cpu_slots() { return std::max(1U, std::thread::hardware_concurrency()); }

}  // namespace

Status Daemon::start(const Options& options) {
  const auto hook = [this](std::string_view engine, std::string_view reason) {
    on_quarantine(engine, reason);
  };
  if (Status s = WorkerPool::create(options.simd_threads, &simd_threads_); !s.ok()) {
    return {s.code(), "--simd-threads: " + s.message()};
  }
  if (Status s = dispatch::EnginePool::create(make_engines(simd_threads_.get()),
                                              make_openssl_engine(), options.engine, hook, &pool_);
      !s.ok()) {
    return s;
  }
  deriver_ = std::make_unique<dispatch::Deriver>(pool_.get(), &clock_, &random_, options.verify);
  dispatcher_ = std::make_unique<dispatch::Dispatcher>(
      pool_.get(), deriver_.get(), &clock_, scheduler::Limits{},
      dispatch::describe(*pool_, clock_, cpu_slots()));
  if (Status s =
          rpc::Server::start(options.listen.to_string(), dispatcher_.get(), pool_.get(), &server_);
      !s.ok()) {
    return s;
  }
  started_ = server_.get();
  report_if_unable();
  ListenAddress bound = options.listen;
  bound.port = static_cast<std::uint16_t>(server_->port());
  spdlog::info("rekeyd {} listening on {}; engines: {}; verify: {}", rpc::kVersion,
               bound.to_string(), engines_for_log(), options.verify_name);
  if (!options.listen.is_loopback()) {
    spdlog::warn("keys cross the network in plaintext (--insecure)");
  }
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
  spdlog::error("engine {} is refused: {}", engine, reason);
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
