// SPDX-License-Identifier: Apache-2.0
//
// Stands in the list for an engine that this build or this machine cannot have.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "rekey/engine.h"

namespace rekey {

/// AbsentEngine is never available and says why. `name` must outlive it.
class AbsentEngine final : public Engine {
 public:
  AbsentEngine(std::string_view name, std::string reason)
      : name_(name), reason_(std::move(reason)) {}

  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] std::string description() const override { return "absent"; }
  [[nodiscard]] std::string unavailable_reason() const override { return reason_; }

 protected:
  Status derive_all(const CheckedBatch&, const BatchResult&) override { return absent(); }
  Status cmac_all(const CmacBatch&, Octets) override { return absent(); }

 private:
  [[nodiscard]] Status absent() const { return {Code::kUnavailable, reason_}; }

  std::string_view name_;
  std::string reason_;
};

}  // namespace rekey
