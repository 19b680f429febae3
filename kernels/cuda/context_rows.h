// SPDX-License-Identifier: Apache-2.0
//
// Where resident AMSs lie in device memory: a row each, so that a handover, whose AMSs lie
// anywhere, touches two sectors of memory an AMS and not one for every value.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cuda/host_device.h"
#include "cuda/octet_words.h"
#include "rekey/octets.h"

namespace rekey::cuda {

/// What memory is read by: a row has a multiple of it.
inline constexpr std::uint32_t kSectorOctets = 32;

// The octets of a row at which each value stands, aligned as columns are.
inline constexpr std::uint32_t kPmkInRow = 0;
inline constexpr std::uint32_t kNonceInRow = 24;
inline constexpr std::uint32_t kMsidInRow = 32;
inline constexpr std::uint32_t kAkSnInRow = 38;
inline constexpr std::uint32_t kSaidsInRow = 40;

static_assert(kPmkInRow + kPmkOctets <= kNonceInRow &&
              kNonceInRow % column_unit(kNonceOctets) == 0);
static_assert(kNonceInRow + kNonceOctets <= kMsidInRow &&
              kMsidInRow % column_unit(kMsidOctets) == 0);
static_assert(kMsidInRow + kMsidOctets <= kAkSnInRow && kAkSnInRow + kAkSnOctets <= kSaidsInRow);

/// row_octets returns the length of a row with room for `saids_octets` octets of SAIDs.
constexpr std::uint32_t row_octets(std::uint32_t saids_octets) {
  return (kSaidsInRow + saids_octets + kSectorOctets - 1) / kSectorOctets * kSectorOctets;
}

/// ContextRows are rows in device memory, aligned to a sector.
struct ContextRows {
  std::uint8_t* data = nullptr;
  std::uint32_t octets = 0;  ///< of one row
};

/// RowWrite is one launch that writes `count` rows: row `numbers[i]` becomes the i-th of those one
/// after the other in `from`, or zero where there is no `from`.
struct RowWrite {
  ContextRows rows;
  const std::uint32_t* numbers = nullptr;
  const std::uint8_t* from = nullptr;
  std::uint32_t count = 0;

  /// How many units of a block a launch writes.
  [[nodiscard]] REKEY_HOST_DEVICE std::uint32_t units() const {
    return count * (rows.octets / static_cast<std::uint32_t>(kBlockOctets));
  }
};

/// write_unit writes one unit of a launch; neighbours lie in one row.
REKEY_HOST_DEVICE inline void write_unit(const RowWrite& write, std::uint32_t unit) {
  const std::uint32_t units_of_row = write.rows.octets / static_cast<std::uint32_t>(kBlockOctets);
  const Block block =
      write.from == nullptr ? Block{} : load_block(write.from + std::size_t{unit} * kBlockOctets);
  const std::size_t row = std::size_t{write.numbers[unit / units_of_row]} * write.rows.octets;
  store_block(block, write.rows.data + row + unit % units_of_row * kBlockOctets);
}

}  // namespace rekey::cuda
