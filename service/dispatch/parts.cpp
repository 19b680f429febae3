// SPDX-License-Identifier: Apache-2.0
#include "dispatch/parts.h"

namespace rekey::dispatch {
namespace {

/// Derives neighbouring parts as one batch.
class Run {
 public:
  Run(Deriver* deriver, Engine* engine, PartsDerivation* total)
      : deriver_(deriver), engine_(engine), total_(total) {}

  /// Returns whether it is done.
  bool derive(std::span<const Part> parts) {
    Derivation derivation;
    if (parts.size() == 1) {
      derivation = deriver_->derive(*engine_, parts.front().batch, parts.front().result);
    } else if (MergedBatch merged; !merged.load(parts).ok()) {
      derivation.outcome = scheduler::BatchOutcome::kUnverified;
    } else {
      derivation = deriver_->derive(*engine_, merged.batch(), merged.result());
      if (derivation.outcome == scheduler::BatchOutcome::kDone) merged.split(parts);
    }
    const std::vector<bool> verified = verified_parts(derivation.verified, parts);
    total_->verified.insert(total_->verified.end(), verified.begin(), verified.end());
    total_->engine_us += derivation.engine_us;
    total_->verify_us += derivation.verify_us;
    total_->outcome = derivation.outcome;
    return derivation.outcome == scheduler::BatchOutcome::kDone;
  }

 private:
  Deriver* deriver_;
  Engine* engine_;
  PartsDerivation* total_;
};

bool is_small(const Part& part) { return part.batch.count() < kInPlaceItems; }

}  // namespace

PartsDerivation derive_whole(Deriver& deriver, Engine& engine, const CheckedBatch& batch,
                             const BatchResult& result) {
  const Derivation derivation = deriver.derive(engine, batch, result);
  return {derivation.outcome,
          derivation.engine_us,
          derivation.verify_us,
          {derivation.verified.covers(/*first_item=*/0, batch.count())}};
}

PartsDerivation derive_parts(Deriver& deriver, Engine& engine, std::span<const Part> parts) {
  PartsDerivation total;
  total.verified.reserve(parts.size());
  Run run(&deriver, &engine, &total);
  for (std::size_t first = 0; first < parts.size();) {
    std::size_t end = first + 1;
    if (is_small(parts[first])) {
      while (end < parts.size() && is_small(parts[end])) ++end;
    }
    if (!run.derive(parts.subspan(first, end - first))) break;
    first = end;
  }
  return total;
}

std::vector<bool> verified_parts(const Sample& sample, std::span<const Part> parts) {
  std::vector<bool> verified;
  verified.reserve(parts.size());
  std::size_t first_item = 0;
  for (const Part& part : parts) {
    verified.push_back(sample.covers(first_item, part.batch.count()));
    first_item += part.batch.count();
  }
  return verified;
}

}  // namespace rekey::dispatch
