// SPDX-License-Identifier: Apache-2.0
#include "service/servers.h"

#include <chrono>
#include <vector>

#include "service/echo_server.h"

namespace rekey::bench {
namespace {

// rekeyd tries every known answer on every engine before it listens, slowly under sanitizers.
constexpr std::chrono::seconds kPatience{60};

std::vector<std::string> tls_flags(const TlsFiles& files) {
  if (files.none()) return {};
  return {"--tls-cert", files.cert, "--tls-key", files.key, "--tls-ca", files.ca};
}

std::vector<std::string> rekeyd_flags(const RunTls& tls) {
  std::vector<std::string> flags = {"--listen", "127.0.0.1:0", "--log-level",    "info",
                                    "--verify", "sampled",     "--simd-threads", "1"};
  const std::vector<std::string> more = tls_flags(tls.server);
  flags.insert(flags.end(), more.begin(), more.end());
  if (!tls.server.none()) flags.insert(flags.end(), {"--allow-derive", tls.client_name});
  return flags;
}

std::vector<std::string> echo_flags(const RunTls& tls, bool arena) {
  std::vector<std::string> flags = {"echo-server"};
  if (arena) flags.emplace_back("--arena");
  const std::vector<std::string> more = tls_flags(tls.server);
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

std::string typed_method(Rpc rpc) {
  switch (rpc) {
    case Rpc::kRows:
      return "/rekey.v1.KeyDerivation/Derive";
    case Rpc::kColumns:
      return "/rekey.v1.KeyDerivation/DeriveBatch";
    case Rpc::kStream:
      return "/rekey.v1.KeyDerivation/DeriveStream";
  }
  return {};
}

}  // namespace

Status Servers::start(const Programs& programs, const RunTls& tls, std::optional<int> core,
                      std::unique_ptr<Servers>* out_servers) {
  auto servers = std::make_unique<Servers>();
  servers->client_tls_ = tls.client;
  if (Status s = ServerProcess::start(programs.rekeyd, rekeyd_flags(tls), core, kPatience,
                                      &servers->rekeyd_);
      !s.ok()) {
    return s;
  }
  for (const bool arena : {false, true}) {
    if (Status s = ServerProcess::start(programs.rekey_bench, echo_flags(tls, arena), core,
                                        kPatience, arena ? &servers->echo_arena_ : &servers->echo_);
        !s.ok()) {
      return s;
    }
  }
  *out_servers = std::move(servers);
  return {};
}

Contestant Servers::rekeyd(Rpc rpc) const {
  return {"rekeyd", {rekeyd_->address(), typed_method(rpc), client_tls_}, rekeyd_.get()};
}

Contestant Servers::echo(Rpc rpc, EchoWay way) const {
  ServerProcess* process = way == EchoWay::kArena ? echo_arena_.get() : echo_.get();
  std::string method = typed_method(rpc);
  if (way == EchoWay::kRaw) method = rpc == Rpc::kStream ? kRawStreamMethod : kRawUnaryMethod;
  return {std::string(to_string(way)), {process->address(), method, client_tls_}, process};
}

}  // namespace rekey::bench
