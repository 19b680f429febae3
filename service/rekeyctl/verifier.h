// SPDX-License-Identifier: Apache-2.0
//
// Re-derives keys with OpenSSL in this process and compares.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "rekey/engine.h"
#include "rekeyctl/deriver.h"

namespace rekey::ctl {

/// Verifier counts what it compared. Keys that the fast OpenSSL engine derived, here or on a
/// server, are compared with those of the other OpenSSL engine, and all other keys with those of
/// the fast one: an engine is never verified by itself.
class Verifier {
 public:
  /// make returns an error when an OpenSSL engine fails its own known answers.
  static Status make(std::unique_ptr<Verifier>* out_verifier);

  /// verify compares every key of the chunk. An AMS with a key that differs, or one that failed and
  /// has an octet other than zero, is set to failed, so that its keys are not passed on.
  Status verify(Chunk* chunk);

  /// Keys that were compared and are right.
  [[nodiscard]] std::uint64_t verified() const { return verified_; }
  /// Keys that were compared and are wrong.
  [[nodiscard]] std::uint64_t mismatches() const { return mismatches_; }

 private:
  Verifier(std::unique_ptr<Engine> fast, std::unique_ptr<Engine> referee)
      : fast_(std::move(fast)), referee_(std::move(referee)) {}
  [[nodiscard]] Engine& verifier_of(const Chunk& chunk) const {
    // An answer may name several engines.
    return chunk.engine.find(fast_->name()) == std::string::npos ? *fast_ : *referee_;
  }
  void compare(std::size_t item, const wave::DerivedKeys& right, Chunk* chunk);

  std::unique_ptr<Engine> fast_;
  std::unique_ptr<Engine> referee_;
  std::uint64_t verified_ = 0;
  std::uint64_t mismatches_ = 0;
};

}  // namespace rekey::ctl
