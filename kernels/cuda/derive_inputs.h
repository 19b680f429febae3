// SPDX-License-Identifier: Apache-2.0
//
// What a DeriveJob derives from: a batch in columns of the caller, or AMSs whose rows are on the
// device already and of which only base station and count come with the request.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "cuda/ams.h"
#include "cuda/context_rows.h"
#include "rekey/batch.h"
#include "rekey/key_kind.h"
#include "rekey/octets.h"
#include "rekey/profile.h"
#include "rekey/resident.h"

namespace rekey::cuda {

/// DeriveInputs refers to what it was made from.
struct DeriveInputs {
  /// HostColumn is a column of the caller and its place in a launch. Without data there is none.
  struct HostColumn {
    InputColumn AmsColumns::*place = nullptr;
    const std::uint8_t* data = nullptr;
    std::size_t width = 0;
    bool shared = false;  ///< one value for all
  };

  explicit DeriveInputs(const CheckedBatch& batch);
  /// Item i is the AMS of row `numbers[i]`.
  DeriveInputs(const CheckedHandover& handover, const ContextRows& rows,
               std::span<const std::uint32_t> numbers);

  /// Security associations of one item.
  [[nodiscard]] std::uint32_t sa_count(std::size_t item) const {
    return sa_counts.empty() ? sas_of_each : sa_counts[item];
  }
  /// Whether `rows` hold what `columns` lack.
  [[nodiscard]] bool resident() const { return rows.data != nullptr; }

  Profile profile;
  ProfileOptions options;
  std::uint32_t count;
  std::array<HostColumn, 6> columns;
  ConstOctets sa_counts;  ///< one count an item; empty when each has `sas_of_each`
  std::uint32_t sas_of_each = 0;
  ConstOctets saids;  ///< flat; empty when they are in rows
  std::span<const std::uint16_t> tek_counters;
  KeySet outputs;
  ContextRows rows;
  ConstOctets row_numbers;  ///< 4 octets an item
};

}  // namespace rekey::cuda
