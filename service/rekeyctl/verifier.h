// SPDX-License-Identifier: Apache-2.0
//
// Re-derives keys with OpenSSL in this process and compares.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "rekey/engine.h"
#include "rekeyctl/deriver.h"

namespace rekey::ctl {

/// Verifier counts what it compared.
class Verifier {
 public:
  /// make returns an error when the OpenSSL engine fails its own known answers.
  static Status make(std::unique_ptr<Verifier>* out_verifier);

  /// verify compares every key of the chunk. An AMS with a key that differs, or one that failed and
  /// has an octet other than zero, is set to failed, so that its keys are not passed on.
  Status verify(Chunk* chunk);

  /// Keys that were compared and are right.
  [[nodiscard]] std::uint64_t verified() const { return verified_; }
  /// Keys that were compared and are wrong.
  [[nodiscard]] std::uint64_t mismatches() const { return mismatches_; }

 private:
  explicit Verifier(std::unique_ptr<Engine> referee) : referee_(std::move(referee)) {}
  void compare(std::size_t item, const wave::DerivedKeys& right, Chunk* chunk);

  std::unique_ptr<Engine> referee_;
  std::uint64_t verified_ = 0;
  std::uint64_t mismatches_ = 0;
};

}  // namespace rekey::ctl
