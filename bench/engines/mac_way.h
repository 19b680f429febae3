// SPDX-License-Identifier: Apache-2.0
//
// What the hand-written contenders differ in: how AES-128-CMACs are computed that do not depend on
// each other. The formulas above them are the same for all (see formulas.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rekey/octets.h"
#include "rekey/status.h"

namespace rekey::bench {

/// MacJob is one message to be authenticated: one cache line.
struct MacJob {
  static constexpr std::size_t kMaxOctets = 3 * kBlockOctets;

  alignas(16) std::uint8_t message[kMaxOctets] = {};  ///< padded behind its end as CMAC pads
  std::uint8_t* mac = nullptr;                        ///< where its 16 octets go
  std::uint32_t key = 0;                              ///< place of its key
  std::uint16_t octets = 0;                           ///< at least 1

  [[nodiscard]] std::size_t blocks() const { return (octets + kBlockOctets - 1) / kBlockOctets; }
  [[nodiscard]] std::uint8_t* block(std::size_t i) { return message + i * kBlockOctets; }
};

/// MacList holds messages of equally many blocks, in the order of their keys.
using MacList = std::vector<MacJob>;

/// MacWay is one way to compute MACs. For one thread at a time.
class MacWay {
 public:
  MacWay() = default;
  MacWay(const MacWay&) = delete;
  MacWay& operator=(const MacWay&) = delete;
  virtual ~MacWay() = default;

  /// The contender's name in the report.
  [[nodiscard]] virtual std::string name() const = 0;
  /// How it works, for people.
  [[nodiscard]] virtual std::string description() const = 0;
  /// kUnavailable when it cannot run here.
  [[nodiscard]] virtual Status available() const = 0;
  /// How many AMSs it is best given at once.
  [[nodiscard]] virtual std::size_t abreast() const = 0;

  /// mac writes the AES-128-CMAC of every message in `lists`; `keys` holds 16 octets each. Messages
  /// may be overwritten. Returns whether all went well.
  virtual bool mac(ConstOctets keys, std::span<MacList> lists) = 0;
  /// encrypt replaces block k by its AES-128 encryption under key k, 16 octets each. Returns
  /// whether all went well.
  virtual bool encrypt(ConstOctets keys, Octets blocks) = 0;
};

}  // namespace rekey::bench
