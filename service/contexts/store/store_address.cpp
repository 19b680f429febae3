// SPDX-License-Identifier: Apache-2.0
#include "contexts/store/store_address.h"

#include <utility>

namespace rekey::contexts {
namespace {

constexpr std::string_view kRocksdbPrefix = "rocksdb:";
constexpr std::string_view kRedisPrefix = "redis:";

}  // namespace

Status StoreAddress::parse(std::string_view text, StoreAddress* out_address) {
  StoreAddress address;
  if (text == "memory") {
    address.kind = StoreKind::kMemory;
  } else if (text.starts_with(kRocksdbPrefix) && text.size() > kRocksdbPrefix.size()) {
    address.kind = StoreKind::kRocksdb;
    address.directory = text.substr(kRocksdbPrefix.size());
  } else if (text.starts_with(kRedisPrefix)) {
    address.kind = StoreKind::kRedis;
    if (Status s = net::HostPort::parse(text.substr(kRedisPrefix.size()), &address.server);
        !s.ok()) {
      return s;
    }
  } else if (text != "off") {
    return Status::invalid_argument(
        "expected off, memory, rocksdb:DIR or redis:HOST:PORT, found '" + std::string(text) + "'");
  }
  *out_address = std::move(address);
  return {};
}

std::string StoreAddress::to_string() const {
  switch (kind) {
    case StoreKind::kOff:
      return "off";
    case StoreKind::kMemory:
      return "memory";
    case StoreKind::kRocksdb:
      return std::string(kRocksdbPrefix) + directory;
    case StoreKind::kRedis:
      return std::string(kRedisPrefix) + server.to_string();
  }
  return "unknown";
}

}  // namespace rekey::contexts
