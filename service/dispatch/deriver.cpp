// SPDX-License-Identifier: Apache-2.0
#include "dispatch/deriver.h"

#include "columns/result_columns.h"

namespace rekey::dispatch {

Derivation Deriver::derive(const CheckedBatch& batch, const BatchResult& result) {
  Derivation derivation = derive_verified(batch, result);
  if (observer_ != nullptr) {
    observer_->derived({.engine = derivation.engine,
                        .profile = batch.profile(),
                        .items = batch.count(),
                        .verified = derivation.verified.count(batch.count()),
                        .engine_us = derivation.engine_us,
                        .ok = derivation.status.ok()});
  }
  return derivation;
}

Derivation Deriver::derive_verified(const CheckedBatch& batch, const BatchResult& result) {
  Derivation derivation;
  Engine* engine = pool_->running();
  if (engine == nullptr) {
    derivation.status = {Code::kUnavailable, "no engine is serving: the referee was refused"};
    wipe(result);
    return derivation;
  }
  derivation.status = attempt(*engine, batch, result, &derivation);
  if (!derivation.status.ok() && engine != &pool_->stand_in()) {
    derivation.status = attempt(pool_->stand_in(), batch, result, &derivation);
  }
  if (!derivation.status.ok()) {
    wipe(result);
    // What went wrong inside is for the operator; a caller can only try again.
    derivation.status = {Code::kInternal, "no engine could derive these keys; none was returned"};
  }
  return derivation;
}

Status Deriver::attempt(Engine& engine, const CheckedBatch& batch, const BatchResult& result,
                        Derivation* out_derivation) {
  out_derivation->engine = engine.name();
  const std::uint64_t start_us = clock_->now_us();
  Status status = engine.derive(batch, result);
  out_derivation->engine_us += clock_->now_us() - start_us;
  if (!status.ok()) {
    // There is nobody to stand in for the stand-in, and a failure is not a wrong key.
    if (&engine != &pool_->stand_in())
      pool_->quarantine(engine, "derivation failed: " + status.message());
    return status;
  }
  out_derivation->verified = Sample::draw(verify_, *random_);
  switch (verify(batch, result, out_derivation->verified, verifier_of(engine))) {
    case Verdict::kRight:
      return {};
    case Verdict::kUnable:
      return {Code::kInternal, "OpenSSL failed to verify"};
    case Verdict::kWrong:
      pool_->quarantine(engine, "verification failed: a key differs from OpenSSL's");
      return {Code::kInternal, "a wrong key"};
  }
  return {Code::kInternal, "unknown verdict"};
}

Engine& Deriver::verifier_of(const Engine& engine) const {
  const bool by_stand_in = verify_ == Verify::kAll && &engine != &pool_->stand_in();
  return by_stand_in ? pool_->stand_in() : pool_->referee();
}

}  // namespace rekey::dispatch
