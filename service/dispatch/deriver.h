// SPDX-License-Identifier: Apache-2.0
//
// Derives one batch on one engine, and verifies it (see engine_pool.h for who verifies whom).
#pragma once

#include <cstdint>

#include "dispatch/clock.h"
#include "dispatch/derivation_observer.h"
#include "dispatch/engine_pool.h"
#include "dispatch/random.h"
#include "dispatch/verifier.h"
#include "rekey/batch.h"
#include "scheduler/work.h"

namespace rekey::dispatch {

/// Derivation says how a batch was derived.
struct Derivation {
  scheduler::BatchOutcome outcome = scheduler::BatchOutcome::kFailed;
  std::uint64_t engine_us = 0;  ///< in the engine, verification aside
  std::uint64_t verify_us = 0;  ///< what verification took after that
  Sample verified;              ///< the items that were re-derived
};

/// Deriver derives batches on the pool's engines. Thread-safe.
class Deriver {
 public:
  /// All but `verify` must outlive this object. `observer` may be null.
  Deriver(EnginePool* pool, const Clock* clock, Random* random, Verify verify,
          DerivationObserver* observer = nullptr)
      : pool_(pool), clock_(clock), random_(random), verify_(verify), observer_(observer) {}

  /// derive fills `result` on an engine of the pool. An engine that fails, or has a key wrong, is
  /// quarantined, but not the stand-in for a failure: there is nobody to stand in for it, and a
  /// failure is not a wrong key. Unless the outcome is kDone, `result` is then of no use.
  Derivation derive(Engine& engine, const CheckedBatch& batch, const BatchResult& result);

  /// sampled says whether only a share of the keys is verified.
  [[nodiscard]] bool sampled() const { return verify_ == Verify::kSampled; }

 private:
  Derivation attempt(Engine& engine, const CheckedBatch& batch, const BatchResult& result);

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
