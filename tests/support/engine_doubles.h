// SPDX-License-Identifier: Apache-2.0
//
// Engines that go wrong in chosen ways.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "rekey/engine.h"

namespace rekey::test {

/// FlippingEngine derives with another engine, then flips one bit.
class FlippingEngine final : public Engine {
 public:
  /// Where the bit is flipped: in the `kind` column at value `place` (of TEKs: in the flat column),
  /// or, without a kind, in the MAC of item `place`. Batches without that place stay right.
  struct Flip {
    std::optional<KeyKind> kind;
    std::size_t place = 0;
  };

  FlippingEngine(std::unique_ptr<Engine> inner, Flip flip)
      : inner_(std::move(inner)), flip_(flip) {}

  [[nodiscard]] std::string_view name() const override { return "flipping"; }
  [[nodiscard]] std::string description() const override { return "flips a bit"; }
  [[nodiscard]] std::string unavailable_reason() const override {
    return inner_->unavailable_reason();
  }

 protected:
  Status derive_all(const CheckedBatch& batch, const BatchResult& result) override {
    Status status = inner_->derive(batch, result);
    if (flip_.kind) flip(result.column(*flip_.kind), key_octets(*flip_.kind));
    return status;
  }

  Status cmac_all(const CmacBatch& batch, Octets macs) override {
    Status status = inner_->cmac(batch, macs);
    if (!flip_.kind) flip(macs, kBlockOctets);
    return status;
  }

 private:
  void flip(Octets column, std::size_t width) const {
    const std::size_t first = flip_.place * width;
    if (first < column.size()) column[first + width - 1] ^= 1;
  }

  std::unique_ptr<Engine> inner_;
  Flip flip_;
};

/// FailingEngine writes to every column, then fails.
class FailingEngine final : public Engine {
 public:
  [[nodiscard]] std::string_view name() const override { return "failing"; }
  [[nodiscard]] std::string description() const override { return "always fails"; }
  [[nodiscard]] std::string unavailable_reason() const override { return {}; }

 protected:
  Status derive_all(const CheckedBatch&, const BatchResult& result) override {
    for (KeyKind kind : kAllKeyKinds) spoil(result.column(kind));
    return {Code::kInternal, "out of order"};
  }

  Status cmac_all(const CmacBatch&, Octets macs) override {
    spoil(macs);
    return {Code::kInternal, "out of order"};
  }

 private:
  static void spoil(Octets octets) {
    for (std::uint8_t& octet : octets) octet = 0x5A;
  }
};

/// UnavailableEngine cannot run here, and ends the program when it is made to.
class UnavailableEngine final : public Engine {
 public:
  [[nodiscard]] std::string_view name() const override { return "unavailable"; }
  [[nodiscard]] std::string description() const override { return "none"; }
  [[nodiscard]] std::string unavailable_reason() const override { return "no such device"; }

 protected:
  Status derive_all(const CheckedBatch&, const BatchResult&) override { std::abort(); }
  Status cmac_all(const CmacBatch&, Octets) override { std::abort(); }
};

}  // namespace rekey::test
