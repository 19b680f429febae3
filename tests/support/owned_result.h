// SPDX-License-Identifier: Apache-2.0
//
// Result columns with memory of their own.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "rekey/batch.h"

namespace rekey::test {

/// OwnedResult allocates the result columns of a batch. They start out as kUnwritten, so that
/// octets an engine leaves out are noticed.
class OwnedResult {
 public:
  static constexpr std::uint8_t kUnwritten = 0xA5;

  explicit OwnedResult(const CheckedBatch& batch);
  OwnedResult(const OwnedResult&) = delete;
  OwnedResult& operator=(const OwnedResult&) = delete;

  /// Refers to this object.
  [[nodiscard]] const BatchResult& result() const { return result_; }
  [[nodiscard]] ConstOctets column(KeyKind kind) const { return result_.column(kind); }
  /// One item's key; `kind` is not kTek.
  [[nodiscard]] ConstOctets key(KeyKind kind, std::size_t item) const;
  /// The TEK at a place in the flat column.
  [[nodiscard]] ConstOctets tek(std::size_t place) const;

 private:
  std::array<std::vector<std::uint8_t>, kAllKeyKinds.size()> columns_;
  BatchResult result_;
};

/// first_difference names the first key in which two results of one batch differ, with both
/// values; empty when they are the same.
std::string first_difference(const CheckedBatch& batch, const OwnedResult& expected,
                             const OwnedResult& found);

}  // namespace rekey::test
