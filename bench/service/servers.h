// SPDX-License-Identifier: Apache-2.0
//
// The servers of a run: rekeyd, and echo servers beside it.
#pragma once

#include <memory>
#include <string>

#include "rekey/status.h"
#include "service/cores.h"
#include "service/load.h"
#include "service/server_process.h"
#include "service/shape.h"

namespace rekey::bench {

struct Programs {
  std::string rekeyd;
  std::string rekey_bench;  ///< has the echo server
};

/// RunTls is the certificates of both sides; none: plaintext.
struct RunTls {
  TlsFiles server;
  TlsFiles client;
  std::string client_name;  ///< in the client's certificate
  TlsFiles other;           ///< of a second client
  std::string other_name;   ///< in its certificate
};

/// Contestant is one server and the way to ask it.
struct Contestant {
  std::string name;  ///< `rekeyd`, or the way of the echo server
  Target target;
  ServerProcess* process = nullptr;
};

/// Servers run until this object goes. Their engine has one thread: they have one core.
class Servers {
 public:
  /// start starts all of them on `core`, if one is named. kUnavailable says which does not start
  /// and why.
  static Status start(const Programs& programs, const RunTls& tls, std::optional<int> core,
                      std::unique_ptr<Servers>* out_servers);

  [[nodiscard]] Contestant rekeyd(Rpc rpc) const;
  [[nodiscard]] Contestant echo(Rpc rpc, EchoWay way) const;

 private:
  TlsFiles client_tls_;
  std::unique_ptr<ServerProcess> rekeyd_, echo_, echo_arena_;
};

}  // namespace rekey::bench
