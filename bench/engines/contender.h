// SPDX-License-Identifier: Apache-2.0
//
// What is measured side by side: an engine, or another way to derive the same keys.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "rekey/batch.h"
#include "rekey/status.h"
#include "rekey/worker_pool.h"

namespace rekey::bench {

/// Contender derives batches.
class Contender {
 public:
  Contender() = default;
  Contender(const Contender&) = delete;
  Contender& operator=(const Contender&) = delete;
  virtual ~Contender() = default;

  /// The name in the report, such as `simd`.
  [[nodiscard]] virtual std::string name() const = 0;
  /// What it runs on, such as `AVX2, 4 AMSs abreast`.
  [[nodiscard]] virtual std::string description() const = 0;
  /// The AES instruction whose rate bounds it (see aes_instructions.h); empty: no bound is known.
  [[nodiscard]] virtual std::string_view aes_instruction() const { return {}; }
  /// What it spreads large batches over; null: it runs on the calling thread alone.
  [[nodiscard]] virtual WorkerPool* pool() const { return nullptr; }
  /// Whether it may be measured: kUnavailable when it cannot run here, kFailedPrecondition when its
  /// known answers come out wrong.
  virtual Status admit() = 0;
  /// derive is Engine::derive.
  virtual Status derive(const CheckedBatch& batch, const BatchResult& result) = 0;
};

/// ContenderChoice says which contenders take part beside those that always do.
struct ContenderChoice {
  /// Targets to force the simd engine to, one contender `simd_TARGET` each; empty: one contender
  /// `simd` on the best target.
  std::vector<std::string> simd_targets;
  /// What the simd engine spreads large batches over; outlives the contenders. Null: one thread. To
  /// each contender on several threads one on the calling thread is added, `NAME-1-thread`.
  WorkerPool* pool = nullptr;
};

/// make_contenders returns every contender, the baseline first. Of the library's two OpenSSL
/// engines, `openssl` is the one that serves under that name, `openssl-referee` the one on EVP_MAC.
std::vector<std::unique_ptr<Contender>> make_contenders(const ContenderChoice& choice);

/// make_simd_contenders returns the simd engine alone, on every target chosen.
std::vector<std::unique_ptr<Contender>> make_simd_contenders(const ContenderChoice& choice);

}  // namespace rekey::bench
