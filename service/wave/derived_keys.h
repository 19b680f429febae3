// SPDX-License-Identifier: Apache-2.0
//
// The keys of the AMSs of one wave, as they came from an engine or a server.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "rekey/batch.h"
#include "rekey/secret.h"
#include "wave/wave.h"

namespace rekey::wave {

/// DerivedKeys owns result columns; they are wiped with it.
class DerivedKeys {
 public:
  /// allocate makes zeroed columns of the sizes a batch over `wave` has. `outputs` and
  /// `tek_counters` are those of the batch, defaults spelled out.
  void allocate(const Wave& wave, KeySet outputs, std::vector<std::uint16_t> tek_counters);

  [[nodiscard]] KeySet outputs() const { return outputs_; }
  [[nodiscard]] const std::vector<std::uint16_t>& tek_counters() const { return tek_counters_; }

  /// The columns, to be filled by an engine. Valid as long as this object.
  [[nodiscard]] BatchResult result();
  [[nodiscard]] Octets column(KeyKind kind) { return columns_[index(kind)].octets(); }
  [[nodiscard]] ConstOctets column(KeyKind kind) const { return columns_[index(kind)].octets(); }

  /// A key of one AMS; `kind` is among the outputs and not kTek.
  [[nodiscard]] ConstOctets key(KeyKind kind, std::size_t item) const;
  /// TEKs of one AMS: SA, then counter.
  [[nodiscard]] ConstOctets teks(const Wave& wave, std::size_t item) const;

  /// A gRPC code an AMS; 0 is good.
  [[nodiscard]] int code(std::size_t item) const { return codes_[item]; }
  /// Why an AMS failed; empty for a good one.
  [[nodiscard]] const std::string& message(std::size_t item) const { return messages_[item]; }
  /// set_failed gives one AMS a code other than 0, and says why.
  void set_failed(std::size_t item, int code, std::string message);
  [[nodiscard]] std::size_t failed() const;
  /// Keys of all good AMSs together.
  [[nodiscard]] std::uint64_t keys(const Wave& wave) const;

 private:
  static std::size_t index(KeyKind kind) { return static_cast<std::size_t>(kind); }

  KeySet outputs_;
  std::vector<std::uint16_t> tek_counters_;
  std::array<SecretBuffer, kAllKeyKinds.size()> columns_;
  std::vector<int> codes_;
  std::vector<std::string> messages_;
};

}  // namespace rekey::wave
