// SPDX-License-Identifier: Apache-2.0
//
// Derives one batch so that no wrong key leaves: verified, and done again by the stand-in when the
// engine fails (see engine_pool.h for who verifies whom).
#pragma once

#include <cstdint>
#include <string>

#include "dispatch/clock.h"
#include "dispatch/derivation_observer.h"
#include "dispatch/engine_pool.h"
#include "dispatch/random.h"
#include "dispatch/verifier.h"
#include "rekey/batch.h"
#include "rekey/status.h"

namespace rekey::dispatch {

/// Derivation says how a batch was derived.
struct Derivation {
  Status status;
  std::string engine;           ///< whose keys these are
  std::uint64_t engine_us = 0;  ///< in engines, verification aside
  Sample verified;              ///< the items that were re-derived
};

/// Deriver derives batches on the pool's engines. Thread-safe.
class Deriver {
 public:
  /// All but `verify` must outlive this object. `observer` may be null.
  Deriver(EnginePool* pool, const Clock* clock, Random* random, Verify verify,
          DerivationObserver* observer = nullptr)
      : pool_(pool), clock_(clock), random_(random), verify_(verify), observer_(observer) {}

  /// derive fills `result` on the running engine. An engine that fails, or whose keys are not
  /// confirmed, is quarantined, and the stand-in derives the whole batch anew. When that fails too
  /// the status is kInternal, and kUnavailable when no engine serves; `result` is then all zero.
  Derivation derive(const CheckedBatch& batch, const BatchResult& result);

 private:
  Derivation derive_verified(const CheckedBatch& batch, const BatchResult& result);
  Status attempt(Engine& engine, const CheckedBatch& batch, const BatchResult& result,
                 Derivation* out_derivation);

  /// Who verifies `engine`: the stand-in where every key is verified, which is work enough to need
  /// the fast one; otherwise, and always when it is the stand-in that derived, the referee.
  [[nodiscard]] Engine& verifier_of(const Engine& engine) const;

  EnginePool* pool_;
  const Clock* clock_;
  Random* random_;
  Verify verify_;
  DerivationObserver* observer_;
};

}  // namespace rekey::dispatch
