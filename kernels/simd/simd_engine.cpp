// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

#include "engine/absent_engine.h"
#include "rekey/engines.h"
#include "rekey/worker_pool.h"
#include "simd/split_batch.h"
#include "simd/target_kernels.h"

namespace rekey {
namespace {

constexpr std::string_view kName = "simd";

class SimdEngine final : public Engine {
 public:
  SimdEngine(const simd::TargetKernels& kernels, WorkerPool* pool)
      : kernels_(kernels), pool_(pool) {}

  [[nodiscard]] std::string_view name() const override { return kName; }
  [[nodiscard]] std::string description() const override {
    return std::string(kernels_.name) + ", " + std::to_string(kernels_.abreast) + " AMSs abreast" +
           (has_threads() ? ", " + std::to_string(pool_->threads()) + " threads" : "");
  }
  [[nodiscard]] std::string unavailable_reason() const override { return {}; }

 protected:
  Status derive_all(const CheckedBatch& batch, const BatchResult& result) override {
    if (has_threads() && simd::worth_splitting(batch)) return derive_split(batch, result);
    const std::int64_t ran = kernels_.derive(batch, {.items = batch.count()}, result);
    return check_ran(ran);
  }
  Status cmac_all(const CmacBatch& batch, Octets macs) override {
    const std::int64_t ran = kernels_.cmac(batch, macs);
    return check_ran(ran);
  }

 private:
  [[nodiscard]] bool has_threads() const { return pool_ != nullptr && pool_->threads() > 1; }

  Status derive_split(const CheckedBatch& batch, const BatchResult& result) {
    const std::vector<simd::BatchRange> ranges =
        simd::split_batch(batch, kernels_.abreast, pool_->threads());
    std::atomic<std::int64_t> wrong = kernels_.id;
    pool_->run(ranges.size(), [&](WorkerPool::Parts& parts) {
      for (std::size_t part; parts.next(&part);) {
        const std::int64_t ran = kernels_.derive(batch, ranges[part], result);
        if (ran != kernels_.id) wrong = ran;
      }
    });
    return check_ran(wrong);
  }

  /// A dispatch table that is out of step would go unnoticed otherwise: every target is correct.
  [[nodiscard]] Status check_ran(std::int64_t ran) const {
    if (ran == kernels_.id) return {};
    return {Code::kInternal, "simd: the code that ran was compiled for a target other than " +
                                 std::string(kernels_.name)};
  }

  const simd::TargetKernels& kernels_;
  WorkerPool* const pool_;  ///< null: the calling thread alone
};

std::string list(const std::vector<std::string_view>& targets) {
  std::string names;
  for (std::string_view target : targets) {
    if (!names.empty()) names += ", ";
    names += target;
  }
  return names.empty() ? "none" : names;
}

/// Why no code can run for the target asked for; empty `target`: for any.
std::string absence_reason(std::string_view target) {
  std::vector<std::string_view> compiled;
  for (const simd::TargetKernels& kernels : simd::compiled_kernels()) {
    compiled.push_back(kernels.name);
  }
  if (target.empty()) return "this machine has no instruction set of " + list(compiled);
  const bool known = std::ranges::find(compiled, target) != compiled.end();
  return "target: expected one of " + list(simd_targets()) + ", found " + std::string(target) +
         (known ? ", which this machine lacks" : ", which is not known");
}

}  // namespace

std::unique_ptr<Engine> make_simd_engine(std::string_view target, WorkerPool* pool) {
  for (const simd::TargetKernels& kernels : simd::compiled_kernels()) {
    const bool chosen = target.empty() || kernels.name == target;
    if (chosen && simd::runs_here(kernels)) return std::make_unique<SimdEngine>(kernels, pool);
  }
  return std::make_unique<AbsentEngine>(kName, absence_reason(target));
}

std::vector<std::string_view> simd_targets() {
  std::vector<std::string_view> names;
  for (const simd::TargetKernels& kernels : simd::compiled_kernels()) {
    if (simd::runs_here(kernels)) names.push_back(kernels.name);
  }
  return names;
}

}  // namespace rekey
