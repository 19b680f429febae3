// SPDX-License-Identifier: Apache-2.0
#include "dispatch/deriver.h"

namespace rekey::dispatch {

Derivation Deriver::derive(Engine& engine, const CheckedBatch& batch, const BatchResult& result) {
  const Derivation derivation = attempt(engine, batch, result);
  if (observer_ != nullptr) {
    observer_->derived({.engine = engine.name(),
                        .profile = batch.profile(),
                        .items = batch.count(),
                        .verified = derivation.verified.count(batch.count()),
                        .engine_us = derivation.engine_us,
                        .ok = derivation.outcome == scheduler::BatchOutcome::kDone});
  }
  return derivation;
}

Derivation Deriver::attempt(Engine& engine, const CheckedBatch& batch, const BatchResult& result) {
  Derivation derivation;
  const std::uint64_t start_us = clock_->now_us();
  const Status status = engine.derive(batch, result);
  derivation.engine_us = clock_->now_us() - start_us;
  if (!status.ok()) {
    if (&engine != &pool_->stand_in()) {
      pool_->quarantine(engine, "derivation failed: " + status.message());
    }
    return derivation;
  }
  derivation.verified = Sample::draw(verify_, *random_);
  Verdict verdict = Verdict::kRight;
  if (derivation.verified.count(batch.count()) > 0) {
    verdict = verify(batch, result, derivation.verified, verifier_of(engine));
    derivation.verify_us = clock_->now_us() - start_us - derivation.engine_us;
  }
  switch (verdict) {
    case Verdict::kRight:
      derivation.outcome = scheduler::BatchOutcome::kDone;
      break;
    case Verdict::kUnable:
      derivation.outcome = scheduler::BatchOutcome::kUnverified;
      break;
    case Verdict::kWrong:
      pool_->quarantine(engine, "verification failed: a key differs from OpenSSL's");
      derivation.outcome = scheduler::BatchOutcome::kWrong;
      break;
  }
  return derivation;
}

Engine& Deriver::verifier_of(const Engine& engine) const {
  const bool by_stand_in = verify_ == Verify::kAll && &engine != &pool_->stand_in();
  return by_stand_in ? pool_->stand_in() : pool_->referee();
}

}  // namespace rekey::dispatch
