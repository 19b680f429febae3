// SPDX-License-Identifier: Apache-2.0
//
// Writes AMSs as rows (context_rows.h), on the host.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "cuda/context_rows.h"
#include "rekey/batch.h"
#include "rekey/octets.h"

namespace rekey::cuda {

/// RowPacker packs items of a batch, piece by piece in ascending order.
class RowPacker {
 public:
  /// `batch` must outlive it, and no item have more SAIDs than a row has room for.
  RowPacker(const CheckedBatch& batch, std::uint32_t row_octets)
      : batch_(batch), row_octets_(row_octets) {}

  /// pack writes the rows of `items` one after the other.
  void pack(std::span<const std::uint32_t> items, Octets out_rows) {
    std::ranges::fill(out_rows, std::uint8_t{0});
    const std::size_t said_octets = batch_.options().said_octets;
    std::uint8_t* row = out_rows.data();
    for (const std::uint32_t item : items) {
      next_said_ += batch_.sa_count(next_item_, item - next_item_) * said_octets;
      next_item_ = item;
      std::copy_n(batch_.pmk().at(item), kPmkOctets, row + kPmkInRow);
      std::copy_n(batch_.msid().at(item), kMsidOctets, row + kMsidInRow);
      if (batch_.nonce().data != nullptr) {
        std::copy_n(batch_.nonce().at(item), kNonceOctets, row + kNonceInRow);
      }
      std::copy_n(batch_.ak_sn().at(item), kAkSnOctets, row + kAkSnInRow);
      std::ranges::copy(batch_.saids().subspan(next_said_, batch_.sa_count(item) * said_octets),
                        row + kSaidsInRow);
      row += row_octets_;
    }
  }

 private:
  const CheckedBatch& batch_;
  const std::uint32_t row_octets_;
  // Where the SAIDs of an item are found: those of all items before it come first.
  std::uint32_t next_item_ = 0;
  std::size_t next_said_ = 0;
};

}  // namespace rekey::cuda
