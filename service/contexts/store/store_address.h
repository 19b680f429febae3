// SPDX-License-Identifier: Apache-2.0
//
// Where contexts are kept, as it is written in settings.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/host_port.h"
#include "rekey/status.h"

namespace rekey::contexts {

/// StoreKind says what keeps contexts.
enum class StoreKind : std::uint8_t {
  kOff,  ///< nothing: there is no such service
  kMemory,
  kRocksdb,
  kRedis,
};

/// StoreAddress is `off`, `memory`, `rocksdb:DIR` or `redis:HOST:PORT`.
struct StoreAddress {
  StoreKind kind = StoreKind::kOff;
  std::string directory = {};  ///< of kRocksdb
  net::HostPort server = {};   ///< of kRedis

  /// parse returns kInvalidArgument with what was expected and found.
  static Status parse(std::string_view text, StoreAddress* out_address);
  /// to_string is the inverse of parse().
  [[nodiscard]] std::string to_string() const;
  /// is_sealed says whether what is kept leaves this process, and so is sealed.
  [[nodiscard]] bool is_sealed() const {
    return kind == StoreKind::kRocksdb || kind == StoreKind::kRedis;
  }
};

}  // namespace rekey::contexts
