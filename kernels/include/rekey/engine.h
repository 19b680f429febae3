// SPDX-License-Identifier: Apache-2.0
//
// What derives keys. There is one engine for each way of computing them (see engines.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "rekey/batch.h"
#include "rekey/status.h"

namespace rekey {

class ResidentContexts;
struct ContextsShape;

/// CmacBatch is `count` messages of one length, each under its own AES-128 key.
struct CmacBatch {
  std::uint32_t count = 0;
  ConstOctets keys;                ///< 16 octets each
  ConstOctets messages;            ///< message_octets each
  std::size_t message_octets = 0;  ///< may be 0
};

/// Engine derives batches. All members may be called from several threads at once.
class Engine {
 public:
  Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
  virtual ~Engine() = default;

  /// The engine's name as users write it, such as `simd`.
  [[nodiscard]] virtual std::string_view name() const = 0;
  /// What it runs on here, for people: an instruction set, a device.
  [[nodiscard]] virtual std::string description() const = 0;
  /// Why the engine cannot run on this machine; empty when it can.
  [[nodiscard]] virtual std::string unavailable_reason() const = 0;

  /// derive fills every column of `result`; items whose code is not kOk get zero octets.
  /// Returns kInvalidArgument when a column of `result` has the wrong size; then nothing is
  /// written. Returns kUnavailable when the engine cannot run here, and kInternal when it failed;
  /// then every column of `result` is zero.
  Status derive(const CheckedBatch& batch, const BatchResult& result);

  /// cmac writes the AES-128-CMAC (RFC 4493) of every message to `macs`, 16 octets each: the
  /// primitive under derive(), exposed so that published vectors can be run on every engine. Errors
  /// as derive().
  Status cmac(const CmacBatch& batch, Octets macs);

  /// open_contexts makes a set of AMSs (rekey/resident.h) that stay where the engine derives, of a
  /// shape that check_shape() accepts; the engine must outlive it. An engine that has no memory of
  /// its own keeps them in the host's. Callers use make_resident_contexts(), which runs the known
  /// answers first. Returns kUnavailable when the engine cannot run here or lacks the memory.
  virtual Status open_contexts(const ContextsShape& shape,
                               std::unique_ptr<ResidentContexts>* out_contexts);

 protected:
  /// kUnavailable, with the reason, when the engine cannot run here.
  [[nodiscard]] Status available() const;
  /// Derives all items, failed ones included: derive() blanks those. Sizes have been checked, and
  /// the batch is not empty.
  virtual Status derive_all(const CheckedBatch& batch, const BatchResult& result) = 0;
  /// As derive_all(), for cmac().
  virtual Status cmac_all(const CmacBatch& batch, Octets macs) = 0;
};

}  // namespace rekey
